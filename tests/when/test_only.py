"""Whether anybody is asked at all: by a condition, the confidence, the effect, a sample; in doubt always."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.models import Event
from orchestration import leaving, outside, samples
from orchestration.executors import whether
from orchestration.executors.task import Task
from orchestration.models import Run, StepRun
from orchestration.tools import TOOLS
from reviews.models import Review
from tests.cast import Cast, carry_out_all
from tests.flow import drawn
from tests.when.timed import RIGHTS, decide, section

GIVEN = {"type": "object", "properties": {"amount": {"type": "number"}}}


def run_with(cast: Cast, only: dict[str, Any], amount: float = 5.0, **more: Any) -> Run:
    """A run of a step that asks only sometimes, as far as it comes."""
    review = section(only=only, **more)
    step = drawn.step("book", input={"amount": "input.amount"}, review=review)
    run = drawn.start(cast, step, groups=RIGHTS, input=GIVEN, given={"amount": amount}, slug="sometimes")
    carry_out_all()
    return run


def why(run: Run) -> list[str]:
    """What made it that somebody was asked."""
    held = StepRun.objects.get(run=run)
    return list(held.question["only"]["by"]) if held.question else []


ONLY_LARGE = {"if": "act.arguments.amount > 100.0"}


def test_nobody_is_asked_where_no_condition_holds(cast: Cast) -> None:
    run = run_with(cast, ONLY_LARGE)
    assert not Review.objects.exists()
    output = {"amount": 5, "verdict": "not_asked", "edited": False, "reviewed": False}
    assert drawn.output(run, "book") == output
    told = Event.objects.filter(kind="steprun.done", run_id=run.pk).get()
    assert told.data["reviewed"] is False
    assert told.data["only"] == {**ONLY_LARGE, "by": []}


def test_somebody_is_asked_where_one_holds(cast: Cast) -> None:
    run = run_with(cast, {**ONLY_LARGE, "sample": 0.000001}, 500.0)
    review = Review.objects.get()
    assert (why(run), review.sampled) == (["if"], False)
    assert "Its condition holds" in review.why
    decide(review, cast.rita)
    carry_out_all()
    assert drawn.output(run, "book")["verdict"] == "approved"


@pytest.mark.parametrize(
    "only", [{"if": "act.arguments.none > 1"}, {"if": "act.arguments.amount"}, {"if": "1 / 0 > 1"}]
)
def test_what_cannot_be_worked_out_asks(cast: Cast, only: dict[str, Any]) -> None:
    run = run_with(cast, only)
    assert why(run) == ["unknown"]


@pytest.mark.parametrize(
    ("confidence", "by"),
    [
        ("0.9", []),
        ("0.8", []),
        ("0.79", ["below"]),
        ("'high'", ["below"]),
        ("true", ["below"]),
        ("input.none", ["below"]),
    ],
)
def test_a_confidence_under_the_bar_or_unknown_asks(cast: Cast, confidence: str, by: list[str]) -> None:
    assert why(run_with(cast, {"below": 0.8}, confidence=confidence)) == by


def test_no_confidence_at_all_is_a_low_one(cast: Cast) -> None:
    assert why(run_with(cast, {"below": 0.8})) == ["below"]


def test_the_effect_of_what_would_be_done_asks(cast: Cast) -> None:
    effect = TOOLS["test.say"].effect
    assert why(run_with(cast, {"effects": [effect]})) == ["effects"]
    others = [one for one in ("read", "write", "destructive") if one != effect]
    assert why(run_with(cast, {"effects": others})) == []


def test_a_sample_is_recorded_as_one(cast: Cast) -> None:
    run_with(cast, {**ONLY_LARGE, "sample": 1})
    review = Review.objects.get()
    assert review.sampled
    assert "picked at random: 100 in 100" in review.why
    assert Event.objects.get(kind="review.open").data["only"] == {**ONLY_LARGE, "sample": 1, "by": ["sample"]}


def test_after_the_act_the_same_holds(cast: Cast) -> None:
    run = run_with(cast, {"if": "output.amount > 100.0"}, when="after")
    assert drawn.output(run, "book")["verdict"] == "not_asked"
    run_with(cast, {"if": "output.amount > 100.0"}, 500.0, when="after")
    assert Review.objects.get().status == "open"


def test_who_reads_what_others_wrote_is_asked_whatever_only_says(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    far = replace(TOOLS["test.say"], leaves_house=True, effect="write")
    monkeypatch.setattr(TOOLS, "_found", {**TOOLS.load(), "test.say": far})
    monkeypatch.setattr(outside, "read_by", lambda run: "mail")
    assert why(run_with(cast, ONLY_LARGE)) == ["untrusted"]
    assert "others wrote" in Review.objects.get().why


def test_the_lot_is_the_same_over_tries_rounds_calls_and_restarts(cast: Cast) -> None:
    run = run_with(cast, {"sample": 0.5})
    held = StepRun.objects.select_related("step", "run__version__workflow").get(run=run)

    def drawn_for(**changed: Any) -> Any:
        for name, value in changed.items():
            setattr(held, name, value)
        return whether._drawn_for(Task(held, held.step, {}))

    first = drawn_for()
    assert drawn_for(fence=7) == first
    assert drawn_for(frame="31~4") == first
    assert drawn_for(frame="25:3") == first
    assert drawn_for(frame="17.3") != first
    again = Run(pk=run.pk + 100, restarted_from=run)
    held.frame, held.run = "", again
    assert whether._drawn_for(Task(held, held.step, {})) == first


@settings(max_examples=30, deadline=None)
@given(st.floats(0.02, 0.98), st.integers(0, 10**9))
def test_a_share_is_about_that_share(share: float, seed: int) -> None:
    count = 3000
    found = sum(samples.is_in(share, seed, number) for number in range(count))
    assert abs(found / count - share) < 0.06


def test_all_and_none_are_exact_and_a_larger_share_holds_the_smaller() -> None:
    assert all(samples.is_in(1, number) for number in range(500))
    assert not any(samples.is_in(0, number) for number in range(500))
    small = {number for number in range(2000) if samples.is_in(0.1, number)}
    assert small <= {number for number in range(2000) if samples.is_in(0.2, number)}


def test_nobody_without_the_key_can_tell_which(settings: Any) -> None:
    before = [samples.is_in(0.5, number) for number in range(200)]
    settings.SECRET_KEY = "another"
    after = [samples.is_in(0.5, number) for number in range(200)]
    assert 50 < sum(one != other for one, other in zip(before, after, strict=True)) < 150
    assert samples.drawn(1, 23) != samples.drawn(12, 3)


def document(*steps: drawn.Spec) -> dict[str, Any]:
    return {"steps": list(steps)}


def test_what_only_can_let_out_is_found() -> None:
    sends = drawn.step("send", tool="email.send", review=section(only={"below": 0.8}))
    held = drawn.step("held", tool="email.send", review=section(only={"below": 0.8, "effects": ["write"]}))
    found = [(one.key, tool) for one, tool in leaving.unapproved(leaving.of_document(document(sends, held)))]
    assert found[0] == ("send", "email.send")
    assert len(found) == (1 if TOOLS["email.send"].effect == "write" else 2)


def test_what_leaves_the_house_behind_a_step_is_found() -> None:
    steps = [
        drawn.step("before", tool="email.send"),
        drawn.step("here"),
        drawn.step("asked", tool="email.send", review=section()),
    ]
    assert leaving.behind(leaving.of_document(document(*steps)), "here") == ""
    unasked = drawn.step("unasked", tool="email.send")
    assert "unasked" in leaving.behind(leaving.of_document(document(*steps, unasked)), "here").lower()
    sometimes = drawn.step("sometimes", tool="email.send", review=section(only={"below": 0.8}))
    assert leaving.behind(leaving.of_document(document(*steps, sometimes)), "here")
    assert leaving.behind(leaving.of_document(document(*steps)), "nowhere")
    around = drawn.step("many", "map", over="input.all", steps=steps)
    assert leaving.behind(leaving.of_document(document(around)), "here")
