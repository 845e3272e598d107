"""Limits: so many steps of a model, a tool or a workflow in flight, so many runs under way, one customer at a time."""

from typing import Any

import pytest

from audit.actors import person
from audit.models import Event
from orchestration import claims, control
from orchestration.models import Run, StepRun, Workflow
from orchestration.settling import Tried, settle
from reviews.models import Review
from tests.cast import Cast
from tests.flow.drawn import Spec, begin, carry_on, publish, step
from tests.flow.hands import approve, came_to, take
from tests.orchestration.machine.courses import asks

LANE = "tool:test.say"


def limit(cast: Cast, at_once: int | None, lane: str = LANE) -> None:
    control.set_limit(lane, at_once, actor=person(cast.adam))


def started(cast: Cast, count: int, *steps: Spec, **more: Any) -> Workflow:
    workflow = publish(cast, *steps, **more)
    for _ in range(count):
        begin(cast, workflow)
    return workflow


def most_in_flight(*, room: int = 10) -> int:
    """Two workers take in turn and go straight on, until nothing is left: the most that ever ran."""
    most, held = 0, {"w1": list[StepRun](), "w2": list[StepRun]()}
    while Run.objects.live().exists():
        for worker, mine in held.items():
            mine += claims.claim(worker, room)
            most = max(most, running())
            ended, mine[:] = mine[:2], mine[2:]
            if ended:
                mine += settle([Tried(one, came_to(one)) for one in ended], worker=worker, room=room)
            most = max(most, running())
    return most


def running() -> int:
    return StepRun.objects.filter(status="running").count()


def test_it_runs_no_more_of_a_tool_than_may(cast: Cast) -> None:
    limit(cast, 3)
    started(cast, 12, step("first"), step("second"))
    assert most_in_flight() == 3


def test_it_counts_a_tool_over_all_workflows(cast: Cast) -> None:
    limit(cast, 3)
    started(cast, 6, step("first"), slug="one")
    started(cast, 6, step("first"), slug="two")
    assert most_in_flight() == 3


def test_it_runs_no_more_steps_of_a_workflow_than_may(cast: Cast) -> None:
    each = step("each", "map", over="[1, 2, 3, 4]", steps=[step("one"), step("two", tool="test.keyed")])
    started(cast, 3, each, step("end"), limits={"steps": 2})
    assert most_in_flight() == 2


def test_it_limits_nothing_else(cast: Cast) -> None:
    limit(cast, 1, "tool:test.keyed")
    started(cast, 8, step("first"))
    assert most_in_flight() == 8


def test_it_keeps_to_a_limit_that_is_set_meanwhile(cast: Cast) -> None:
    started(cast, 8, step("first"))
    claims.claim("w1", 5)
    limit(cast, 3)
    assert claims.claim("w2", 5) == []
    limit(cast, 6)
    assert len(claims.claim("w2", 5)) == 1


def test_it_tries_no_suspect_beyond_the_limit(cast: Cast) -> None:
    limit(cast, 1)
    started(cast, 2, step("first"))
    claims.claim("w1", 1)
    StepRun.objects.filter(status="ready").update(deaths=claims.SUSPECT)
    assert claims.claim_suspect("w2") == []


def test_it_records_what_a_limit_was(cast: Cast) -> None:
    for at_once in (3, 3, 5, None):
        limit(cast, at_once)
    told = [event.data for event in Event.objects.filter(kind="limit.set").order_by("id")]
    assert [(one["was"], one["at_once"]) for one in told] == [(None, 3), (3, 5), (5, None)]


def test_it_lets_so_many_runs_be_under_way(cast: Cast) -> None:
    workflow = started(cast, 4, asks("ask"), limits={"runs": 2})
    carry_on(Run.objects.earliest("pk"))
    assert (Review.objects.count(), Run.objects.filter(waits_turn=True).count()) == (2, 2)
    approve(cast, Review.objects.earliest("pk"))
    carry_on(Run.objects.earliest("pk"))
    assert [run.waits_turn for run in workflow.runs.order_by("pk")] == [False, False, False, True]


def test_it_takes_one_customer_at_a_time(cast: Cast) -> None:
    limits = {"key": "input.customer", "per_key": 1}
    workflow = publish(cast, asks("ask"), limits=limits)
    first, second, other = (begin(cast, workflow, {"customer": name}) for name in ("ada", "ada", "ben"))
    assert [run.waits_turn for run in (first, second, other)] == [False, True, False]
    control.cancel_run(first, actor=person(cast.adam))
    second.refresh_from_db()
    assert (second.waits_turn, second.step_runs.get().status) == (False, "ready")


def test_it_admits_the_urgent_first(cast: Cast) -> None:
    workflow = started(cast, 2, asks("ask"), limits={"runs": 1})
    publish(cast, asks("ask"), limits={"runs": 1}, priority=0)
    workflow.refresh_from_db()
    urgent = begin(cast, workflow)
    control.cancel_run(Run.objects.earliest("pk"), actor=person(cast.adam))
    assert list(Run.objects.live().filter(waits_turn=False)) == [urgent]


@pytest.mark.parametrize("paused_first", [True, False])
def test_it_holds_a_paused_run_back_although_it_is_its_turn(cast: Cast, paused_first: bool) -> None:
    workflow = publish(cast, asks("ask"), limits={"runs": 1})
    first, second = begin(cast, workflow), begin(cast, workflow)
    if paused_first:
        control.pause_run(second, actor=person(cast.adam))
    control.cancel_run(first, actor=person(cast.adam))
    if not paused_first:
        control.pause_run(second, actor=person(cast.adam))
    assert (take(), second.step_runs.get().status) == ({}, "held")
    control.release_run(second, actor=person(cast.adam))
    assert list(take()) == ["ask"]


def test_it_cancels_a_run_that_waits_for_its_turn(cast: Cast) -> None:
    workflow = started(cast, 2, asks("ask"), limits={"runs": 1})
    waiting = workflow.runs.get(waits_turn=True)
    control.cancel_run(waiting, actor=person(cast.adam))
    waiting.refresh_from_db()
    assert waiting.status == "cancelled"
