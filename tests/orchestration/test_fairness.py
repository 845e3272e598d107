"""A flood in one workflow, or in one lane of it, starves nobody: told by the order of claims, not by the clock."""

from collections import Counter
from collections.abc import Callable

import pytest

from orchestration import claims
from orchestration.models import Run, StepRun, Workflow
from orchestration.outcomes import Done
from orchestration.settling import Tried, settle
from tests.cast import Cast
from tests.flow.drawn import begin, publish, step

FLOOD, ROOM = 2000, 50


def many(cast: Cast, workflow: Workflow, count: int) -> None:
    """So many accepted runs: copies of one, which is quicker than to start each."""
    run = begin(cast, workflow)
    first = StepRun.objects.get(run=run)
    runs = Run.objects.bulk_create([_copy(run) for _ in range(count - 1)])
    StepRun.objects.bulk_create([_copy(first, run=made) for made in runs])


def _copy[Row: (Run, StepRun)](row: Row, **changed: object) -> Row:
    fields = {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields if not f.primary_key}
    made = type(row)(**fields)
    for name, value in changed.items():
        setattr(made, name, value)
    return made


def rounds_until(done: Callable[[], bool], *, room: int) -> int:
    """How often a worker claims and settles before that is so."""
    for number in range(100):
        if done():
            return number
        held = claims.claim("w1", room)
        settle([Tried(one, Done({})) for one in held], worker="w1")
    raise AssertionError("It never came to that.")


def open_runs(workflow: Workflow) -> int:
    return Run.objects.live().filter(workflow=workflow).count()


@pytest.mark.parametrize(("room", "most"), [(ROOM, 1), (2, 60)])
def test_it_carries_out_a_few_behind_a_flood(cast: Cast, room: int, most: int) -> None:
    flood = publish(cast, step("only"), slug="flood")
    many(cast, flood, FLOOD)
    few = publish(cast, step("only"), slug="few")
    many(cast, few, 5)
    assert rounds_until(lambda: not open_runs(few), room=room) <= most
    assert open_runs(flood) >= FLOOD - most * room


def test_it_lets_a_worker_with_one_place_take_from_each_in_turn(cast: Cast) -> None:
    workflows = [publish(cast, step("only"), slug=slug) for slug in ("one", "two", "three")]
    for workflow in workflows:
        many(cast, workflow, 60)
    taken = Counter(claims.claim("w1", 1)[0].workflow_id for _ in range(60))
    assert set(taken) == {workflow.pk for workflow in workflows}
    assert min(taken.values()) >= 8


def test_it_shares_a_workflow_out_among_its_tools(cast: Cast) -> None:
    source = step("fork", "parallel", branches=[{"name": "b", "steps": [step("other", tool="test.keyed")]}])
    workflow = publish(cast, step("only"), source)
    many(cast, workflow, 200)
    first = claims.claim("w1", 1)[0]
    settle([Tried(first, Done({}))], worker="w1")
    taken = [step for _ in range(2) for step in claims.claim("w1", 20)]
    assert "fork" in {one.step.key for one in taken}


def test_it_gives_what_one_leaves_to_the_others(cast: Cast) -> None:
    few, flood = (publish(cast, step("only"), slug=slug) for slug in ("few", "flood"))
    many(cast, few, 1)
    many(cast, flood, 100)
    assert [len(claims.claim("w1", 20)) for _ in range(3)] == [11, 20, 20]


def test_it_takes_the_urgent_of_a_workflow_first(cast: Cast) -> None:
    workflow = publish(cast, step("only"))
    many(cast, workflow, 100)
    publish(cast, step("only"), priority=0)
    workflow.refresh_from_db()
    urgent = begin(cast, workflow)
    assert claims.claim("w1", 5)[0].run_id == urgent.pk
