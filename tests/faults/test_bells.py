"""R6: every job comes ten times at once. A bell only wakes a worker, so the work is done once."""

from collections import Counter
from pathlib import Path

import pytest

from audit.models import Event
from orchestration import queue
from orchestration.models import Attempt, StepRun
from tests.cast import Cast
from tests.faults import work
from tests.faults.checker import check
from tests.faults.figures import Fault
from tests.faults.forked import clock, crew
from tests.faults.inside import CALLS, MARKS, Marks
from tests.processes import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(1800)]

TIMES = 10


def ring(runs: list[int]) -> None:
    """Each bell ten times, as a queue that delivers at least once might."""
    bells = queue.bells()
    for run in runs:
        for _ in range(TIMES):
            bells.enqueue_call(queue.ADVANCE, args=(run,), timeout=-1, result_ttl=0, failure_ttl=60)


@pytest.mark.fault("R6")
def test_it_does_once_what_it_is_told_ten_times(live_cast: Cast, fault: Fault, marks: Marks) -> None:
    count = fault.load(30, 1000)
    runs = work.start(live_cast, work.quick(live_cast, 1, seconds=0), count)
    ring(runs)
    with clock(), crew(4, "note_calls", "never_linger", environment=marks, HANDRAIL_CALLS=4):
        work.wait_until_ended()
        until(lambda: queue.bells().count == 0, "every bell to be heard", 120)
    fault.tell("bells", count * TIMES, "bells")
    calls = Counter((Path(marks[MARKS]) / CALLS).read_text().split())
    assert (len(calls), set(calls.values())) == (count, {1})
    assert Attempt.objects.count() == StepRun.objects.filter(status="done").count() == count
    assert Event.objects.filter(kind="run.done").count() == count
    check(fault)
