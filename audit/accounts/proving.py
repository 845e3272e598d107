"""Showing anew who one is, for one act alone: by the password, a code of the app, or a passkey.

Nothing of it is remembered: what was shown is good for the act that it came with. A passkey signs a challenge made of
what the act is, so that its answer fits no other. What is wrong counts like a wrong password at the login.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from allauth.core.exceptions import RateLimited
from allauth.mfa.base.internal.flows import check_rate_limit
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth as passkeys
from axes.handlers.proxy import AxesProxyHandler
from django.contrib.auth import authenticate
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from fido2.utils import websafe_encode
from fido2.webauthn import UserVerificationRequirement

from audit.accounts import places
from audit.canonical import canonical
from audit.clock_time import now
from audit.models import User

PASSWORD, CODE, PASSKEY = "password", "totp", "passkey"
ASKED = "proving"  # in the session: what a passkey was asked to sign
WITHIN = timedelta(minutes=5)


class NotProven(Exception):
    """It was not shown: a sentence for the person, and whether anything was given at all."""

    def __init__(self, told: str, *, tried: bool = True) -> None:
        super().__init__(told)
        self.tried = tried


class Ways(NamedTuple):
    """How this person can show who they are."""

    password: bool
    code: bool
    passkey: bool


@dataclass(frozen=True, slots=True)
class Given:
    """What came in. The first of them that is there counts."""

    password: str = ""
    code: str = ""
    credential: str = ""

    @classmethod
    def of(cls, post: Mapping[str, str]) -> "Given":
        """Read from a form."""
        password, code, credential = (post.get(name, "") for name in ("password", "code", "credential"))
        return cls(password[:4096], code.strip()[:20], credential[:20_000])

    def __bool__(self) -> bool:
        return bool(self.password or self.code or self.credential)


@dataclass(frozen=True, slots=True)
class Proof:
    """That it was shown: how, and when."""

    method: str
    at: datetime


def ways(user: User) -> Ways:
    """What this person has set up."""
    types = set(Authenticator.objects.filter(user_id=user.pk).values_list("type", flat=True))
    kinds = Authenticator.Type
    return Ways(user.has_usable_password(), kinds.TOTP in types, kinds.WEBAUTHN in types)


def challenge(request: HttpRequest, user: User, about: Mapping[str, Any]) -> dict[str, Any]:
    """What a passkey is to sign for this one act, as a browser wants it. It is good once, and for some minutes."""
    nonce = secrets.token_hex(32)
    options, state = passkeys.get_server().authenticate_begin(
        passkeys.get_credentials(user),
        user_verification=UserVerificationRequirement.REQUIRED,
        challenge=_bound(nonce, about),
    )
    request.session[ASKED] = {"nonce": nonce, "state": state, "at": now().isoformat()}
    return dict(options)


def prove(request: HttpRequest, user: User, given: Given, about: Mapping[str, Any]) -> Proof:
    """Raise `NotProven`, or say how it was shown. `request` is the person's own; nothing of its form is kept."""
    asked = request.session.pop(ASKED, None)
    if not given:
        raise NotProven(_("Show who you are to sign it."), tried=False)
    alone = _alone(request, user)
    if given.password:
        return _by_password(alone, user, given.password)
    if not AxesProxyHandler.is_allowed(alone, {"username": user.username}):
        raise NotProven(_locked())
    try:
        forgive = check_rate_limit(user)
        fits = _fits_code(user, given.code) if given.code else _fits_passkey(user, given.credential, asked, about)
    except (RateLimited, ValidationError):
        raise NotProven(_locked()) from None
    if not fits:
        user_login_failed.send(sender=__name__, credentials={"username": user.username}, request=alone)
        told = _("The code is not right, or it was used already.") if given.code else _("The passkey did not fit.")
        raise NotProven(told)
    forgive()
    return _proven(alone, user, CODE if given.code else PASSKEY)


def _by_password(alone: HttpRequest, user: User, password: str) -> Proof:
    shown = authenticate(alone, username=user.username, password=password)
    if shown is None or shown.pk != user.pk:
        locked = getattr(alone, "axes_locked_out", False)
        raise NotProven(_locked() if locked else _("The password is not right."))
    return _proven(alone, user, PASSWORD)


def _locked() -> str:
    return _("Too many wrong tries. Wait a quarter of an hour, then try again.")


def _proven(alone: HttpRequest, user: User, method: str) -> Proof:
    AxesProxyHandler.reset_attempts(username=user.username, ip_address=places.address(alone))
    return Proof(method, now())


def _alone(request: HttpRequest, user: User) -> HttpRequest:
    """The same request without its form: what a reviewer wrote goes into no table of failed tries."""
    alone = HttpRequest()
    alone.META, alone.method = request.META, "POST"
    alone.path = alone.path_info = request.path
    alone.session, alone.user = request.session, user
    return alone


def _fits_code(user: User, code: str) -> bool:
    """A code opens once; recovery codes are for signing in alone."""
    app = Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.TOTP).first()
    if app is None or not app.wrap().validate_code(code):
        return False
    app.record_usage()
    return True


def _fits_passkey(user: User, credential: str, asked: Any, about: Mapping[str, Any]) -> bool:
    """Whether a passkey of this person signed what was asked, and this act is what it was asked for."""
    if not isinstance(asked, dict) or now() - datetime.fromisoformat(asked["at"]) > WITHIN:
        return False
    state = asked["state"]
    if state["challenge"] != websafe_encode(_bound(asked["nonce"], about)):
        return False
    try:
        answer = json.loads(credential)
        passkeys.parse_authentication_response(answer)
        signed = passkeys.get_server().authenticate_complete(state, passkeys.get_credentials(user), answer)
    except (ValueError, TypeError, KeyError, RecursionError, ValidationError):
        return False
    found = passkeys.get_authenticator_by_credential_id(user, signed.credential_id)
    if found is not None:
        found.record_usage()
    return found is not None


def _bound(nonce: str, about: Mapping[str, Any]) -> bytes:
    return hashlib.sha256(canonical({"nonce": nonce, "about": dict(about)})).digest()
