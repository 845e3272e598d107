"""Signing in, signing out and failing to are events."""

from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import transaction
from django.http import HttpRequest

from audit import live
from audit.accounts import places
from audit.actors import NOBODY, person
from audit.ledger import record
from audit.models import User


def connect() -> None:
    """Listen to Django's sign-in signals."""
    user_logged_in.connect(signed_in, dispatch_uid="audit.signed_in")
    user_logged_out.connect(signed_out, dispatch_uid="audit.signed_out")
    user_login_failed.connect(failed, dispatch_uid="audit.login_failed")


def _where(request: HttpRequest | None) -> dict[str, Any]:
    return {"address": places.address(request)} if request else {}


def _shown(request: HttpRequest, user: User) -> str:
    """How they showed who they are: password, password+totp, passkey."""
    records = get_authentication_records(request, user)
    if any(one.get("passwordless") for one in records):
        return "passkey"
    return "+".join(dict.fromkeys(str(one.get("type") or one["method"]) for one in records)) or "password"


@transaction.atomic
def signed_in(sender: Any, request: HttpRequest, user: User, **_: Any) -> None:
    """Record that somebody signed in."""
    record("login.done", user, actor=person(user, auth=_shown(request, user)), personal=_where(request))


@transaction.atomic
def signed_out(sender: Any, request: HttpRequest, user: User | None, **_: Any) -> None:
    """Record that somebody signed out, and close the live sockets of that session."""
    if user is not None:
        record("logout.done", user, actor=person(user), personal=_where(request))
        key = request.session.session_key
        transaction.on_commit(lambda: live.dismiss(user.pk, session=key or ""))


@transaction.atomic
def failed(sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    """Record that somebody tried; the name they tried stands in the erasable part."""
    tried = str(credentials.get("username", ""))[:150]
    record("login.failed", "user", actor=NOBODY, personal={"login": tried, **_where(request)})
