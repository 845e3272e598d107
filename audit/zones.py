"""Times in the reader's zone: the one that they chose, else the one that the browser names in a cookie."""

import zoneinfo
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from audit import preferring

COOKIE = "zone"


class ZoneMiddleware:
    """Activates the reader's zone, if there is such a zone."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = preferring.held(request)
        named = (chosen.zone if chosen is not None else "") or request.COOKIES.get(COOKIE, "")
        with timezone.override(zoneinfo.ZoneInfo(named) if named in preferring.ZONES else None):
            return self.get_response(request)
