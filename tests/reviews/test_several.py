"""Several decisions at once: each with its own check, hash and result."""

from typing import Any

import pytest
from django.test import Client

from reviews import decisions
from reviews.desk import bulk
from reviews.models import Decision, Draft, Review
from tests.cast import Cast
from tests.reviews.conftest import Browse
from tests.reviews.test_inbox import copies, queries


@pytest.fixture
def three(cast: Cast, review: Review) -> list[Review]:
    """Three items of one step, each of a run of its own, about which nothing stands out."""
    found = [review, cast.waiting(customer_name="Omar"), cast.waiting(customer_name="Lea")]
    Review.objects.update(confidence=0.9)
    return found


def form(reviews: list[Review], **more: str) -> dict[str, Any]:
    """What the page's form sends."""
    given: dict[str, Any] = {"item": [one.pk for one in reviews], "verdict": "approved", "reason": ""}
    for one in reviews:
        given |= {f"version-{one.pk}": one.version, f"hash-{one.pk}": one.content_hash}
    return {**given, **more}


def states(reviews: list[Review]) -> list[str]:
    return [Review.objects.get(pk=one.pk).status for one in reviews]


def test_it_shows_what_each_will_do(rita: Client, three: list[Review]) -> None:
    page = rita.get("/inbox/several/", {"item": [one.pk for one in three]})
    assert page.text.count("The e-mail goes to ines.duarte@customer.example.") == 3
    assert page.text.count('name="hash-') == 3
    assert states(three) == ["open"] * 3


def test_it_approves_each_by_itself(rita: Client, three: list[Review], cast: Cast) -> None:
    page = rita.post("/inbox/several/", form(three))
    assert "3 items are decided" in page.text
    assert states(three) == ["approved"] * 3
    given = Decision.objects.filter(by=cast.rita)
    assert {(one.review_id, one.shown_hash) for one in given} == {(one.pk, one.content_hash) for one in three}
    assert len({one.receipt for one in given}) == 3


def test_it_rejects_with_a_reason_alone(rita: Client, three: list[Review]) -> None:
    assert rita.post("/inbox/several/", form(three, verdict="rejected")).status_code == 422
    assert states(three) == ["open"] * 3
    rita.post("/inbox/several/", form(three, verdict="rejected", reason="Not before Monday."))
    assert states(three) == ["rejected"] * 3
    assert set(Decision.objects.values_list("reason", flat=True)) == {"Not before Monday."}


def test_it_decides_what_it_showed_and_says_why_not_of_the_others(
    rita: Client, three: list[Review], cast: Cast
) -> None:
    sent = form(three)
    Review.objects.filter(pk=three[0].pk).update(version=2)
    how: dict[str, Any] = {"by": cast.ravi, "verdict": "rejected", "version": 1, "shown_hash": three[1].content_hash}
    decisions.decide(three[1].pk, reason="No.", **how)
    page = rita.post("/inbox/several/", sent)
    assert states(three) == ["open", "rejected", "approved"]
    assert "It was changed since this page was opened." in page.text
    assert "Decided by Ravi Menon, at" in page.text
    assert f'name="item" value="{three[0].pk}" checked' in page.text
    assert f'name="version-{three[0].pk}" value="2"' in page.text


def test_it_takes_the_same_form_twice(rita: Client, three: list[Review]) -> None:
    sent = form(three)
    rita.post("/inbox/several/", sent)
    page = rita.post("/inbox/several/", sent)
    assert "3 items are decided" in page.text
    assert Decision.objects.count() == 3


def test_it_leaves_alone_what_was_not_ticked(rita: Client, three: list[Review]) -> None:
    rita.post("/inbox/several/", {**form(three), "item": [three[0].pk]})
    assert states(three) == ["approved", "open", "open"]


def test_it_keeps_apart_what_stands_out(rita: Client, three: list[Review], cast: Cast) -> None:
    Review.objects.filter(pk=three[0].pk).update(confidence=0.3)
    Draft.objects.create(review=three[1], user=cast.rita, arguments={**three[1].arguments, "subject": "Other"})
    page = rita.post("/inbox/several/", form(three))
    assert states(three) == ["open", "open", "approved"]
    assert "A check is open: The stated confidence is not low." in page.text
    assert "You have edited it." in page.text


def test_it_decides_nothing_for_one_who_may_not(cast: Cast, three: list[Review], browse: Browse) -> None:
    for user in (cast.mina, cast.noah, cast.adam):
        assert browse(user).post("/inbox/several/", form(three)).status_code == 200
    assert states(three) == ["open"] * 3


def test_it_says_nothing_of_what_one_may_not_see(cast: Cast, three: list[Review], browse: Browse) -> None:
    page = browse(cast.noah).get("/inbox/several/", {"item": [one.pk for one in three]})
    assert three[0].title not in page.text
    assert "Nothing is chosen" in page.text


@pytest.mark.parametrize("items", [["x"], ["9" * 30], ["-1", "0"], []])
def test_it_bears_nonsense(rita: Client, items: list[str]) -> None:
    assert rita.get("/inbox/several/", {"item": items}).status_code == 200
    assert rita.post("/inbox/several/", {"item": items, "verdict": "approved"}).status_code in (200, 422)


def test_it_takes_fifty_at_once(rita: Client, review: Review) -> None:
    Review.objects.update(confidence=0.9)
    review.refresh_from_db()
    copies(review, bulk.MOST + 5)
    page = rita.get("/inbox/several/", {"item": list(Review.objects.values_list("pk", flat=True))})
    assert len(page.context["bulk"].together) == bulk.MOST
    assert "Those beyond are left out" in page.text


def test_it_takes_the_same_queries_for_two_and_for_forty(rita: Client, review: Review) -> None:
    copies(review, 45)
    few, many = (list(Review.objects.values_list("pk", flat=True)[:count]) for count in (2, 40))
    taken = queries(rita, "/inbox/several/?" + "&".join(f"item={pk}" for pk in few))
    assert queries(rita, "/inbox/several/?" + "&".join(f"item={pk}" for pk in many)) == taken
