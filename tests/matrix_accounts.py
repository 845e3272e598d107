"""What the addresses of accounts answer to whom: part of the table in tests/matrix.py."""

from typing import Any

from allauth.usersessions.models import UserSession

from audit.accounts import inviting
from audit.accounts.inviting import Guest
from audit.models import Invitation


def invited(world: Any) -> tuple[Invitation, str]:
    """Somebody whom Adam invited."""
    if "invited" not in world:
        Invitation.objects.filter(login="ida").delete()
        world["invited"] = inviting.invite(
            Guest("Ida Holm", "ida", "ida@northwind-bank.example"), by=world["cast"].adam
        )
    return world["invited"]  # type: ignore[no-any-return]


def of_invitation(world: Any) -> dict[str, Any]:
    """That invitation."""
    return {"pk": invited(world)[0].pk}


def of_session(world: Any) -> dict[str, Any]:
    """A session of Rita's somewhere else."""
    told = {"user": world["cast"].rita, "ip": "192.0.2.7", "user_agent": "Mozilla/5.0 (iPhone) Safari"}
    return {"pk": UserSession.objects.get_or_create(session_key="e" * 32, defaults=told)[0].pk}


def guest(world: Any) -> dict[str, Any]:
    """What the form of an invitation sends."""
    return {"name": "Ines Vogel", "login": "ines", "email": "ines@northwind-bank.example"}


def coming_in(world: Any) -> dict[str, Any]:
    """What the form behind a link sends."""
    return {"password1": "many quiet words", "password2": "many quiet words"}


def changed(world: Any) -> dict[str, Any]:
    """What the form of a password sends."""
    return {"oldpassword": world["password"], "password1": "many quiet words", "password2": "many quiet words"}
