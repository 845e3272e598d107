"""The sealer killed again and again, and two sealers at once: no gap, no fork, and every checkpoint holds."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from django.db import connection, transaction

from audit import sealer
from audit.actors import COMMAND
from audit.ledger import Entry, record_all
from audit.models import Checkpoint, Leaf, Pending
from audit.proof import verifying
from tests.cast import Cast
from tests.faults.figures import Fault
from tests.faults.forked import clock
from tests.processes import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(1800)]
WRITERS, TOGETHER = 2, 10


@contextmanager
def writers() -> Iterator[None]:
    """Events that come without end, as long as the block."""
    stopped = threading.Event()

    def write() -> None:
        entries = [Entry("ledger.guarded", "ledger", COMMAND, body={"number": 1})] * TOGETHER
        while not stopped.wait(0.005):
            with transaction.atomic():
                record_all(entries)
        connection.close()

    several = [threading.Thread(target=write) for _ in range(WRITERS)]
    for one in several:
        one.start()
    try:
        yield
    finally:
        stopped.set()
        for one in several:
            one.join()


def _gone_on(before: int) -> bool:
    return sealer.head() > before


def require_whole() -> None:
    until(lambda: not sealer.seal() and not Pending.objects.exists(), "everything to be sealed")
    numbers = Leaf.objects.order_by("leaf_index").values_list("leaf_index", flat=True)
    assert list(numbers) == list(range(sealer.head() + 1))
    found = verifying.check()
    assert found.whole, found.wrong
    assert found.newest is not None
    assert found.newest.size == sealer.head() + 1


@pytest.mark.fault("sealer killed")
def test_a_sealer_killed_every_200_ms_leaves_no_gap_and_no_fork(live_cast: Cast, fault: Fault) -> None:
    deaths = fault.load(10, 300)
    with writers():
        for _ in range(deaths):
            with clock("hurry") as sealing:
                before = sealer.head()
                until(partial(_gone_on, before), "it to seal")
                time.sleep(0.2)
                sealing.kill()
                sealing.join(30)
    sealed = sealer.head() + 1
    require_whole()
    fault.tell("sealers_killed", deaths, "sealers")
    fault.tell("sealed_meanwhile", sealed, "events")
    fault.tell("checkpoints", Checkpoint.objects.count(), "checkpoints")
    assert sealed > deaths * TOGETHER


@pytest.mark.fault("two sealers")
def test_two_sealers_at_once_make_one_record(live_cast: Cast, fault: Fault) -> None:
    seconds, own = fault.load(2, 30), 0
    with clock("hurry"), writers():
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            own += bool(sealer.seal())
            time.sleep(0.01)
    require_whole()
    fault.tell("sealed_here", own, "seals")
    fault.tell("sealed_by_both", Checkpoint.objects.count(), "checkpoints")
    assert 0 < own < Checkpoint.objects.count()
