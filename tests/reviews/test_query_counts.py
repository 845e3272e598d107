"""The desk asks the database as often for few items as for many, and no oftener than is written here."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from audit import at_once
from audit.templatetags.figures import due
from orchestration.policies import asking
from reviews.desk import rows
from reviews.models import Review
from reviews.who import holders
from tests.cast import Cast
from tests.reviews.test_inbox import copies, queries

FEW, MORE = 60, 160  # more than a page in both


@pytest.fixture(autouse=True)
def _remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is away is remembered for a second: here for as long as a test takes, however slow the machine is."""
    holders.forget()
    monkeypatch.setattr("reviews.who.holders.KEPT", 600.0)


@pytest.mark.parametrize(
    ("path", "target", "most"),
    [
        ("/inbox/", "", 17),
        ("/inbox/", "queue", 10),
        ("/inbox/{}/", "", 28),
        ("/inbox/{}/", "item", 19),
        ("/inbox/?q=copy", "", 20),
        ("/inbox/?list=every&q=copy", "", 21),
        ("/inbox/?list=team", "", 16),
        ("/nav/", "", 11),
    ],
)
def test_a_page_takes_no_more_queries_for_more_items(
    rita: Client, review: Review, path: str, target: str, most: int
) -> None:
    copies(review, FEW)
    path, headers = path.format(Review.objects.get(title="Copy 55").pk), {"HX-Target": target} if target else {}
    few = queries(rita, path, **headers)
    copies(review, MORE)
    assert queries(rita, path, **headers) == few <= most


def test_a_decision_takes_no_more_queries_for_more_items(rita: Client, review: Review) -> None:
    copies(review, FEW)
    _decided(rita, "Copy 1")
    few = _decided(rita, "Copy 2")
    copies(review, MORE)
    assert _decided(rita, "Copy 3") == few <= 25


def _decided(client: Client, title: str) -> int:
    review = Review.objects.filter(title=title).earliest("pk")
    asking.forget()  # rules in force are remembered for a second: here they are asked for each time
    form = {"verdict": "approved", "version": review.version, "shown_hash": review.content_hash, "next": "on"}
    with CaptureQueriesContext(connection) as caught:
        answer = client.post(f"/inbox/{review.pk}/decide/", form, headers={"HX-Target": "decided"})
    assert answer.status_code == 200
    return len(caught)


def test_small_questions_are_asked_at_once(cast: Cast, review: Review) -> None:
    copies(review, 4)
    lists = {"all": Review.objects.order_by("-pk"), "none": Review.objects.none(), "other": Review.objects.filter(pk=0)}
    with CaptureQueriesContext(connection) as caught:
        assert at_once.counts(lists, 3) == {"all": 3, "none": 0, "other": 0}
        assert at_once.firsts(lists) == {"all": Review.objects.latest("pk").pk, "none": None, "other": None}
    assert len(caught) == 3  # one of them is asked here
    with CaptureQueriesContext(connection) as caught:
        assert at_once.counts({"none": Review.objects.none()}, 3) == {"none": 0}
    assert len(caught) == 0


@pytest.mark.parametrize("seconds", [0.5, 42, 61, 899.5, 900.5, 3599, 3661, 90_000, -0.5, -42, -61, -3661, -90_000])
def test_a_row_says_the_time_that_is_left_as_the_item_does(review: Review, seconds: float) -> None:
    moment = timezone.now()
    review.due_at = moment + timedelta(seconds=seconds)
    row = rows.Row(review, "mail", drafted=False, moment=moment, holder="", is_mine=False)
    with translation.override("en"):
        assert due({"now": row.now}, review.due_at) == due({"now": moment}, review.due_at)  # type: ignore[arg-type]


def test_a_row_is_the_same_for_a_minute(review: Review) -> None:
    review.due_at = timezone.now() + timedelta(hours=3, seconds=30)
    moments = [review.due_at - timedelta(hours=3, seconds=second) for second in (1, 20, 59)]
    assert (
        len(
            {rows.Row(review, "mail", drafted=False, moment=moment, holder="", is_mine=False).now for moment in moments}
        )
        == 1
    )
