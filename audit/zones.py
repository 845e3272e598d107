"""Times in the reader's zone: the browser names it in a cookie."""

import zoneinfo
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

COOKIE = "zone"
_known = zoneinfo.available_timezones()


class ZoneMiddleware:
    """Activates the zone that the reader's browser named, if there is such a zone."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        named = request.COOKIES.get(COOKIE, "")
        with timezone.override(zoneinfo.ZoneInfo(named) if named in _known else None):
            return self.get_response(request)
