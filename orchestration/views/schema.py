"""The schema of documents, for editors."""

from copy import deepcopy
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from orchestration.documents import reviews
from orchestration.documents.shape import SCHEMA

HOUR = 3600


@login_not_required  # editors fetch it without a session; it says how documents are written, and nothing of this house
@require_safe
@cache_control(public=True, max_age=HOUR)
def workflow(request: HttpRequest) -> JsonResponse:
    """The JSON schema of a workflow's document, with that of review sections in its place."""
    return JsonResponse(whole(), content_type="application/schema+json")


def whole() -> dict[str, Any]:
    """The schema as editors want it: in one piece."""
    schema: dict[str, Any] = deepcopy(SCHEMA)
    review = schema["$defs"]["step"]["properties"]["review"]
    review |= {"allOf": reviews.shapes()} if reviews.shapes() else {}
    return schema
