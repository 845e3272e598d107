"""R3, and no connection left: PostgreSQL goes and comes back, and every process goes on by itself."""

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from copy import deepcopy

import psycopg
import pytest

from deploy.postgres import Postgres
from orchestration.models import Workflow
from reviews.models import Decision
from tests import environment
from tests.cast import Cast
from tests.faults import work
from tests.faults.checker import check
from tests.faults.door import at_the_door, decide_patiently, open_reviews
from tests.faults.figures import Fault
from tests.faults.forked import clock, crew, web, workers
from tests.flow.drawn import REVIEW, publish, step
from tests.processes import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(3600)]


@pytest.fixture
def postgres() -> Postgres:
    """The server, if it is ours to stop."""
    if environment.standing.postgres is None:
        pytest.skip("DATABASE_URL names a server that is not ours to stop")
    return environment.standing.postgres


def asking(cast: Cast) -> Workflow:
    """A quick step, a person, a quick step."""
    ask = step("ask", "person", review=deepcopy(REVIEW))
    return publish(cast, work.saying("before"), ask, work.saying("after"), slug="asking")


class Restarts(threading.Thread):
    """Stops the server now and then, in one of its ways, and starts it again a while later."""

    def __init__(self, postgres: Postgres, up: Callable[[], float], down: Callable[[], float]) -> None:
        super().__init__(daemon=True)
        self.postgres, self.up, self.down = postgres, up, down
        self.ended = threading.Event()
        self.count = 0

    def run(self) -> None:
        """Until the block has ended."""
        while not self.ended.wait(self.up()):
            self.count += 1
            self.postgres.child.stop_signal = signal.SIGQUIT if self.count % 2 else signal.SIGINT
            self.postgres.stop()
            time.sleep(self.down())
            self.postgres.start()
        self.postgres.child.stop_signal = signal.SIGINT


@contextmanager
def restarted(postgres: Postgres, up: Callable[[], float], down: Callable[[], float]) -> Iterator[Restarts]:
    """As long as the block, again and again."""
    restarts = Restarts(postgres, up, down)
    restarts.start()
    try:
        yield restarts
    finally:
        restarts.ended.set()
        restarts.join()


@pytest.mark.fault("R3")
def test_it_goes_on_when_the_database_is_restarted(live_cast: Cast, fault: Fault, postgres: Postgres) -> None:
    runs = fault.load(30, 1000)
    up, down = fault.load((1.5, 1.5), (5.0, 20.0)), fault.load((1.0, 1.0), (0.0, 5.0))
    workflow, decided, unanswered = asking(live_cast), 0, 0
    with ExitStack() as stack:
        stack.enter_context(clock("hurry"))
        stack.enter_context(crew(2))
        address, _ = stack.enter_context(web())
        rita = at_the_door(address, live_cast.rita)
        work.start(live_cast, workflow, runs)
        with restarted(postgres, lambda: random.uniform(*up), lambda: random.uniform(*down)) as restarts:
            while decided < runs:
                until(work.patient(open_reviews), "a review to wait")
                for review in work.insist(open_reviews):
                    unanswered += decide_patiently(rita, review, live_cast.rita)
                    decided += 1
            until(lambda: restarts.count, "at least one restart")
        fault.tell("done_after_the_last_restart", work.wait_until_ended(), "s")
    fault.tell("restarts", restarts.count, "restarts")
    fault.tell("decisions", decided, "decisions")
    fault.tell("asked_again", unanswered, "requests")
    assert Decision.objects.count() == runs
    check(fault)


@contextmanager
def exhausted() -> Iterator[int]:
    """Nobody else gets a connection as long as the block: how many it took."""
    with ExitStack() as held:
        count = 0
        with suppress(psycopg.OperationalError):
            while True:
                held.enter_context(psycopg.connect(environment.standing.app_url))
                count += 1
        yield count


@pytest.mark.fault("connections exhausted")
def test_it_goes_on_when_there_was_no_connection_left(live_cast: Cast, fault: Fault) -> None:
    seconds = fault.load(3, 30)
    workflow = work.quick(live_cast, 2, seconds=0.1)
    with ExitStack() as stack:
        stack.enter_context(clock("hurry"))
        fleet = stack.enter_context(crew(2))
        address, _ = stack.enter_context(web())
        work.start(live_cast, workflow, 30)
        with exhausted() as count:
            for pid in workers(fleet):  # those that take their place find no connection
                os.kill(pid, signal.SIGKILL)
            time.sleep(seconds)
        fault.tell("connections_taken", count, "connections")
        fault.tell("done_after", work.wait_until_ended(), "s")
        at_the_door(address, live_cast.rita).get("/inbox/").raise_for_status()
    check(fault)
