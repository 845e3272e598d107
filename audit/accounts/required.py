"""Who must show a second factor, and that nobody gets past it: pages, fragments and sockets alike."""

from collections.abc import Callable, Mapping
from typing import Any

from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
    clear_authentication_records,
)
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from audit.models import User

EVERYBODY = "everybody"
PASSED = "second_factor"  # in the session: whose second factor was set up in it
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
# Where somebody without one sets it up, or shows the one that they have.
OPEN = {
    "me-security",
    "mfa_index",
    "mfa_list_webauthn",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_view_recovery_codes",
    "mfa_download_recovery_codes",
    "account_reauthenticate",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "logout",
    "account_logout",
}


def asked_of(user: User) -> bool:
    """Whether this person needs a second factor."""
    wanted = settings.HANDRAIL_SECOND_FACTOR
    return bool(wanted) and (EVERYBODY in wanted or not set(wanted).isdisjoint(user.group_names.values()))


def has_factor(user: User) -> bool:
    """Whether this person has set one up; recovery codes alone are none."""
    return bool(Authenticator.objects.filter(user_id=user.pk, type__in=FACTORS).exists())


def shown_in(session: Mapping[str, Any], user: User) -> bool:
    """Whether a second factor, or a passkey, was shown in this session."""
    if session.get(PASSED) == user.pk:
        return True
    if session.get(_AUTHENTICATION_METHODS_USER_SESSION_KEY) != str(user.pk):
        return False
    return any(one.get("method") == "mfa" for one in session.get(AUTHENTICATION_METHODS_SESSION_KEY, []))


def lacks(session: Mapping[str, Any], user: User) -> bool:
    """Whether this session may not go on before a second factor was shown."""
    return bool(settings.HANDRAIL_SECOND_FACTOR) and not shown_in(session, user) and asked_of(user)


def passed(request: HttpRequest, user: User) -> None:
    """Whoever sets a factor up has shown it."""
    request.session[PASSED] = user.pk


def forget(request: HttpRequest) -> None:
    """What was shown in this session counts no longer."""
    request.session.pop(PASSED, None)
    clear_authentication_records(request)


class SecondFactorMiddleware:
    """Leads whoever needs a second factor and has not shown one to where they do."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Fail closed: only addresses that need no login, and those that set a factor up, stay open."""
        if not settings.HANDRAIL_SECOND_FACTOR or not getattr(view, "login_required", True):
            return None
        name = request.resolver_match.url_name if request.resolver_match else None
        user = request.user
        if name in OPEN or not isinstance(user, User) or not lacks(request.session, user):
            return None
        if has_factor(user):
            back = request.get_full_path() if request.method == "GET" else reverse("home")
            return redirect(reverse("mfa_reauthenticate", query={"next": back}))
        messages.warning(request, _("Set up a second factor first: an authenticator app or a passkey."))
        return redirect("me-security")
