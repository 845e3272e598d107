"""The rows behind those that a page shows: what a list that grew short asks for."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from reviews.desk import further, queue_page
from reviews.models import Draft, Review
from tests.cast import Cast
from tests.reviews.conftest import Browse
from tests.reviews.test_inbox import copies, queries

MORE = further.MOST + 60


def rows(text: str) -> list[int]:
    return [int(part.partition('"')[0]) for part in text.split('data-review="')[1:]]


def in_order() -> list[int]:
    return list(Review.objects.in_order().values_list("pk", flat=True))


def drawn(text: str, pk: int) -> str:
    """One row, as it is drawn."""
    return next(part for part in text.split("<li") if f'id="row-{pk}"' in part).partition("</li>")[0]


@pytest.mark.parametrize(
    ("some", "count"),
    [("", queue_page.SIZE), ("&some=1", queue_page.SIZE), ("&some=90", 90), ("&some=9999", further.MOST)],
)
def test_it_gives_the_rows_behind_one(rita: Client, review: Review, some: str, count: int) -> None:
    copies(review, MORE)
    known = in_order()
    answer = rita.get(f"/inbox/further/?after={known[4]}{some}").text
    assert rows(answer) == known[5 : 5 + count]
    assert f'data-older="?after={known[4 + count]}"' in answer


def test_it_says_where_a_list_ends(rita: Client, review: Review) -> None:
    copies(review, 3)
    answer = rita.get(f"/inbox/further/?after={review.pk}").text
    assert rows(answer) == in_order()[1:]
    assert 'data-older=""' in answer


def test_it_draws_a_row_as_the_list_does(cast: Cast, rita: Client, review: Review) -> None:
    copies(review, 3)
    held, drafted, plain = in_order()[1:]
    until = timezone.now() + timedelta(minutes=4)
    Review.objects.filter(pk=held).update(claimed_by=cast.ravi, claimed_until=until, confidence=0.4)
    Draft.objects.create(review_id=drafted, user=cast.rita, reason="Not yet")
    page = rita.get("/inbox/", headers={"HX-Target": "queue"}).text
    answer = rita.get(f"/inbox/further/?after={review.pk}").text
    for pk in (held, drafted, plain):
        assert drawn(answer, pk) == drawn(page, pk)


def test_it_goes_on_behind_what_was_decided(rita: Client, review: Review) -> None:
    copies(review, 3)
    Review.objects.filter(pk=review.pk).update(status="approved", decided_at=timezone.now())
    assert rows(rita.get(f"/inbox/further/?after={review.pk}").text) == in_order()[1:]


def test_it_keeps_to_what_the_list_is_narrowed_by(rita: Client, review: Review) -> None:
    copies(review, 4)
    unsure = in_order()[2:4]
    Review.objects.update(confidence=0.9)
    Review.objects.filter(pk__in=unsure).update(confidence=0.4)
    answer = rita.get(f"/inbox/further/?unsure=1&after={review.pk}").text
    assert rows(answer) == unsure
    assert f'href="/inbox/{unsure[0]}/?unsure=1"' in answer


def test_it_tells_nobody_what_they_may_not_see(cast: Cast, review: Review, browse: Browse) -> None:
    copies(review, 3)
    assert browse(cast.noah).get(f"/inbox/further/?after={review.pk}").status_code == 204
    assert rows(browse(cast.mina).get(f"/inbox/further/?after={review.pk}").text) == []


@pytest.mark.parametrize(
    "query", ["", "?after=x", "?after=999999999", "?list=done&after={}", "?list=watching&after={}"]
)
def test_it_leaves_what_it_does_not_know_to_the_list(rita: Client, review: Review, query: str) -> None:
    assert rita.get(f"/inbox/further/{query.format(review.pk)}").status_code == 204


def test_it_takes_no_more_queries_for_more_rows(rita: Client, review: Review) -> None:
    copies(review, 10)
    few = queries(rita, f"/inbox/further/?after={review.pk}")
    copies(review, MORE)
    assert queries(rita, f"/inbox/further/?after={review.pk}&some=200") == few <= 9
