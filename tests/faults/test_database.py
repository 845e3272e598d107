"""R3, and no connection left: PostgreSQL goes and comes back, and every process goes on by itself."""

import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from audit.models import User
from deploy.postgres import Postgres
from orchestration.models import Attempt, Run, StepRun, Workflow
from reviews.models import Decision
from tests import environment
from tests.cast import Cast
from tests.faults import work
from tests.faults.checker import check
from tests.faults.door import at_the_door, decide_patiently, open_reviews
from tests.faults.figures import Fault
from tests.faults.forked import clock, crew, web, workers
from tests.faults.inside import MARKS, Marks
from tests.flow.drawn import publish
from tests.processes import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(3600)]

ENOUGH = 80  # connections, of a hundred


@pytest.fixture
def postgres() -> Postgres:
    """The server, if it is ours to stop."""
    if environment.standing.postgres is None:
        pytest.skip("DATABASE_URL names a server that is not ours to stop")
    return environment.standing.postgres


def restart(postgres: Postgres, down: float, *, crash: bool) -> None:
    """Stop the server, or let it fall over; start it again after a while.

    From the main thread: it ends with the thread that started it.
    """
    postgres.child.stop_signal = signal.SIGQUIT if crash else signal.SIGINT
    try:
        postgres.stop()
        time.sleep(down)
        postgres.start()
    finally:
        postgres.child.stop_signal = signal.SIGINT


def decide_all(address: str, user: User, count: int) -> int:
    """So many reviews, as they come. Returns how many requests had no answer, or none of use."""
    visitor, decided, unanswered = at_the_door(address, user), 0, 0
    try:
        while decided < count:
            until(work.patient(open_reviews), "a review to wait", 120)
            for review in work.insist(open_reviews):
                unanswered += decide_patiently(visitor, review, user)
                decided += 1
    finally:
        connection.close()
    return unanswered


@pytest.mark.fault("R3")
def test_it_goes_on_when_the_database_is_restarted(live_cast: Cast, fault: Fault, postgres: Postgres) -> None:
    runs, most, restarts = fault.load(10, 1000), fault.load(2, 1000), 0
    up, down = fault.load((0.5, 1.0), (5.0, 20.0)), fault.load((0.0, 1.0), (0.0, 5.0))
    with ExitStack() as stack:
        ticking = stack.enter_context(clock("hurry"))
        fleet = stack.enter_context(crew(2))
        address, _ = stack.enter_context(web())
        work.start(live_cast, work.asking(live_cast), runs)
        deciding = stack.enter_context(ThreadPoolExecutor(1)).submit(decide_all, address, live_cast.rita, runs)
        while not restarts or (restarts < most and not deciding.done()):
            time.sleep(random.uniform(*up))
            restart(postgres, random.uniform(*down), crash=restarts % 2 == 1)
            restarts += 1
        fault.tell("asked_again", deciding.result(), "requests")
        fault.tell("done_after_the_last_restart", work.wait_until_ended(), "s")
        assert ticking.is_alive()
        assert fleet.is_alive()
    fault.tell("restarts", restarts, "restarts")
    fault.tell("decisions", Decision.objects.count(), "decisions")
    assert Decision.objects.count() == runs
    assert not Run.objects.exclude(status="done").exists()
    check(fault)


@pytest.mark.fault("R3")
def test_it_settles_again_when_the_connection_broke(live_cast: Cast, fault: Fault, marks: Marks) -> None:
    """After the commit nobody knows that it was: the second is refused, and the step that followed is taken up."""
    runs, lease = fault.load(10, 200), timedelta(seconds=2)
    workflows = {
        point: publish(live_cast, work.saying(point), work.saying("then"), slug=point.replace("_", "-"))
        for point in ("lose_connection", "lose_answer")
    }
    with clock("hurry"), crew(1, "lose_connection_in_commit", environment=marks, HANDRAIL_LEASE=lease):
        for workflow in workflows.values():
            work.start(live_cast, workflow, runs)
            work.wait_until_ended()
    fault.tell("connections_broken", len(list(Path(marks[MARKS]).iterdir())), "connections")
    assert set(StepRun.objects.values_list("status", "tries")) == {("done", 1)}
    assert results(workflows["lose_connection"]) == {"done"}
    assert results(workflows["lose_answer"]) == {"done", "late"}
    check(fault)


def results(workflow: Workflow) -> set[str]:
    """What the tries of a workflow's steps came to."""
    return set(Attempt.objects.filter(step_run__workflow=workflow).values_list("result", flat=True))


class Greedy(threading.Thread):
    """Takes every connection that can be had, until told to let them go."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.enough, self.most = threading.Event(), 0

    def run(self) -> None:
        """Take, and take again what somebody lets go of."""
        with ExitStack() as held:
            while not self.enough.wait(0.001):
                with suppress(psycopg.OperationalError):
                    held.enter_context(psycopg.connect(environment.standing.app_url))
                    self.most += 1


@contextmanager
def exhausted() -> Iterator[Greedy]:
    """Nobody else gets a connection as long as the block."""
    greedy = Greedy()
    greedy.start()
    try:
        until(lambda: greedy.most >= ENOUGH, "the connections to be taken")
        yield greedy
    finally:
        greedy.enough.set()
        greedy.join()


@pytest.mark.fault("connections exhausted")
def test_it_goes_on_when_there_was_no_connection_left(live_cast: Cast, fault: Fault) -> None:
    seconds = fault.load(2, 30)
    workflow = work.quick(live_cast, 2)
    with ExitStack() as stack:
        stack.enter_context(clock("hurry"))
        fleet = stack.enter_context(crew(2))
        address, _ = stack.enter_context(web())
        connection.ensure_connection()
        with exhausted() as greedy:
            for pid in workers(fleet):  # those that take their place find no connection
                os.kill(pid, signal.SIGKILL)
            work.start(live_cast, workflow, 20)
            time.sleep(seconds)
            fault.tell("done_meanwhile", Run.objects.filter(status="done").count(), "runs")
        fault.tell("connections_taken", greedy.most, "connections")
        fault.tell("done_after", work.wait_until_ended(), "s")
        at_the_door(address, live_cast.rita).get("/inbox/").raise_for_status()
    check(fault)
