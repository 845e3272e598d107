"""The list: who sees what, in which order, page by page, in a fixed number of queries."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from orchestration.models import Run, StepRun
from reviews.desk import queue_page
from reviews.models import Review
from tests.cast import Cast
from tests.reviews.conftest import Browse, Decide

MOST_QUERIES = 30  # of a whole page, with an item beside the list


def copies(review: Review, count: int) -> None:
    """More reviews like one, each a minute later, without carrying out a run for each."""
    runs = Run.objects.bulk_create(_copy(review.run) for _ in range(count))
    steps = []
    for run in runs:
        step = _copy(review.step_run)
        step.run = run
        steps.append(step)
    made = []
    for number, step in enumerate(StepRun.objects.bulk_create(steps), 1):
        one = _copy(review)
        one.step_run, one.run, one.title = step, step.run, f"Copy {number}"
        one.due_at = review.due_at + timedelta(minutes=number)
        made.append(one)
    Review.objects.bulk_create(made)


def _copy[M: (Run, StepRun, Review)](row: M) -> M:
    fields = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    return type(row)(**{name: value for name, value in fields.items() if name != "id"})


def queries(client: Client, path: str, **headers: str) -> int:
    """How many queries a page takes once it is warm."""
    client.get(path, headers=headers)
    with CaptureQueriesContext(connection) as caught:
        assert client.get(path, headers=headers).status_code == 200
    return len(caught)


@pytest.mark.parametrize("headers", [{}, {"HX-Target": "queue"}])
def test_it_takes_the_same_queries_for_ten_and_for_two_hundred(
    rita: Client, review: Review, headers: dict[str, str]
) -> None:
    copies(review, 9)
    ten = queries(rita, "/inbox/", **headers)
    copies(review, 190)
    assert queries(rita, "/inbox/", **headers) == ten <= MOST_QUERIES


def test_it_fetches_the_first_item_beside_the_list(rita: Client, review: Review) -> None:
    page = rita.get("/inbox/").text
    assert 'class="split"' in page
    assert f'hx-get="/inbox/?open={review.pk}"' in page
    assert f'href="/inbox/{review.pk}/"' in page.partition("<noscript>")[2]
    beside = rita.get(f"/inbox/?open={review.pk}", headers={"HX-Target": "item"}).text
    assert beside.count("<section") >= 1
    assert f'action="/inbox/{review.pk}/decide/"' in beside
    assert "<html" not in beside


def test_it_shows_the_item_of_its_address(rita: Client, review: Review) -> None:
    assert 'class="split is-item"' in rita.get(f"/inbox/{review.pk}/").text


def test_it_says_when_nothing_waits(rita: Client) -> None:
    assert "Nothing waits for you" in rita.get("/inbox/").text


def test_it_lists_nothing_for_one_who_decides_nothing(cast: Cast, review: Review, browse: Browse) -> None:
    assert f"/inbox/{review.pk}/" not in browse(cast.mina).get("/inbox/").text


def test_it_lists_nobodys_own_work(cast: Cast, review: Review, browse: Browse) -> None:
    cast.adam.groups.add(cast.groups["reviewer"])
    assert f"/inbox/{review.pk}/" not in browse(cast.adam).get("/inbox/").text


def test_it_lets_one_look_without_buttons(cast: Cast, review: Review, browse: Browse) -> None:
    page = browse(cast.mina).get(f"/inbox/{review.pk}/").text
    assert "may look at this, and not decide it" in page
    assert 'name="verdict"' not in page


def test_it_is_not_there_for_one_who_may_not_see(cast: Cast, review: Review, browse: Browse) -> None:
    assert browse(cast.noah).get(f"/inbox/{review.pk}/").status_code == 404


def test_it_puts_what_is_urgent_first(rita: Client, review: Review) -> None:
    copies(review, 2)
    last = Review.objects.order_by("-due_at")[0]
    Review.objects.filter(pk=last.pk).update(priority=0)
    page = rita.get("/inbox/").text
    assert page.index("Urgent") < page.index(f'id="row-{last.pk}"') < page.index(f'id="row-{review.pk}"')


def test_it_walks_the_pages_without_a_gap(rita: Client, review: Review) -> None:
    copies(review, 119)
    seen: list[str] = []
    path = "/inbox/"
    while path:
        page = rita.get(path, headers={"HX-Target": "queue"}).context["queue"]
        seen += [row.review.title for row in page.rows]
        path = f"/inbox/{page.older_query}" if page.older_query else ""
    assert seen == [review.title, *(f"Copy {number}" for number in range(1, 120))]


def test_it_walks_back(rita: Client, review: Review) -> None:
    copies(review, 119)
    first = rita.get("/inbox/").context["queue"]
    second = rita.get(f"/inbox/{first.older_query}").context["queue"]
    again = rita.get(f"/inbox/{second.newer_query}").context["queue"]
    assert [row.review.pk for row in again.rows] == [row.review.pk for row in first.rows]


def test_it_shows_the_first_page_when_a_page_has_emptied(rita: Client, review: Review) -> None:
    assert f'id="row-{review.pk}"' in rita.get(f"/inbox/?after={review.pk}").text


def test_it_steps_over_the_end_of_a_page(cast: Cast, review: Review) -> None:
    copies(review, queue_page.SIZE)
    page = queue_page.read(cast.rita, {}, review.asked_at)
    last = page.rows[-1].review
    _, behind = queue_page.neighbours(page, last)
    assert behind
    assert Review.objects.get(pk=behind).title == f"Copy {queue_page.SIZE}"


def test_it_counts_no_further_than_a_thousand(cast: Cast, review: Review) -> None:
    copies(review, 1004)
    assert queue_page.read(cast.rita, {}, review.asked_at).waiting == queue_page.MOST


def test_it_lists_what_was_decided_today(decide: Decide, rita: Client, review: Review) -> None:
    decide()
    assert f'id="row-{review.pk}"' not in rita.get("/inbox/").text
    assert f'id="row-{review.pk}"' in rita.get("/inbox/?list=done").text


def test_it_gives_the_live_region_the_list_alone(rita: Client, review: Review) -> None:
    fragment = rita.get("/inbox/", headers={"HX-Target": "queue"}).text
    assert "<html" not in fragment
    assert f'hx-get="/inbox/?open={review.pk}"' in fragment


def test_it_leaves_an_open_item_alone_while_it_waits(rita: Client, review: Review) -> None:
    answer = rita.get(f"/inbox/{review.pk}/?was=open", headers={"HX-Target": "standing"})
    assert answer.status_code == 204


def test_it_tells_an_open_page_who_decided(decide: Decide, cast: Cast, review: Review, browse: Browse) -> None:
    decide()
    path = f"/inbox/{review.pk}/?was=open"
    fragment = browse(cast.ravi).get(path, headers={"HX-Target": "standing"}).text
    assert "Decided by Rita Bauer, at" in fragment
    assert "<button" not in fragment
