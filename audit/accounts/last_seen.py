"""When a session was last seen: written at most once in some minutes, however much is asked in it."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest, HttpResponse

from audit.clock_time import HandrailNow

EVERY = 300.0  # seconds
MOST = 10_000  # sessions that one process remembers

_written: dict[str, float] = {}


class LastSeenMiddleware:
    """Notes that a session was seen, once its request was answered.

    Each process remembers when it last wrote; the row itself says whether another one has.
    """

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        session = request.session
        key = session.session_key if session.accessed and SESSION_KEY in session else ""
        if key and _is_due(key):
            since = HandrailNow() - timedelta(seconds=EVERY)
            UserSession.objects.filter(session_key=key, last_seen_at__lt=since).update(last_seen_at=HandrailNow())
        return response


def connect() -> None:
    """Listen to sign-ins: a session that has just begun needs no note."""
    user_logged_in.connect(_begun, dispatch_uid="audit.last_seen")


def forget() -> None:
    """Write again at the next chance."""
    _written.clear()


def _begun(sender: Any, request: HttpRequest, **_: Any) -> None:
    if key := request.session.session_key:
        _is_due(key)


def _is_due(key: str) -> bool:
    moment = time.monotonic()
    if moment - _written.get(key, -EVERY) < EVERY:
        return False
    if len(_written) >= MOST:
        _written.clear()
    _written[key] = moment
    return True
