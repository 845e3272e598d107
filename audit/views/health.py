"""Whether this process can do its work, for whoever watches over it."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from audit import standing


@require_safe
@never_cache
def show(request: HttpRequest) -> JsonResponse:
    """Yes and no. 503 only without the database: decisions are taken while the queue is away."""
    found = standing.look()
    return JsonResponse(found._asdict(), status=200 if found.database else 503)
