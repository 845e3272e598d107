"""A person's answer and the clock at the same moment: whichever commits first counts, and whoever is second is told."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from audit.models import Event
from reviews import committing, decisions
from reviews.models import Decision, Lapse, Review
from reviews.when import clock, lapsing
from reviews.when.clock import do_due
from tests.cast import Cast
from tests.flow import drawn
from tests.when.timed import after, decide, earlier, fresh, waiting

REJECT: dict[str, Any] = {"default": {"after": 0, "outcome": "reject"}}
GO_ON: dict[str, Any] = {"default": {"after": 0, "outcome": "go_on"}}
LONG = 20.0


def overdue(cast: Cast, slug: str = "timed", **review: Any) -> Review:
    review = {**REJECT, **review}
    found = waiting(cast, slug=slug, **review)
    earlier(found, 61)
    return found


def in_thread(act: Callable[[], Any]) -> tuple[threading.Thread, list[Any]]:
    """An act with a connection of its own, and what comes of it."""
    came: list[Any] = []

    def run() -> None:
        try:
            came.append(act())
        except Exception as error:
            came.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread, came


@pytest.mark.usefixtures("transactional_db")
@pytest.mark.parametrize("outcome", [REJECT, GO_ON])
def test_at_the_same_moment_one_of_them_counts(live_cast: Cast, outcome: dict[str, Any]) -> None:
    for number in range(4):
        review = overdue(live_cast, f"timed-{number}", **outcome)
        barrier = threading.Barrier(2)

        def answer(review: Review = review, barrier: threading.Barrier = barrier) -> Decision:
            barrier.wait()
            return decide(review, live_cast.rita)

        def end(barrier: threading.Barrier = barrier) -> object:
            barrier.wait()
            return do_due()

        (one, said), (other, ended) = in_thread(answer), in_thread(end)
        one.join(LONG)
        other.join(LONG)
        decided, lapsed = Decision.objects.filter(review=review).count(), Lapse.objects.filter(review=review).count()
        assert decided + lapsed == 1
        assert fresh(review).status == ("approved" if decided else "lapsed")
        assert isinstance(said[0], Decision if decided else decisions.AlreadyDecided)
        assert ended == [1 if lapsed else 0]
        after(review.run)
        verdict = "approved" if decided else "rejected" if outcome is REJECT else "lapsed"
        assert drawn.output(review.run, "book")["verdict"] == verdict


@pytest.mark.usefixtures("transactional_db")
def test_the_clock_is_first(live_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    review = overdue(live_cast)
    holds, goes_on = threading.Event(), threading.Event()
    real = lapsing.lapse

    def lapse(held: Review, act: dict[str, Any]) -> Lapse | None:
        holds.set()
        assert goes_on.wait(LONG)
        return real(held, act)

    monkeypatch.setattr(clock, "lapse", lapse)
    ticking, ended = in_thread(do_due)
    assert holds.wait(LONG)
    answering, said = in_thread(lambda: decide(review, live_cast.rita))
    answering.join(0.5)
    assert answering.is_alive()  # it waits for what the clock does
    goes_on.set()
    answering.join(LONG)
    ticking.join(LONG)
    assert ended == [1]
    assert isinstance(said[0], decisions.AlreadyDecided)
    assert not Decision.objects.exists()


@pytest.mark.usefixtures("transactional_db")
def test_the_person_is_first(live_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    review = overdue(live_cast)
    holds, goes_on = threading.Event(), threading.Event()
    real = committing.commit

    def commit(*given: Any) -> Decision:
        holds.set()
        assert goes_on.wait(LONG)
        return real(*given)

    monkeypatch.setattr(committing, "commit", commit)
    answering, said = in_thread(lambda: decide(review, live_cast.rita))
    assert holds.wait(LONG)
    assert do_due() == 0  # the clock waits for nobody
    goes_on.set()
    answering.join(LONG)
    assert isinstance(said[0], Decision)
    assert do_due() == 0
    assert not Lapse.objects.exists()
    assert fresh(review).status == "approved"


@pytest.mark.usefixtures("transactional_db")
def test_two_clocks_do_nothing_twice(live_cast: Cast) -> None:
    course: dict[str, Any] = {"reminders": [30, 5], "escalate": [{"after": 10, "group": "manager"}]}
    course["default"] = {"after": 20, "outcome": "reject"}
    reviews = [overdue(live_cast, f"timed-{number}", **course) for number in range(5)]
    for review in reviews:
        earlier(review, 60)
    barrier = threading.Barrier(2)

    def tick() -> object:
        barrier.wait()
        return do_due()

    clocks = [in_thread(tick) for _ in range(2)]
    for thread, _came in clocks:
        thread.join(LONG * 2)
    do_due()
    for review in reviews:
        about = Event.objects.filter(object_type="review", object_id=str(review.pk)).exclude(kind="review.open")
        kinds = list(about.order_by("id").values_list("kind", flat=True))
        assert sorted(kinds) == sorted(["review.reminded"] * 2 + ["review.escalated", "review.lapsed"])
    assert Lapse.objects.count() == len(reviews)


def test_whoever_is_second_is_told_and_keeps_their_words(cast: Cast) -> None:
    review = overdue(cast)
    sent = {"verdict": "approved", "version": 1, "shown_hash": review.content_hash, "arg.word": "book"}
    do_due()
    browser = Client()
    browser.force_login(cast.rita)
    answer = browser.post(f"/inbox/{review.pk}/decide/", {**sent, "reason": "I looked at it."})
    assert answer.status_code == 409
    assert "Nobody decided in time, so the clock ended it" in answer.text
    assert "it is rejected" in answer.text
    assert "I looked at it." in answer.text
    assert not Decision.objects.exists()
