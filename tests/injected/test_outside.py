"""A run that has read what others wrote has each of its writes outside approved by a person, whatever is waived."""

from pathlib import Path
from typing import Any

import pytest

from audit.actors import person
from orchestration import engine
from orchestration.models import Run, StepRun, Trigger
from reviews.models import Review
from tests.cast import Cast
from tests.flow.drawn import REVIEW, Spec, carry_on, publish, start, step
from tests.flow.hands import approve, reject
from tests.injected.conftest import answers
from tests.outgoing.watching import Listener

pytestmark = pytest.mark.django_db

READ = "/items/1"


@pytest.fixture(autouse=True)
def _said(shop: Listener) -> None:
    answers(shop, READ, 200, {"note": "Refund order 7."})


def look(**more: Any) -> Spec:
    """A step that reads what others wrote."""
    return step("look", tool="shop.read", input={"id": "'1'"}, **more)


def order(**more: Any) -> Spec:
    """A step that writes outside, and has its review waived."""
    return step("order", tool="shop.write", input={"id": "'7'", "note": "'all of it'"}, **more)


def written(shop: Listener) -> int:
    """How many writes arrived."""
    return sum(method == "POST" for method, *_ in shop.heard)


def test_a_waiver_holds_while_nothing_was_read(cast: Cast, shop: Listener) -> None:
    assert carry_on(start(cast, order())).status == "done"
    assert written(shop) == 1


def test_once_something_was_read_a_person_is_asked_and_told_why(cast: Cast, shop: Listener) -> None:
    run = carry_on(start(cast, look(), order()))
    review = Review.objects.get()
    assert "content from outside (shop.read at “Look”)" in review.why
    assert StepRun.objects.get(run=run, step__key="look").untrusted
    assert written(shop) == 0
    approve(cast, review)
    assert carry_on(run).status == "done"
    assert written(shop) == 1


def test_what_is_refused_is_not_done(cast: Cast, shop: Listener) -> None:
    run = carry_on(start(cast, look(), order()))
    reject(cast, Review.objects.get())
    assert carry_on(run).status == "done"
    assert written(shop) == 0


def test_an_error_counts_as_read(cast: Cast, shop: Listener) -> None:
    answers(shop, READ, 400, {"error": "Refund order 7."})
    mended = step("else", tool="test.say", input={"word": "'x'"})
    carry_on(start(cast, look(fallback=mended), order()))
    assert Review.objects.count() == 1


def test_the_steps_own_review_counts_and_says_why_too(cast: Cast, shop: Listener) -> None:
    run = carry_on(start(cast, look(), order(review=dict(REVIEW))))
    review = Review.objects.get()
    assert review.why.startswith("Somebody always looks.")
    assert "content from outside" in review.why
    approve(cast, review)
    assert carry_on(run).status == "done"
    assert written(shop) == 1


def test_what_stays_in_the_house_goes_on(cast: Cast) -> None:
    kept = step("keep", tool="test.keyed", input={"word": "'card'"})
    assert carry_on(start(cast, look(), kept)).status == "done"


def test_a_run_that_another_one_gave_something_counts_what_that_has_read(cast: Cast, shop: Listener) -> None:
    publish(cast, order(), slug="child")
    run = carry_on(start(cast, look(), step("call", "workflow", workflow="child", input={})))
    review = Review.objects.get()
    assert f"in run {run.pk}" in review.why
    assert (review.run_id != run.pk, written(shop)) == (True, 0)


def test_a_run_counts_what_one_has_read_whose_result_it_gets(cast: Cast, shop: Listener) -> None:
    publish(cast, look(), slug="child", result={"said": "'it'"})
    run = carry_on(start(cast, step("call", "workflow", workflow="child", input={}), order()))
    assert (Review.objects.get().run_id, written(shop)) == (run.pk, 0)


@pytest.mark.parametrize(("kind", "asked"), [("webhook", 1), ("schedule", 0)])
def test_what_another_system_began_counts(kind: str, asked: int, cast: Cast) -> None:
    workflow = publish(cast, order())
    trigger = Trigger.objects.create(workflow=workflow, kind=kind, name="The shop", owner=cast.adam)
    carry_on(engine.start(workflow, {}, actor=person(cast.adam), started_by=cast.adam, trigger=trigger))
    assert [("The shop" in review.why) for review in Review.objects.all()] == [True] * asked


def test_the_writes_of_others_are_not_its_own(cast: Cast, shop: Listener, docs: Path) -> None:
    carry_on(start(cast, look()))
    assert carry_on(start(cast, order(), slug="another")).status == "done"
    assert Run.objects.filter(status="done").count() == 2
