"""Light, dark, or as the reader's system says: kept with the person, and in a cookie for who is not signed in."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from audit import preferring
from audit.preferring import THEMES

COOKIE = "theme"
YEAR = 60 * 60 * 24 * 365


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Keep the choice and go back to where it was made, never to another host."""
    wanted, back = request.POST.get("theme", ""), request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    response = redirect(back if safe else settings.LOGIN_REDIRECT_URL)
    if (user := preferring.reader(request)) is not None:
        preferring.keep(user, theme=wanted if wanted in THEMES else "")
    put(response, wanted)
    return response


def put(response: HttpResponse, theme: str) -> None:
    """The cookie of this browser, for pages before signing in."""
    if theme in THEMES:
        response.set_cookie(COOKIE, theme, max_age=YEAR, samesite="Lax", secure=settings.HTTPS)
    else:
        response.delete_cookie(COOKIE, samesite="Lax")
