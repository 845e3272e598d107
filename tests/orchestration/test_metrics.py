"""Success metrics: what each kind comes to when a step is done, and what becomes of a try that a metric blocks."""

import json
from typing import Any

import pytest

from orchestration.models import StepRun
from reviews import decisions
from reviews.models import Review
from tests.cast import Cast
from tests.fakes import FakeModels
from tests.flow.drawn import Spec, carry_on, start, step

SAID = {"body": "Dear Ines, your card 4111 is on its way.", "label": "card"}


def writes(metric: Spec, **more: Any) -> Spec:
    """A model step with one metric; its answer is `SAID`."""
    plain: Spec = {
        "model": "handrail/scripted",
        "prompt": "Write.",
        "input": {},
        "output": {"type": "object", "required": ["body"]},
        "metrics": [{"name": "m", **metric}],
        "retry": {"tries": 1},
    }
    return step("write", "model", **plain | more)


def done(cast: Cast, models: FakeModels, *steps: Spec) -> StepRun:
    models.scripted.says = json.dumps(SAID)
    return carry_on(start(cast, *steps)).step_runs.order_by("pk")[0]


@pytest.mark.parametrize(
    ("metric", "met"),
    [
        ({"kind": "cel", "expression": "size(output.body) > 10"}, True),
        ({"expression": "size(output.body) > 1000"}, False),
        ({"expression": "output.nothing > 1"}, None),
        ({"kind": "schema"}, True),
        ({"kind": "schema", "schema": {"required": ["subject"]}}, False),
        ({"kind": "contains", "of": "output.body", "text": "Dear Ines"}, True),
        ({"kind": "contains", "of": "output.body", "text": "Dear Rita"}, False),
        ({"kind": "contains", "of": "output.body", "text": "refund", "absent": True}, True),
        ({"kind": "contains", "of": "size(output.body)", "text": "refund"}, None),
        ({"kind": "matches", "of": "output.body", "pattern": r"\d{4}"}, True),
        ({"kind": "matches", "of": "output.body", "pattern": r"\d{4}", "absent": True}, False),
        ({"kind": "matches", "of": "output.body", "pattern": r"^(a+)+$"}, False),
        ({"kind": "matches", "of": "output.nothing", "pattern": "x"}, None),
        ({"kind": "cost", "most": "0.50"}, True),
        ({"kind": "cost", "most": "0"}, False),
        ({"kind": "latency", "seconds": 30}, True),
        ({"kind": "latency", "seconds": 0.0000001}, False),
    ],
)
def test_it_is_worked_out_when_the_step_is_done(cast: Cast, models: FakeModels, metric: Spec, met: bool | None) -> None:
    held = done(cast, models, writes({**metric, "target": 0.9}))
    assert held.status == "done"
    kind = metric.get("kind", "cel")
    assert held.metrics == [{"name": "m", "kind": kind, "target": 0.9, "met": met}]


@pytest.mark.parametrize(
    "metric",
    [
        {"kind": "verdict"},
        {"kind": "edit_distance", "most_share": 0.1},
        {"kind": "judge", "model": "handrail/intent", "question": "Is it kind?"},
        {"kind": "callback"},
    ],
)
def test_what_is_known_only_later_is_not_made_up(cast: Cast, models: FakeModels, metric: Spec) -> None:
    (told,) = done(cast, models, writes(metric)).metrics
    assert (told["met"], told["later"]) == (None, True)


@pytest.mark.parametrize(
    ("metric", "why"),
    [
        ({"kind": "contains", "of": "output.body", "text": "4111", "absent": True}, "was not met"),
        ({"kind": "cel", "expression": "output.nothing > 1"}, "could not be worked out"),
        ({"kind": "cost", "most": "0"}, "was not met"),
    ],
)
def test_a_try_that_a_metric_blocks_has_failed(cast: Cast, models: FakeModels, metric: Spec, why: str) -> None:
    held = done(cast, models, writes({**metric, "blocking": True}))
    assert (held.status, held.error) == ("failed", f"The metric “m” {why}, and it blocks.")
    assert held.attempts.get().cost > 0


def test_a_model_is_asked_again_and_then_its_fallback_is_done(cast: Cast, models: FakeModels) -> None:
    metric = {"expression": "size(output.body) > 1000", "blocking": True}
    retry = {"tries": 2, "on": ["answer"], "first_seconds": 0}
    models.scripted.says = json.dumps(SAID)
    run = carry_on(start(cast, writes(metric, retry=retry, fallback=step("other"))), jumps=1)
    assert models.scripted.calls == 2
    assert dict(run.step_runs.values_list("step__key", "status")) == {"write": "failed", "other": "done"}


def test_a_blocking_metric_that_is_met_lets_it_through(cast: Cast, models: FakeModels) -> None:
    held = done(cast, models, writes({"expression": "true", "blocking": True}))
    assert (held.status, held.metrics[0]["met"]) == ("done", True)


AFTER = {
    "when": "after",
    "group": "reviewer",
    "title": "'Please look'",
    "why": [{"rule": "all", "sentence": "All.", "priority": 1, "due_minutes": 60}],
}


def test_what_blocks_is_not_even_shown_to_a_person(cast: Cast, models: FakeModels) -> None:
    metric = {"expression": "size(output.body) > 1000", "blocking": True}
    assert done(cast, models, writes(metric, review=AFTER)).status == "failed"
    assert not Review.objects.exists()


def test_who_approves_afterwards_has_the_last_word(cast: Cast, models: FakeModels) -> None:
    metrics = [
        {"name": "short", "expression": "size(output.body) < 50", "blocking": True},
        {"name": "cheap", "kind": "cost", "most": "0.5"},
        {"name": "quick", "kind": "latency", "seconds": 60},
    ]
    done(cast, models, writes({}, metrics=metrics, review=AFTER))
    review = Review.objects.get()
    edit = {**SAID, "body": "x" * 60}
    shown: Spec = {"version": review.version, "shown_hash": review.content_hash, "arguments": edit}
    decisions.decide(review.pk, by=cast.rita, verdict="approved", **shown)
    held = carry_on(review.run).step_runs.get()
    assert held.status == "done"
    assert {told["name"]: told["met"] for told in held.metrics} == {"short": False, "cheap": True, "quick": True}


@pytest.mark.parametrize(("used", "met"), [(True, True), (False, False)])
def test_a_tool_step_has_used_its_tool(cast: Cast, models: FakeModels, used: bool, met: bool) -> None:
    metric = {"name": "m", "kind": "tool_used", "tool": "test.say", "used": used}
    assert done(cast, models, step("say", metrics=[metric])).metrics[0]["met"] is met
