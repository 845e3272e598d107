"""R2: a worker dies at each point of a try. What may be repeated is; what may not is never called twice."""

import time
from collections import Counter
from pathlib import Path

import pytest

from orchestration.models import Run, StepRun, Workflow
from orchestration.states import Awaits
from tests.cast import Cast
from tests.faults import work
from tests.faults.checker import check
from tests.faults.figures import Fault
from tests.faults.forked import clock, crew
from tests.faults.inside import CALLS, MARKS, POINTS, Marks
from tests.flow.drawn import publish
from tests.processes import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(1800)]

TOOLS = ("test.say", "test.unsafe")
# What a step comes to that may not be repeated: whether its call was made is known only before it and after its commit.
COMES_TO = {
    "after_claim": "done",
    "in_call": "waiting",
    "after_call": "waiting",
    "before_commit": "waiting",
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
def test_it_survives_a_death_at_each_point(live_cast: Cast, fault: Fault, marks: Marks) -> None:
    deaths = fault.load(2, 50)
    drawn_at = {(point, tool): drawn(live_cast, point, tool) for point in POINTS for tool in TOOLS}
    with clock("hurry"), crew(3, "die_at_points", environment=marks, HANDRAIL_CALLS=1):
        for _ in range(deaths):
            for workflow in drawn_at.values():
                work.start(live_cast, workflow, 1)
        began = time.monotonic()
        until(work.patient(all_ended_or_asked), "every run to end, or to wait for somebody", 60 + deaths * 15)
        fault.tell("done_after", time.monotonic() - began, "s")
    for point in POINTS:
        died = len(list(Path(marks[MARKS]).glob(f"{point}-*")))
        fault.tell(f"died_{point}", died, "workers")
        assert died == deaths * len(TOOLS)
    made = calls(marks)
    for point in POINTS:
        check_safe(drawn_at[point, "test.say"])
        check_unsafe(drawn_at[point, "test.unsafe"], point, made)
    fault.tell("outcome_unknown", StepRun.objects.unsettled().count(), "steps")
    check(fault)


def all_ended_or_asked() -> bool:
    """Whether every run that is live waits for somebody who knows what happened."""
    return not Run.objects.live().exclude(step_runs__in=StepRun.objects.unsettled()).exists()


def check_safe(workflow: Workflow) -> None:
    """It is done, however often it had to be tried."""
    assert set(Run.objects.filter(workflow=workflow).values_list("status", flat=True)) == {"done"}


def check_unsafe(workflow: Workflow, point: str, made: Counter[str]) -> None:
    """It is called once and never twice, and its outcome is unknown wherever nobody can know."""
    for step_run in StepRun.objects.filter(workflow=workflow, step__key=point):
        assert step_run.status == COMES_TO[point], (point, step_run.error)
        assert step_run.status == "done" or step_run.awaits == Awaits.OUTCOME
        assert made[f"run-{step_run.run_id}-step-{point}"] == 1, point
