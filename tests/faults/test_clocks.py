"""The clock killed at any point, two clocks at once, and machines whose own clocks are an hour off."""

import os
import signal
import time
from datetime import timedelta

import pytest
from django.db.models import Max, Min

from audit.clock_time import now
from audit.management.commands.clock import LOCK
from audit.models import Event, Pending
from orchestration.models import Attempt, Run, StepRun, Workflow
from tests import owner
from tests.cast import Cast
from tests.faults import work
from tests.faults.checker import check
from tests.faults.figures import Fault
from tests.faults.forked import clock, crew, workers
from tests.faults.inside import Marks
from tests.flow.drawn import publish, step
from tests.processes import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(1800)]

HELD = f"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = {LOCK}"


def waiting(cast: Cast) -> Workflow:
    """A step, a wait that only the clock ends, a step."""
    return publish(cast, work.saying("before"), step("wait", "wait", for_seconds=0.5), work.saying("after"))


def clocks_that_tick() -> int:
    with owner.connect() as watching:
        row = watching.execute(HELD).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.fault("clock killed")
def test_it_survives_the_death_of_its_clock_at_any_commit(live_cast: Cast, fault: Fault, marks: Marks) -> None:
    deaths = fault.load(6, 60)
    workflow = waiting(live_cast)
    with crew(2):
        for number in range(deaths):
            work.start(live_cast, workflow, 2)
            with clock("hurry", "die_at_a_commit", environment=marks) as dying:
                dying.join(30)
                assert dying.exitcode == -signal.SIGKILL, number
        with clock():
            fault.tell("done_after_the_last_death", work.wait_until_ended(), "s")
    fault.tell("clocks_killed", deaths, "clocks")
    assert Run.objects.filter(status="done").count() == 2 * deaths
    check(fault)


@pytest.mark.fault("two clocks")
def test_a_second_clock_stands_by_until_the_first_has_gone(live_cast: Cast, fault: Fault) -> None:
    workflow = waiting(live_cast)
    with crew(2), clock() as first:
        until(lambda: clocks_that_tick() == 1, "the first clock to tick")
        with clock():
            work.start(live_cast, workflow, fault.load(10, 200))
            work.wait_until_ended()
            assert clocks_that_tick() == 1
            first.kill()
            began = time.monotonic()
            work.start(live_cast, workflow, fault.load(10, 200))
            work.wait_until_ended()
            until(lambda: not Pending.objects.exists(), "the second clock to seal")
            fault.tell("second_took_over_in", time.monotonic() - began, "s")
            assert clocks_that_tick() == 1
    assert Event.objects.filter(kind="steprun.waiting").count() == Run.objects.count(), "each waited once"
    check(fault)


@pytest.mark.fault("an hour off")
def test_it_needs_no_machine_to_know_the_time(live_cast: Cast, fault: Fault) -> None:
    began = now()
    with clock("an_hour_ahead"), crew(1, "an_hour_ahead"), crew(1, "an_hour_behind"):
        work.start(live_cast, waiting(live_cast), fault.load(10, 500))
        fault.tell("done_after", work.wait_until_ended(), "s")
    times = Event.objects.aggregate(first=Min("occurred_at"), last=Max("occurred_at"))
    assert times["last"] - times["first"] < timedelta(minutes=30)
    assert not StepRun.objects.filter(ended_at__gt=now()).exists()
    assert not StepRun.objects.filter(ready_at__lt=began).exists()
    assert not Attempt.objects.filter(result__in=("lost", "late")).exists(), "no lease ended before its time"
    check(fault)


@pytest.mark.fault("an hour off")
def test_it_knocks_at_nobody_who_has_died(live_cast: Cast, fault: Fault) -> None:
    """A worker that lingers tells others until when it listens; one that is killed must not keep bells from ringing."""
    workflow = work.quick(live_cast, 1)
    with clock(), crew(1, "an_hour_ahead") as ahead:
        work.start(live_cast, workflow, 1)
        work.wait_until_ended()
        os.kill(workers(ahead)[0], signal.SIGKILL)
        until(lambda: len(workers(ahead)) == 1, "another in its place")
        time.sleep(1)
        work.start(live_cast, workflow, 1)
        fault.tell("done_after_its_death", work.wait_until_ended(10), "s")
    check(fault)
