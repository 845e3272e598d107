"""A form that is sent twice does its thing once: its token is kept in the session, with what came of it."""

import secrets
from collections.abc import Callable

from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.db import transaction

KEPT = "sent"
MOST = 20  # tokens that a session remembers


def token() -> str:
    """A new token for a new form."""
    return secrets.token_urlsafe(18)


def was_sent(session: SessionBase, sent: str) -> bool:
    """Whether the form with that token has done its thing already."""
    return bool(sent) and sent in type(session)(session.session_key).get(KEPT, {})


@transaction.atomic
def once(session: SessionBase, sent: str, act: Callable[[], int]) -> int:
    """The id that `act` gave for this token: now, or when the form was sent before.

    The session's row is held, so that two requests of one double click come one after the other.
    """
    Session.objects.select_for_update().filter(pk=session.session_key).first()
    kept: dict[str, int] = type(session)(session.session_key).get(KEPT, {})
    if sent and sent in kept:
        return kept[sent]
    made = act()
    newest = list({**kept, sent: made}.items())[-MOST:]
    session[KEPT] = dict(newest)
    session.save()
    return made
