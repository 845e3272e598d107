"""One item: the three answers that stand before the buttons."""

from django.test import Client

from orchestration.models import Attempt
from reviews.desk import evidence
from reviews.models import Review
from tests.cast import Cast
from tests.reviews.conftest import Decide


def test_it_says_what_an_approval_does(rita: Client, review: Review) -> None:
    page = rita.get(f"/inbox/{review.pk}/").text
    assert "The e-mail goes to ines.duarte@customer.example." in page
    assert "You can undo for <b>5 seconds</b>" in page


def test_it_says_why_it_is_here(rita: Client, review: Review) -> None:
    page = rita.get(f"/inbox/{review.pk}/").text
    assert ">every-email</a>: Every e-mail is approved by a person." in page


def test_it_says_what_it_rests_on(rita: Client, review: Review) -> None:
    page = rita.get(f"/inbox/{review.pk}/").text
    assert "pending card payment" in page
    assert "handrail/intent" in page
    assert "Scripted: written in advance" in page


def test_it_says_what_confidence_is_usual(cast: Cast, review: Review) -> None:
    for number in range(evidence.FEWEST):
        other = cast.waiting(customer_name=f"Customer {number}")
        Review.objects.filter(pk=other.pk).update(confidence=0.5)
    assert evidence.gather(review).usual == 0.5


def test_it_says_nothing_is_usual_yet(review: Review) -> None:
    assert evidence.gather(review).usual is None


def test_it_shows_the_way_of_the_run(review: Review) -> None:
    path = [(place.name, place.state) for place in evidence.gather(review).path]
    assert path == [("Triage", "done"), ("Draft", "done"), ("", "here"), ("Send", ""), ("Outcome", "")]


def test_it_adds_up_all_tries_of_a_step(review: Review) -> None:
    first = Attempt.objects.earliest("id")
    Attempt.objects.create(step_run=first.step_run, fence=9, worker="w", tokens_in=5, model=first.model)
    made = evidence.gather(review).made[0]
    assert made.tokens_in == first.tokens_in + 5


def test_it_shows_the_question_in_full(cast: Cast, rita: Client, models: object) -> None:
    question = "Why? " * 100
    review = cast.waiting(question=question)
    assert question.strip() in rita.get(f"/inbox/{review.pk}/").text


def test_it_shows_a_decided_item_with_its_reason(decide: Decide, rita: Client, review: Review) -> None:
    decide("rejected", reason="Wrong customer.")
    page = rita.get(f"/inbox/{review.pk}/").text
    assert "You decided this" in page
    assert "Wrong customer." in page
    assert 'name="verdict"' not in page


def test_it_shows_what_the_models_were_given(rita: Client, review: Review) -> None:
    assert "Say what the question is about." in rita.get(f"/inbox/{review.pk}/?tab=evidence").text
