"""What the tests of the ledger and of its pages share: decisions taken with few words, and a seal."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from asgiref.sync import async_to_sync
from django.test import Client

from audit import sealer
from audit.models import User
from reviews import decisions
from reviews.models import Decision, Review
from tests import clock
from tests.cast import Cast, carry_out_all
from tests.fakes import FakeModels

type Decide = Callable[..., Decision]


class Got(NamedTuple):
    """What a page answered: its status, its text, and the text between its tags."""

    status: int
    html: str

    @property
    def text(self) -> str:
        """The words alone, with single spaces."""
        return " ".join(re.sub(r"<[^>]+>", " ", self.html).split())


type Get = Callable[..., Got]


@pytest.fixture
def decide(cast: Cast, models: FakeModels) -> Decide:
    """Take a decision on a run of its own: by whom, which verdict, after how many seconds, at which confidence."""

    def take(
        by: User | None = None,
        verdict: str = "approved",
        *,
        after: float = 60,
        confidence: float = 0.8,
        edit: str = "",
        **given: Any,
    ) -> Decision:
        models.intent.says = {"label": "pending_card_payment", "confidence": confidence}
        review = cast.waiting(**given)
        clock.jump(after)
        return decided(review, by or cast.rita, verdict, edit)

    return take


def decided(review: Review, by: User, verdict: str, edit: str = "") -> Decision:
    """A decision on a review, with an edit of the body if there is one, and what a worker then does."""
    taken = decisions.decide(
        review.pk,
        by=by,
        verdict=verdict,
        reason="The rate is wrong." if verdict == "rejected" else "",
        version=review.version,
        shown_hash=review.content_hash,
        arguments={**review.arguments, "body": edit} if edit else None,
    )
    carry_out_all()
    return taken


@pytest.fixture
def get(cast: Cast, client: Client) -> Get:
    """Open a page as somebody; a file is read to its end."""

    def fetch(path: str, user: User | None = None) -> Got:
        client.force_login(user or cast.mina)
        seal_all()
        response = client.get(path)
        body = async_to_sync(_whole)(response) if response.streaming else response.content
        return Got(response.status_code, body.decode())

    return fetch


async def _whole(response: Any) -> bytes:
    return b"".join([part async for part in response.streaming_content])


def seal_all() -> None:
    """Number whatever waits for its number."""
    while sealer.seal():
        pass
