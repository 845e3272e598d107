"""R1 in small: a worker killed in the middle of a step, and a Redis that forgets everything."""

import os
import signal
import subprocess
from collections.abc import Iterator

import pytest

from orchestration import queue
from orchestration.models import Attempt, StepRun
from tests import cast as people
from tests.cast import Cast
from tests.faults.checker import check_promises
from tests.loopback import Provider, provider
from tests.processes import children, manage, until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def slow() -> Iterator[Provider]:
    """A provider that thinks for two seconds."""
    with provider() as said:
        said.delay = 2.0
        yield said


@pytest.fixture
def fleet(slow: Provider) -> Iterator[subprocess.Popen[bytes]]:
    """Real workers and a real clock."""
    with manage("clock"), manage("worker", "--number", "2", **slow.environment) as crew:
        until(lambda: len(children(crew.pid)) == 2, "two workers")
        yield crew


@pytest.fixture
def remote(live_cast: Cast) -> Cast:
    """The cast, with both model steps on the provider over HTTP."""
    return people.with_models(live_cast, triage="openai/triage", draft="openai/draft")


def waiting(count: int) -> bool:
    return StepRun.objects.waiting().count() == count


def test_it_carries_a_step_out_again_when_its_worker_is_killed(
    remote: Cast, slow: Provider, fleet: subprocess.Popen[bytes]
) -> None:
    remote.start()
    until(lambda: slow.asked, "the first call")
    worker = int(Attempt.objects.get().worker.rpartition(":")[2])
    os.kill(worker, signal.SIGKILL)
    until(lambda: waiting(1), "the run to reach its review", seconds=30)
    tries = list(Attempt.objects.filter(step_run__step__key="triage").values_list("result", flat=True))
    assert tries == ["lost", "done"]
    until(lambda: len(children(fleet.pid)) == 2, "another worker in its place")
    check_promises()


def test_it_loses_nothing_when_redis_forgets_everything(
    remote: Cast, slow: Provider, fleet: subprocess.Popen[bytes]
) -> None:
    slow.delay = 0.3
    for _ in range(5):
        remote.start()
    queue.bells().connection.flushall()
    until(lambda: waiting(5), "all five runs to reach their review")
    queue.bells().connection.flushall()
    check_promises()
