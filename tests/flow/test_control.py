"""What people hold back and let go on: a run, a step, a workflow."""

from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings

from audit.actors import person
from audit.models import Event, Personal
from audit.moves import IllegalMove
from orchestration import control, recovery
from orchestration.models import Attempt, Run, StepRun
from orchestration.outcomes import Stopped, Waiting
from reviews.models import Review
from tests.cast import Cast
from tests.clock import jump
from tests.flow.drawn import REVIEW, Spec, begin, carry_on, publish, start, statuses, step
from tests.flow.hands import approve, done, settle, take, take_one

GRACE = settings.HANDRAIL_GRACE + timedelta(seconds=1)


def asks(key: str = "ask", **more: Any) -> Spec:
    return step(key, "person", review=deepcopy(REVIEW), **more)


def test_it_lets_what_runs_end_and_nothing_else_begin(cast: Cast) -> None:
    run = start(cast, step("first"), step("second"))
    held = take_one()
    control.pause_run(run, actor=person(cast.adam), why="Let me look.")
    assert settle(held, room=10) == []
    assert (take(), statuses(run)) == ({}, {"first": "done", "second": "held"})
    control.release_run(run, actor=person(cast.adam))
    assert carry_on(run).status == "done"


@pytest.mark.parametrize(("begun", "status"), [(False, "accepted"), (True, "running")])
def test_it_goes_on_as_it_was(cast: Cast, begun: bool, status: str) -> None:
    run = start(cast, step("first"))
    if begun:
        take_one()
    control.pause_run(run, actor=person(cast.adam))
    control.release_run(run, actor=person(cast.adam))
    assert Run.objects.get().status == status


def test_it_ends_a_paused_run_whose_last_step_was_at_hand(cast: Cast) -> None:
    run = start(cast, step("last"))
    held = take_one()
    control.pause_run(run, actor=person(cast.adam))
    settle(held)
    assert Run.objects.get().status == "done"


def test_it_keeps_an_answer_until_the_run_is_released(cast: Cast) -> None:
    run = carry_on(start(cast, step("pause", "wait", for_seconds=60)))
    control.pause_run(run, actor=person(cast.adam))
    jump(seconds=61)
    recovery.wake_due()
    assert (statuses(run), take()) == ({"pause": "held"}, {})
    control.release_run(run, actor=person(cast.adam))
    assert carry_on(run).status == "done"


def test_it_cancels_what_waits_and_says_why(cast: Cast) -> None:
    run = carry_on(start(cast, asks()))
    control.cancel_run(run, actor=person(cast.adam), why="No longer wanted.")
    assert (Run.objects.get().status, statuses(run)) == ("cancelled", {"ask": "cancelled"})
    told = Event.objects.get(kind="run.cancel_asked")
    assert (told.actor_id, "No longer wanted." in Personal.objects.get(event=told).data) == (str(cast.adam.pk), True)


def test_it_withdraws_the_question_of_a_cancelled_step(cast: Cast) -> None:
    run = carry_on(start(cast, asks()))
    control.cancel_run(run, actor=person(cast.adam))
    assert Review.objects.get().status == "withdrawn"
    assert Event.objects.get(kind="review.withdrawn").actor_id == str(cast.adam.pk)


def test_it_withdraws_nothing_that_somebody_answered(cast: Cast) -> None:
    ask = asks() | {"review": {**REVIEW, "undo_seconds": 60}}
    run = carry_on(start(cast, ask))
    approve(cast, Review.objects.get())
    control.cancel_run(run, actor=person(cast.adam))
    assert (Review.objects.get().status, statuses(run)) == ("approved", {"ask": "cancelled"})


def test_it_tells_what_runs_and_gives_it_time(cast: Cast) -> None:
    run = start(cast, step("slow"))
    held = take_one()
    control.cancel_run(run, actor=person(cast.adam))
    assert Run.objects.get().status == "running"
    settle(held, Stopped("It was told to stop."))
    assert (Run.objects.get().status, Attempt.objects.get().result) == ("cancelled", "cancelled")


def test_it_waits_for_nobody_once_it_was_told_to_stop(cast: Cast) -> None:
    run = start(cast, asks())
    held = take_one()
    control.cancel_run(run, actor=person(cast.adam))
    settle(held, Waiting({"act": {}, "hash": ""}))
    assert (Run.objects.get().status, Review.objects.count()) == ("cancelled", 0)


