"""R2: a worker dies at each point of a try. What may be repeated is; what may not is never called twice."""

from collections import Counter
from pathlib import Path

import pytest

from orchestration.models import Run, StepRun, Workflow
from tests.cast import Cast
from tests.faults import work
from tests.faults.checker import check
from tests.faults.figures import Fault
from tests.faults.forked import clock, crew
from tests.faults.inside import CALLS, MARKS, POINTS, Marks
from tests.flow.drawn import publish

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(1800)]

UNKNOWN = "Outcome unknown"
# What a step comes to that may not be repeated: whether its call was made is known only before it and after its commit.
COMES_TO = {
    "after_claim": "done",
    "in_call": "failed",
    "after_call": "failed",
    "before_commit": "failed",
    "in_commit": "done",
    "after_commit": "done",
}


def drawn(cast: Cast, point: str, tool: str) -> Workflow:
    """A step at which its worker dies, and one that follows."""
    slug = f"{point}_{tool.partition('.')[2]}".replace("_", "-")
    return publish(cast, work.saying(point, tool=tool), work.saying("then"), slug=slug)


def calls(marks: Marks) -> Counter[str]:
    """How often each key was called, as the world outside remembers it."""
    return Counter((Path(marks[MARKS]) / CALLS).read_text().split())


@pytest.mark.fault("R2")
@pytest.mark.parametrize("tool", ["test.say", "test.unsafe"])
def test_it_survives_a_death_at_each_point(live_cast: Cast, fault: Fault, marks: Marks, tool: str) -> None:
    deaths = fault.load(4, 50)
    drawn_at = {point: drawn(live_cast, point, tool) for point in POINTS}
    with clock("hurry"), crew(2, "die_at_points", environment=marks, HANDRAIL_CALLS=1):
        for _ in range(deaths):
            for workflow in drawn_at.values():
                work.start(live_cast, workflow, 1)
        fault.tell("done_after", work.wait_until_ended(60 + deaths * 10), "s")
    for point in POINTS:
        died = len(list(Path(marks[MARKS]).glob(f"{point}-*")))
        fault.tell(f"died_{point}{'_unsafe' * (tool == 'test.unsafe')}", died, "workers")
        assert died == deaths
    if tool == "test.unsafe":
        check_unsafe(drawn_at, calls(marks), fault)
    else:
        assert not Run.objects.exclude(status="done").exists()
    check(fault)


def check_unsafe(drawn_at: dict[str, Workflow], made: Counter[str], fault: Fault) -> None:
    """Never called twice, and "outcome unknown" wherever nobody can know."""
    for point, workflow in drawn_at.items():
        steps = StepRun.objects.filter(workflow=workflow, step__key=point)
        assert set(steps.values_list("status", flat=True)) == {COMES_TO[point]}, point
        assert all(made[f"run-{step.run_id}-step-{point}"] == 1 for step in steps), point
    failed = StepRun.objects.filter(status="failed")
    assert all(step.error.startswith(UNKNOWN) for step in failed)
    fault.tell("outcome_unknown", failed.count(), "steps")
    fault.tell("unsafe_calls_twice", sum(many > 1 for key, many in made.items() if "-then" not in key), "calls")
