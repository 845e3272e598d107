"""Whatever is sent to the door of a decision: only the one right case is saved, and all others are a clear answer."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from audit.actors import person
from audit.models import User
from orchestration.models import Run
from orchestration.triggers import tokens
from reviews import drafts, intake
from reviews.desk.fields import Posted
from reviews.models import Decision, Review
from tests.cast import Cast, carry_out_all
from tests.flow import drawn
from tests.reviews.asking.drawn import OUTCOMES, asking, decide, waiting

FORM = [{"name": "kind", "label": "Kind", "type": "choice", "choices": ["a", "b"], "required": True}]
RIGHT: dict[str, Any] = {"verdict": "approved", "form": "1", "form.kind": "a"}
BACK = {"verdict": "sent_back", "to": "first", "reason": "Again."}


def nothing(review: Review, cast: Cast) -> None:
    """Everything is as the page showed it."""


def taken(review: Review, cast: Cast) -> None:
    """Somebody else was first."""
    decide(review, cast.ravi, form={"kind": "b"})


def withdrawn(review: Review, cast: Cast) -> None:
    """Nobody is asked any more."""
    intake.withdraw([review.step_run_id], actor=person(cast.adam))


def edited(review: Review, cast: Cast) -> None:
    """Another tab keeps an edit."""
    drafts.keep(review, Posted(values={"word": "changed"}), by=cast.rita)


def worn_out(review: Review, cast: Cast) -> None:
    """It was sent back as often as it may be."""
    decide(review, cast.ravi, "sent_back", "Again.", to="first")
    carry_out_all()


@dataclass(frozen=True)
class Case:
    """What happens before, what is sent by whom, and what comes of it: a status, and words that the answer holds."""

    name: str
    status: int
    told: str = ""
    sent: dict[str, Any] = field(default_factory=lambda: dict(RIGHT))
    before: Callable[[Review, Cast], None] = nothing
    by: str = "rita"
    saved: bool = False

    def __str__(self) -> str:
        return self.name


CASES = [
    Case("right", 303, saved=True),
    Case("stale version", 409, "Look again", {**RIGHT, "version": 7}),
    Case("stale content", 409, "Look again", {**RIGHT, "shown_hash": "0" * 64}),
    Case("changed arguments", 409, "Look again", {**RIGHT, "arg.word": "other"}),
    Case("changed in another tab", 409, "Look again", before=edited),
    Case("replayed by another", 409, "Already decided by Ravi Menon", before=taken),
    Case("own work", 403, "Nobody decides on work of their own", by="adam"),
    Case("may not see it", 404, by="mina"),
    Case("withdrawn", 409, "needs no decision any more", before=withdrawn),
    Case("unknown verdict", 400, "whether to approve", {**RIGHT, "verdict": "perhaps"}),
    Case("no verdict", 400, "whether to approve", {"form": "1", "form.kind": "a"}),
    Case("no version", 400, "which version", {**RIGHT, "version": ""}),
    Case("outcome that is not offered", 422, "not offered here", {**RIGHT, "verdict": "outcome.nothing"}),
    Case("field that is not asked", 400, "not asked here", {**RIGHT, "form.strange": "x"}),
    Case("form left out", 422, "put right", {"verdict": "approved"}),
    Case("form not filled in", 422, "This is needed", {"verdict": "approved", "form": "1"}),
    Case("value that cannot be chosen", 422, "cannot be chosen", {**RIGHT, "form.kind": "c"}),
    Case("reason lacking", 422, "Say why", {**RIGHT, "verdict": "rejected"}),
    Case("reason too long", 422, "characters", {**RIGHT, "reason": "x" * 4001}),
    Case("sent back without a note", 422, "Say why", {**BACK, "reason": ""}),
    Case("sent back to where it may not", 422, "cannot be sent back there", {**BACK, "to": "last"}),
    Case("sent back to itself", 422, "cannot be sent back there", {**BACK, "to": "model"}),
    Case("sent back too often", 409, "which is the most", BACK, worn_out),
]


def put(cast: Cast) -> Review:
    """An item that can be answered in every way."""
    asks = asking(form=FORM, outcomes=OUTCOMES, back={"to": ["first"], "most": 1})
    return waiting(cast, drawn.step("first"), asks, drawn.step("last"))


def page(review: Review) -> dict[str, Any]:
    """What the page that shows it would send besides."""
    return {"version": review.version, "shown_hash": review.content_hash, "reason": "", "arg.word": "say"}


def browser(user: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


@pytest.mark.parametrize("case", CASES, ids=str)
def test_only_what_is_right_is_saved(cast: Cast, case: Case) -> None:
    review = put(cast)
    shown = page(review)
    case.before(review, cast)
    review = Review.objects.open().first() or review
    before = Decision.objects.count()
    answer = browser(getattr(cast, case.by)).post(f"/inbox/{review.pk}/decide/", {**shown, **case.sent})
    assert (answer.status_code, Decision.objects.count() - before) == (case.status, int(case.saved))
    assert case.told in answer.content.decode()
    carry_out_all()
    assert (Run.objects.get().status == "done") == (case.saved or case.before is taken)


def test_a_get_decides_nothing(cast: Cast) -> None:
    review = put(cast)
    client = browser(cast.rita)
    for query in ("", "?verdict=approved&form=1&form.kind=a", "?keep=1"):
        for door in ("decide", "answers", "draft", "undo"):
            assert client.get(f"/inbox/{review.pk}/{door}/{query}").status_code == 405
        assert client.head(f"/inbox/{review.pk}/{query}").status_code == 200
    assert Review.objects.get().is_open


def test_a_token_decides_nothing(cast: Cast) -> None:
    review = put(cast)
    secret = tokens.make(cast.rita, "A program", scopes=tuple(tokens.SCOPES), days=30, every_workflow=True)[1]
    program = {"Authorization": f"Bearer {secret}"}
    for door in ("decide", "answers"):
        answer = Client().post(f"/inbox/{review.pk}/{door}/", {**page(review), **RIGHT}, headers=program)
        assert answer.status_code in (302, 401, 403)
    assert Review.objects.get().is_open
    assert not Decision.objects.exists()


def test_a_decision_is_saved_once_however_often_it_is_replayed(cast: Cast) -> None:
    review = put(cast)
    shown, client = page(review), browser(cast.rita)
    answers = [client.post(f"/inbox/{review.pk}/decide/", {**shown, **RIGHT}).status_code for _ in range(3)]
    assert answers == [303, 409, 409]
    assert Decision.objects.count() == 1


def test_ten_clicks_at_once_are_one_decision(live_cast: Cast) -> None:
    cast = live_cast
    review = put(cast)
    shown, answers = page(review), list[int]()

    def click() -> None:
        try:
            answers.append(browser(cast.rita).post(f"/inbox/{review.pk}/decide/", {**shown, **RIGHT}).status_code)
        finally:
            connection.close()

    clicks = [threading.Thread(target=click) for _ in range(10)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    assert sorted(answers) == [303] + [409] * 9
    assert Decision.objects.count() == 1
