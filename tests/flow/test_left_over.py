"""What is left inside a step that has gone on without it, and what nobody did because somebody died after a commit."""

from copy import deepcopy
from typing import Any

import pytest

from audit.actors import COMMAND, person
from orchestration import afterwards, control, recovery, waking
from orchestration.models import Run, StepRun
from orchestration.outcomes import Failed, Stopped
from reviews.models import Review
from tests import tools
from tests.cast import Cast
from tests.flow.drawn import REVIEW, Spec, carry_on, publish, start, statuses, step
from tests.flow.hands import settle, take, take_one


@pytest.fixture
def nobody_follows_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if every worker died right after its commit."""
    monkeypatch.setattr(afterwards, "follow_up", lambda flow: None)


def asks(key: str = "ask") -> Spec:
    return step(key, "person", review=deepcopy(REVIEW))


def race(*slow: Spec, **more: Any) -> Spec:
    branches = [{"name": "quick", "steps": [step("quick")]}, {"name": "slow", "steps": list(slow)}]
    return step("race", "parallel", join="any", branches=branches, **more)


def test_it_ends_no_run_before_all_that_runs_has_ended(cast: Cast) -> None:
    run = start(cast, race(step("slow")), step("end"))
    settle(take_one())
    held = take()
    settle(held["quick"])
    for key in ("race", "end"):
        settle(take()[key])
    assert Run.objects.get().status == "running"
    settle(held["slow"], Stopped("It was told to stop."))
    assert (Run.objects.get().status, statuses(run)["slow"]) == ("done", "cancelled")


def test_it_cancels_the_run_that_a_cancelled_branch_waits_for(cast: Cast) -> None:
    publish(cast, asks(), slug="child")
    run = start(cast, race(step("call", "workflow", workflow="child", input={}), step("after")), step("end"))
    tools.gone_on.set()
    settle(take_one())
    held = take()
    settle(held["call"])
    settle(take()["ask"])
    settle(held["quick"])
    assert carry_on(run).status == "done"
    assert set(Run.objects.values_list("status", flat=True)) == {"done", "cancelled"}
    assert Review.objects.get().status == "withdrawn"


@pytest.mark.usefixtures("nobody_follows_up")
def test_the_sweep_cancels_the_run_that_nobody_waits_for(cast: Cast) -> None:
    publish(cast, asks(), slug="child")
    run = carry_on(start(cast, step("call", "workflow", workflow="child", input={})))
    control.cancel_run(run, actor=person(cast.adam))
    assert Run.objects.get(parent__run=run).is_live
    recovery.sweep()
    assert set(Run.objects.values_list("status", flat=True)) == {"cancelled"}


@pytest.mark.usefixtures("nobody_follows_up")
def test_the_sweep_stops_what_was_left_over_and_ends_the_run(cast: Cast) -> None:
    run = carry_on(start(cast, race(asks()), step("end")))
    assert (run.status, statuses(run)["end"]) == ("running", "done")
    recovery.sweep()
    assert (Run.objects.get().status, statuses(run)["ask"]) == ("done", "cancelled")
    assert Review.objects.get().status == "withdrawn"


def test_it_ends_when_the_last_of_the_others_is_cancelled(cast: Cast) -> None:
    each = step("each", "map", over="[1, 2]", steps=[asks()])
    run = carry_on(start(cast, race(each, others="finish"), step("end")))
    assert (run.status, statuses(run)["end"]) == ("running", "done")
    control.cancel_step(StepRun.objects.get(step__key="each"), actor=person(cast.adam))
    assert Run.objects.get().status == "done"


def test_it_undoes_inside_a_step_that_left_others_over(cast: Cast) -> None:
    quick = step("quick", compensate=step("undo"))
    branches = [{"name": "quick", "steps": [quick]}, {"name": "slow", "steps": [step("slow")]}]
    run = start(cast, step("race", "parallel", join="any", branches=branches), step("end"))
    settle(take_one())
    held = take()
    settle(held["quick"])
    settle(held["slow"], Stopped("It was told to stop."))
    settle(take_one())
    settle(take_one(), Failed("No."))
    assert statuses(run)["undo"] == "ready"
    recovery.sweep()
    assert statuses(run)["undo"] == "ready"
    assert carry_on(run).status == "failed"


def test_it_hands_an_event_to_all_who_wait(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waking, "BATCH", 2)
    wait = step("paid", "wait", event="payment", match="event.sum == item", seconds=3600)
    run = carry_on(start(cast, step("each", "map", over="[1, 2, 3, 4, 5]", steps=[wait])))
    assert waking.tell("payment", {"sum": 5}, actor=COMMAND) == 1
    assert StepRun.objects.filter(run=run, parent__isnull=False, status="ready").get().part == 4


def test_it_lets_waiting_runs_begin_when_the_limit_is_gone(cast: Cast) -> None:
    first = start(cast, asks(), limits={"runs": 1})
    carry_on(first)
    second = start(cast, asks(), limits={"runs": 1})
    assert second.waits_turn
    publish(cast, asks("other"))
    recovery.sweep()
    carry_on(second)
    assert Review.objects.count() == 2
