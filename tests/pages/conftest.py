"""What the tests of pages share: somebody looks at an address, and what they get."""

import html
import re
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.models import User
from reviews import decisions
from reviews.models import Decision, Review
from tests import clock
from tests.cast import carry_out_all


class Seen(NamedTuple):
    """What a page answered: its status, its markup, and how many queries it took."""

    status: int
    html: str
    queries: int
    context: Any

    @property
    def text(self) -> str:
        """The words alone, with single spaces."""
        body = self.html.partition("<main")[2].partition("</main>")[0]
        return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", f"<main{body}")).split())


type Look = Callable[[User, str], Seen]
type Decide = Callable[..., Decision]


@pytest.fixture
def look() -> Look:
    """Somebody opens an address."""

    def open_page(user: User, path: str) -> Seen:
        client = Client()
        client.force_login(user)
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(path)
        return Seen(answer.status_code, answer.content.decode(), len(queries), answer.context)

    return open_page


@pytest.fixture
def decide() -> Decide:
    """Somebody decides, and the undo window passes."""

    def take(review: Review, by: User, verdict: str = "approved", *, later: float = 6, **more: Any) -> Decision:
        shown: dict[str, Any] = {"version": review.version, "shown_hash": review.content_hash}
        reason = "The wrong tone." if verdict == "rejected" else ""
        decision = decisions.decide(review.pk, by=by, verdict=verdict, reason=reason, **shown, **more)
        if later:
            clock.jump(later)
            carry_out_all()
        return decision

    return take
