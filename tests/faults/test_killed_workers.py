"""R1 and R5: workers killed by the dozen, and workers that stop for longer than their lease and then go on."""

import os
import signal
import time
from contextlib import ExitStack
from datetime import timedelta
from multiprocessing.process import BaseProcess
from typing import Any

import pytest
from django.db.models import Max

from audit.models import Event
from orchestration.models import Attempt, Run, StepRun, Workflow
from tests.cast import Cast
from tests.faults import work
from tests.faults.checker import check
from tests.faults.figures import Fault
from tests.faults.forked import clock, crew, holder, workers
from tests.faults.inside import Marks
from tests.flow.drawn import publish
from tests.processes import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(1800)]

EVERY = 0.2  # seconds between two kills
STEPS = 5  # of a run
WORKERS = 8  # each lives for eight kills: long enough to get something done


def late() -> int:
    return Event.objects.filter(kind="steprun.late_refused").count()


def running_on(pid: int) -> int:
    """How many steps that worker holds, as the rows say."""
    return StepRun.objects.filter(status="running", worker__endswith=f":{pid}").count()


def kill_in_turn(fleet: BaseProcess, kills: int, spared: int, cast: Cast, quick: Workflow) -> None:
    """Kill the worker that has lived longest, again and again, and see to it that there is always work."""
    for _ in range(kills):
        time.sleep(EVERY)
        alive = [pid for pid in workers(fleet) if pid != spared]
        os.kill(alive[0], signal.SIGKILL)
        if Run.objects.live().count() < 2 * WORKERS:
            work.start(cast, quick, 5)


@pytest.mark.fault("R1")
def test_it_loses_nothing_when_workers_are_killed(live_cast: Cast, fault: Fault, marks: Marks) -> None:
    steps, kills = fault.load((500, 20), (2000, 80))
    quick = work.quick(live_cast, STEPS)
    with clock("hurry"), crew(WORKERS, "stop_in_call", environment=marks, HANDRAIL_CALLS=1) as fleet:
        stopping = work.start(live_cast, publish(live_cast, work.saying("stop_in_call")), 1)
        until(lambda: Run.objects.get(pk__in=stopping).status == "running", "one worker to stop in a call")
        stopped = holder(StepRun.objects.get(run__in=stopping).worker)
        work.start(live_cast, quick, steps // STEPS)
        kill_in_turn(fleet, kills, stopped, live_cast, quick)
        ended = time.monotonic()
        work.wait_until_ended()
        fault.tell("done_after_the_last_kill", time.monotonic() - ended, "s")
        os.kill(stopped, signal.SIGCONT)
        until(late, "its late write to be refused")
    fault.tell("steps", StepRun.objects.count(), "steps")
    fault.tell("killed", kills, "workers")
    fault.tell("most_tries_of_a_step", StepRun.objects.aggregate(most=Max("fence"))["most"], "tries")
    assert StepRun.objects.count() >= steps
    assert not StepRun.objects.exclude(status="done").exists(), "one was failed, though no step was to blame"
    assert Attempt.objects.filter(result="lost").exists()
    check(fault)


@pytest.mark.fault("R5")
def test_it_refuses_what_a_stopped_worker_writes_too_late(live_cast: Cast, fault: Fault) -> None:
    held, lease = fault.load((50, 2), (500, 6))
    settings: dict[str, Any] = {"HANDRAIL_CALLS": held, "HANDRAIL_LEASE": timedelta(seconds=lease)}
    work.start(live_cast, work.quick(live_cast, 1, seconds=lease), held)
    with ExitStack() as stack:
        stack.enter_context(clock("hurry"))
        (pid,) = workers(stack.enter_context(crew(1, **settings)))
        until(lambda: running_on(pid) == held, "one worker to hold them all")
        os.kill(pid, signal.SIGSTOP)
        began = time.monotonic()
        stack.enter_context(crew(1, **settings))
        work.wait_until_ended()
        time.sleep(max(0.0, 3 * lease - (time.monotonic() - began)))
        os.kill(pid, signal.SIGCONT)
        until(lambda: late() == held, "every late commit to be refused")
    fault.tell("late_commits", held, "writes")
    assert Attempt.objects.filter(result="late", worker__endswith=f":{pid}").count() == held
    check(fault)


@pytest.mark.fault("R5")
def test_the_others_go_on_while_a_worker_stands_still_in_a_commit(live_cast: Cast, fault: Fault, marks: Marks) -> None:
    given: dict[str, Any] = {"environment": marks, "HANDRAIL_LEASE": timedelta(seconds=2)}
    with clock("hurry"), crew(1, "stop_in_commit", **given) as first, crew(1, **given):
        (pid,) = workers(first)
        work.start(live_cast, publish(live_cast, work.saying("stop_in_commit")), 1)
        until(lambda: running_on(pid) == 1, "the worker to hold it")
        began = time.monotonic()
        work.start(live_cast, work.quick(live_cast, 2), 10)
        work.wait_until_ended()
        fault.tell("others_done", time.monotonic() - began, "s")
        os.kill(pid, signal.SIGCONT)
        until(late, "its late commit to be refused")
    check(fault)
