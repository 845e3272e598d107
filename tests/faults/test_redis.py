"""R4: Redis forgets everything, and is away: rows are the truth, so nothing is lost and people go on deciding."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from deploy.valkey import Valkey
from orchestration import queue
from orchestration.models import Run, StepRun
from tests import environment
from tests.cast import Cast
from tests.faults import work
from tests.faults.checker import check
from tests.faults.door import TAKEN, at_the_door, decide, open_reviews
from tests.faults.figures import Fault
from tests.faults.forked import clock, crew, web
from tests.processes import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(1800), pytest.mark.fault("R4")]

STEPS = 5  # of a run


@pytest.fixture
def valkey() -> Valkey:
    """The server, if it is ours to stop."""
    if environment.standing.valkey is None:
        pytest.skip("REDIS_URL names a server that is not ours to stop")
    return environment.standing.valkey


@contextmanager
def away(valkey: Valkey) -> Iterator[None]:
    """No Redis as long as the block; then an empty one."""
    valkey.stop()
    try:
        yield
    finally:
        valkey.start()


def test_it_loses_nothing_when_redis_forgets_everything(live_cast: Cast, fault: Fault) -> None:
    steps, flushed = fault.load(500, 2000), 0
    with clock(), crew(2, HANDRAIL_CALLS=4):
        work.start(live_cast, work.quick(live_cast, STEPS), steps // STEPS)
        while not work.all_ended() and flushed < 1000:
            queue.bells().connection.flushall()
            flushed += 1
            time.sleep(0.1)
        fault.tell("done_after", work.wait_until_ended(), "s")
    fault.tell("flushed", flushed, "times")
    assert StepRun.objects.filter(status="done").count() == steps
    check(fault)


def test_people_decide_while_redis_is_away(live_cast: Cast, fault: Fault, valkey: Valkey) -> None:
    seconds, runs = fault.load(5, 60), fault.load(10, 500)
    with ExitStack() as stack:
        stack.enter_context(clock())
        stack.enter_context(crew(2))
        address, _ = stack.enter_context(web())
        work.start(live_cast, work.asking(live_cast), runs)
        until(lambda: len(open_reviews()) == runs, "all runs to wait for a person")
        rita = at_the_door(address, live_cast.rita)
        with away(valkey):
            time.sleep(seconds / 2)  # until nobody is awake any more
            until_back = time.monotonic() + seconds / 2
            for review in open_reviews():
                began = time.monotonic()
                assert decide(rita, review).status_code == TAKEN
                assert time.monotonic() - began < 5, "it took as long as if somebody waited for Redis"
            work.start(live_cast, work.quick(live_cast, STEPS), 10)
            fault.tell("done_while_away", Run.objects.filter(status="done").count(), "runs")
            time.sleep(max(0.0, until_back - time.monotonic()))
        fault.tell("decided_while_away", runs, "decisions")
        fault.tell("caught_up_after", work.wait_until_ended(), "s")
    check(fault)
