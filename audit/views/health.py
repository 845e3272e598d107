"""Whether this process can do its work, for a load balancer."""

from django.http import HttpRequest, JsonResponse


def show(request: HttpRequest) -> JsonResponse:
    """Plain yes and no."""
    return JsonResponse({})
