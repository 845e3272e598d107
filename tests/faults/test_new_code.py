"""R12: SIGTERM under load while new code already works beside the old; and a crew that is told to stop at once."""

import os
import signal
import time
from contextlib import ExitStack

import pytest

from orchestration.models import Attempt, Run, Workflow
from tests.cast import Cast
from tests.faults import work
from tests.faults.checker import check
from tests.faults.figures import Fault
from tests.faults.forked import clock, crew, end, forked, workers
from tests.flow.drawn import publish
from tests.processes import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(1800), pytest.mark.fault("R12")]

DRAINED = 30  # seconds that a crew has


def drawn(cast: Cast, steps: int) -> Workflow:
    """A version with so many steps of a third of a second."""
    return publish(cast, *(work.saying(f"step_{number}", 0.3) for number in range(steps)), slug="changing")


def test_it_hands_over_to_new_code_and_loses_nothing(live_cast: Cast, fault: Fault) -> None:
    runs, room = fault.load(60, 500), fault.load(10, 50)
    with ExitStack() as stack:
        stack.enter_context(clock())
        old = stack.enter_context(crew(2, HANDRAIL_CALLS=room))
        work.start(live_cast, drawn(live_cast, 2), runs // 2)
        until(lambda: work.in_flight() >= room, "the old crew to be at work")
        stack.enter_context(crew(2, HANDRAIL_CALLS=room))
        work.start(live_cast, drawn(live_cast, 3), runs - runs // 2)
        fault.tell("in_flight_at_sigterm", work.in_flight(), "steps")
        took = end(old)
        fault.tell("drained_in", took, "s")
        assert (old.exitcode, took < DRAINED) == (0, True)
        work.wait_until_ended()
    assert set(Run.objects.values_list("version__number", "status")) == {(1, "done"), (2, "done")}
    assert set(Attempt.objects.values_list("result", flat=True)) == {"done"}, "a drained worker loses no try"
    check(fault)


def test_it_hands_back_a_call_that_outlasts_its_patience(live_cast: Cast, fault: Fault) -> None:
    """Fifteen seconds are not waited for in the short form: the worker is told to have less patience."""
    seconds, faults = fault.load((2.0, ("impatient",)), (20.0, ()))
    with ExitStack() as stack:
        stack.enter_context(clock())
        old = stack.enter_context(crew(1, *faults))
        work.start(live_cast, work.quick(live_cast, 1, seconds=seconds), 5)
        until(lambda: work.in_flight() == 5, "five long calls")
        took = end(old)  # before others are begun, which may take as long as the calls
        stack.enter_context(crew(1, *faults))
        fault.tell("drained_in", took, "s")
        assert (old.exitcode, took < DRAINED) == (0, True)
        work.wait_until_ended()
    assert sorted(Attempt.objects.values_list("result", flat=True)) == ["back"] * 5 + ["done"] * 5
    check(fault)


def test_it_stops_at_once_whenever_it_is_told(live_cast: Cast, fault: Fault) -> None:
    """Also while workers are just being forked, the first time or in the place of others."""
    slowest = 0.0
    for number in range(fault.load(3, 50)):
        with forked("worker", "--number", "4") as fleet:
            until(lambda: workers(fleet), "the first worker", 120)
            if number % 2:
                os.kill(workers(fleet)[0], signal.SIGKILL)
            time.sleep(0.03 * number % 0.3)
            slowest = max(slowest, end(fleet))
            assert fleet.exitcode == 0
    fault.tell("slowest_stop", slowest, "s")
    assert slowest < 5
    check(fault)