def test_it_is_forced_after_its_time_and_what_it_writes_comes_late(cast: Cast) -> None:
    run = start(cast, step("slow"))
    held = take_one()
    control.cancel_run(run, actor=person(cast.adam))
    jump(seconds=GRACE.total_seconds())
    recovery._force_stops()
    assert Run.objects.get().status == "cancelled"
    done(held)
    assert (statuses(run), Attempt.objects.get().result) == ({"slow": "cancelled"}, "late")
    assert Event.objects.filter(kind="steprun.late_refused").count() == 1


def test_it_undoes_what_was_done_although_told_to_stop(cast: Cast) -> None:
    run = start(cast, step("pay", compensate=step("refund")), step("end"))
    held = take_one()
    control.cancel_run(run, actor=person(cast.adam))
    settle(held)
    assert carry_on(run).status == "cancelled"
    assert statuses(run) == {"pay": "done", "refund": "done"}


def test_it_cancels_a_run_whose_worker_died(cast: Cast) -> None:
    run = start(cast, step("slow"))
    take_one()
    control.cancel_run(run, actor=person(cast.adam))
    jump(seconds=7)
    recovery.sweep()
    assert (Run.objects.get().status, statuses(run)) == ("cancelled", {"slow": "cancelled"})


def test_it_cancels_one_step_and_falls_back(cast: Cast) -> None:
    run = carry_on(start(cast, asks(fallback=step("other")), step("end")))
    control.cancel_step(StepRun.objects.get(), actor=person(cast.adam), why="Nobody is in.")
    assert carry_on(run).status == "done"
    assert statuses(run) == {"ask": "cancelled", "other": "done", "end": "done"}
    assert Review.objects.get().status == "withdrawn"


def test_it_fails_the_run_when_nothing_stands_in_for_a_cancelled_step(cast: Cast) -> None:
    run = start(cast, step("slow"))
    held = take_one()
    control.cancel_step(held, actor=person(cast.adam))
    settle(held, Stopped("It was told to stop."))
    assert (Run.objects.get().status, statuses(run)) == ("failed", {"slow": "cancelled"})


def test_it_fails_only_the_part_whose_step_is_cancelled(cast: Cast) -> None:
    branches = [{"name": key, "steps": [asks(key)]} for key in ("left", "right")]
    run = carry_on(start(cast, step("both", "parallel", join="any", branches=branches), step("end")))
    control.cancel_step(StepRun.objects.get(step__key="left"), actor=person(cast.adam))
    approve(cast, Review.objects.open().get())
    assert carry_on(run).status == "done"
    assert statuses(run) == {"both": "done", "left": "cancelled", "right": "done", "end": "done"}


def test_it_cancels_what_is_inside_a_cancelled_step(cast: Cast) -> None:
    each = step("each", "map", over="[1, 2]", steps=[asks()], fallback=step("other"))
    run = carry_on(start(cast, each))
    control.cancel_step(StepRun.objects.get(step__key="each"), actor=person(cast.adam))
    assert set(Review.objects.values_list("status", flat=True)) == {"withdrawn"}
    assert carry_on(run).status == "done"
    assert not StepRun.objects.live().exists()


def test_it_accepts_runs_of_a_paused_workflow_and_begins_none(cast: Cast) -> None:
    workflow = publish(cast, step("first"), step("second"))
    run = begin(cast, workflow)
    held = take_one()
    control.pause_workflow(workflow, actor=person(cast.adam), why="Prices are wrong.")
    begin(cast, workflow)
    assert (settle(held, room=10), take()) == ([], {})
    control.release_workflow(workflow, actor=person(cast.adam))
    assert carry_on(run).status == "done"
    assert not Run.objects.live().exists()


def test_it_says_why_it_cannot(cast: Cast) -> None:
    run = start(cast, step("first"))
    with pytest.raises(control.CannotControl, match="is not paused"):
        control.release_run(run, actor=person(cast.adam))
    control.pause_run(run, actor=person(cast.adam))
    with pytest.raises(IllegalMove):
        control.pause_run(run, actor=person(cast.adam))
    control.cancel_run(run, actor=person(cast.adam))
    with pytest.raises(control.CannotControl, match="has ended already"):
        control.cancel_run(Run.objects.get(), actor=person(cast.adam))
