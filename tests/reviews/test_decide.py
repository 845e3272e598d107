"""A decision, taken on the page: what happens, where one lands, and what is refused."""

from typing import Any

import pytest
from django.test import Client

from audit.models import Event
from reviews import decisions
from reviews.models import Decision, Review
from tests.cast import Cast
from tests.reviews.conftest import Browse, Decide


def test_it_approves_what_was_shown(decide: Decide, review: Review) -> None:
    decide()
    decision = Decision.objects.get()
    assert (decision.verdict, decision.edited, decision.shown_hash) == ("approved", False, review.content_hash)


def test_it_answers_a_decision_with_see_other(decide: Decide) -> None:
    assert decide().status_code == 303


def test_it_opens_the_next_one_if_asked_to(decide: Decide, cast: Cast) -> None:
    following = cast.waiting(customer_name="Ada Lund")
    assert decide(next="on")["Location"] == f"/inbox/{following.pk}/"


def test_it_stays_with_the_item_otherwise(decide: Decide, cast: Cast, review: Review) -> None:
    cast.waiting(customer_name="Ada Lund")
    assert decide()["Location"] == f"/inbox/{review.pk}/"


def test_it_goes_to_the_list_when_nothing_else_waits(decide: Decide) -> None:
    assert decide(next="on")["Location"] == "/inbox/"


def test_it_remembers_whether_to_open_the_next(decide: Decide, rita: Client, cast: Cast) -> None:
    decide()
    other = cast.waiting(customer_name="Ada Lund")
    assert 'name="next">' in rita.get(f"/inbox/{other.pk}/").text


def test_it_asks_for_a_reason_to_reject(decide: Decide) -> None:
    answer = decide("rejected")
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert Review.objects.get().is_open


def test_it_rejects_with_a_reason(decide: Decide) -> None:
    decide("rejected", reason="The customer asked something else.")
    assert Decision.objects.get().reason == "The customer asked something else."


def test_it_keeps_the_reason_when_somebody_was_first(decide: Decide, cast: Cast, review: Review) -> None:
    decisions.decide(
        review.pk, by=cast.ravi, verdict="rejected", version=1, shown_hash=review.content_hash, reason="no"
    )
    answer = decide("rejected", reason="I would not send this.")
    assert answer.status_code == 409
    assert "Already decided by Ravi Menon" in answer.text
    assert "I would not send this.</textarea>" in answer.text


def test_it_takes_a_second_click_for_what_it_is(decide: Decide) -> None:
    decide()
    answer = decide()
    assert answer.status_code == 409
    assert "You have already decided this" in answer.text


@pytest.mark.parametrize("stale", [{"version": 7}, {"shown_hash": "0" * 64}, {"arg.body": "Something else."}])
def test_it_refuses_what_was_not_shown(decide: Decide, stale: dict[str, Any]) -> None:
    assert decide(reason="kept words", **stale).status_code == 409
    assert Review.objects.get().is_open


def test_it_shows_what_changed_since_the_page_was_opened(decide: Decide, form: dict[str, Any]) -> None:
    answer = decide(**{"arg.subject": "Your lost card payment"}, reason="kept words")
    assert "<del>lost</del><ins>pending</ins>" in answer.text
    assert "kept words</textarea>" in answer.text


def test_it_refuses_own_work(decide: Decide, cast: Cast, review: Review, browse: Browse) -> None:
    answer = decide(client=browse(cast.adam))
    assert answer.status_code == 403
    assert "Nobody decides on work of their own" in answer.text


def test_it_refuses_one_who_may_only_look(decide: Decide, cast: Cast, browse: Browse) -> None:
    answer = decide(client=browse(cast.mina))
    assert answer.status_code == 403
    assert "may look at this, and not decide it" in answer.text


def test_it_answers_like_nothing_to_one_who_may_not_see(decide: Decide, cast: Cast, browse: Browse) -> None:
    assert decide(client=browse(cast.noah)).status_code == 404


def test_it_refuses_a_form_without_its_token(cast: Cast, review: Review, form: dict[str, Any]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.rita)
    answer = client.post(f"/inbox/{review.pk}/decide/", {**form, "verdict": "approved"})
    assert answer.status_code == 403
    assert Review.objects.get().is_open


@pytest.mark.parametrize("act", ["decide", "draft", "undo"])
def test_it_never_acts_on_a_get(rita: Client, review: Review, act: str) -> None:
    assert rita.get(f"/inbox/{review.pk}/{act}/").status_code == 405
    assert not Event.objects.filter(kind="review.approved").exists()


def test_it_keeps_the_reason_from_the_next_page(decide: Decide, rita: Client, review: Review) -> None:
    page = rita.get(decide("rejected", reason="no")["Location"])
    assert f'data-kept="review-{review.pk}"' in page.text
