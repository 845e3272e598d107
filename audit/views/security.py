"""How one signs in: the password, second factors, and where one is signed in now."""

from typing import cast

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from audit.accounts import passkeys, required, sessions
from audit.models import User


class SeeOther(HttpResponseRedirect):
    """What follows from a POST stands at another address."""

    status_code = 303


@never_cache
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The second tab of one's own page."""
    user = cast(User, request.user)
    held = list(Authenticator.objects.filter(user_id=user.pk).order_by("pk")[:50])
    kinds = Authenticator.Type
    codes = next((one for one in held if one.type == kinds.RECOVERY_CODES), None)
    context = {
        "app": next((one for one in held if one.type == kinds.TOTP), None),
        "passkeys": [one for one in held if one.type == kinds.WEBAUTHN],
        "codes": codes,
        "codes_left": len(codes.wrap().get_unused_codes()) if codes else 0,
        "sessions": sessions.of(request, user),
        "asked": required.asked_of(user),
        "has_factor": any(one.type in required.FACTORS for one in held),
        "passkeys_work": passkeys.work(request),
    }
    return render(request, "audit/security.html", context)


@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of one's own sessions; its pages are closed at once."""
    if not sessions.end(request, cast(User, request.user), pk):
        raise Http404
    messages.success(request, _("That session is ended."))
    return SeeOther(reverse("me-security") + "#sessions")


@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    """End all of one's own sessions but this one."""
    ended = sessions.end_others(request, cast(User, request.user))
    told = ngettext("%(n)d other session is ended.", "%(n)d other sessions are ended.", ended)
    messages.success(request, told % {"n": ended} if ended else _("There was no other session."))
    return SeeOther(reverse("me-security") + "#sessions")
