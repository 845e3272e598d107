"""Answers to calls of tools that are answered later: the one step that waits at an address goes on, once.

The address is what opens it: nobody guesses it, and it opens nothing once the step waits no more.
"""

import re

from django.db import transaction

from audit.actors import Actor
from orchestration import waking
from orchestration.models import StepRun
from orchestration.states import Awaits
from orchestration.tools.kinds import callback
from orchestration.triggers import strictly

LARGEST = 256 * 1024  # bytes of an answer
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
SENDER = Actor("trigger", label="An answer", auth="address")
SOON = {"Retry-After": "5"}


class Unanswered(Exception):
    """The answer is not taken: a status, a code for programs, a sentence for people."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail


class TooLarge(Unanswered):
    """It is longer than what is read."""

    def __init__(self) -> None:
        super().__init__(413, "too-large", f"An answer has at most {LARGEST // 1024} kB.")


class NobodyWaits(Unanswered):
    """No step waits at this address: not any more, not yet, or it never was one. Which of them is nobody's business."""

    def __init__(self) -> None:
        super().__init__(
            404, "nobody-waits", "Nobody waits for an answer here now. If it was quick, send it again soon."
        )


def take(token: str, body: bytes) -> None:
    """Hand an answer to the step that waits for it. Raises `Unanswered`."""
    if not TOKEN.fullmatch(token):
        raise NobodyWaits
    event = callback.event_of(token)
    if not StepRun.objects.waiting().filter(awaits=Awaits.EVENT, awaits_event=event).exists():
        raise NobodyWaits  # asked first: whoever knows no address writes nothing into the record
    if len(body) > LARGEST:
        raise TooLarge
    try:
        payload = strictly.read(body)
    except strictly.Unreadable as error:
        raise Unanswered(400, "not-json", str(error)) from None
    with transaction.atomic():
        if not waking.tell(event, payload if isinstance(payload, dict) else {"answer": payload}, actor=SENDER):
            transaction.set_rollback(True)
            raise NobodyWaits
