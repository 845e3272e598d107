"""What each person set for themselves: theme, language, zone and keys. Read with the person, so it costs no query."""

import json
import zoneinfo
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from audit.models import Preferences, User

THEMES = ("light", "dark")
ZONES = zoneinfo.available_timezones()


def of(user: User) -> Preferences:
    """What this person set; a row that is not saved where they set nothing."""
    held: Preferences | None = getattr(user, "preferences", None)
    return held if held is not None else Preferences(user=user)


def keep(user: User, **chosen: Any) -> Preferences:
    """Set some of it."""
    row, _made = Preferences.objects.update_or_create(user=user, defaults=chosen)
    user.preferences = row
    return row


def reader(request: HttpRequest) -> User | None:
    """Who looks, if they are signed in; asks nothing where no session came along."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return None
    user = getattr(request, "user", None)  # a request that was refused at the door has none
    return user if isinstance(user, User) else None


def held(request: HttpRequest) -> Preferences | None:
    """What the reader set, if they set anything."""
    user = reader(request)
    return getattr(user, "preferences", None) if user is not None else None


class LanguageMiddleware:
    """Speaks the reader's own language where they chose one; else as the browser asks."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        found = held(request)
        if found is not None and found.language in dict(settings.LANGUAGES):
            translation.activate(found.language)  # LocaleMiddleware begins anew with each request
            request.LANGUAGE_CODE = translation.get_language()
        return self.get_response(request)


def preferred(request: HttpRequest) -> dict[str, Any]:
    """The template context `theme`, `keys_on` and `keymap`."""
    found, cookie = held(request), request.COOKIES.get("theme", "")
    theme = found.theme if found is not None else cookie
    return {
        "theme": theme if theme in THEMES else "",
        "keys_on": found is None or found.keys_on,
        "keymap": json.dumps(found.keys) if found is not None and found.keys else "",
    }
