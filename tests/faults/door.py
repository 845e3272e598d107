"""People at the door of a web process that may be away: they open an item, decide, and try again if nobody answers."""

import time
from collections.abc import Sequence

import httpx
from django.test import Client

from audit.models import User
from reviews.models import Review
from tests.faults import work
from tests.visitor import Visitor

AGAIN = 0.2  # seconds until somebody who got no answer tries again
TAKEN, DECIDED = 303, 409


def at_the_door(address: str, user: User) -> Visitor:
    """That person, signed in."""
    client = Client()
    client.force_login(user)
    visitor = Visitor(address)
    visitor.cookies[f"handrail_session_{address.rpartition(':')[2]}"] = str(client.session.session_key)
    return visitor


def decide(visitor: Visitor, review: int) -> httpx.Response:
    """Open the item, and approve it."""
    item = f"/inbox/{review}/"
    return visitor.send_form(item, f"{item}decide/", verdict="approved")


def decide_patiently(visitor: Visitor, review: int, user: User, seconds: float = 60) -> int:
    """Approve it, however often that takes. Returns how many times there was no answer, or none of use.

    An answer may be lost after the decision was saved: then it is found decided, by the same person.
    """
    until = time.monotonic() + seconds
    for unanswered in range(10_000):
        try:
            if decide(visitor, review).status_code in (TAKEN, DECIDED):
                return unanswered
        except (httpx.HTTPError, StopIteration):  # no page, or one that has no form any more
            if work.insist(Review.objects.filter(pk=review, decided_by=user).exists):
                return unanswered
        assert time.monotonic() < until, f"review {review} could not be decided"
        time.sleep(AGAIN)
    raise AssertionError


def open_reviews() -> Sequence[int]:
    """The reviews that wait, by id."""
    return list(Review.objects.open().order_by("pk").values_list("pk", flat=True))
