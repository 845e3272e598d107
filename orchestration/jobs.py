"""What a bell makes a worker do: claim what is ready, carry it out, settle it, until nothing is left."""

import logging
import os
import socket
import threading
import time

from django.conf import settings
from django.db import close_old_connections, connection

from audit.moves import LostRace
from orchestration import engine, queue
from orchestration.executors import carry_out
from orchestration.models import StepRun
from orchestration.outcomes import Failed, Outcome

SLICE = 20.0  # seconds of work a bell, then another is rung so that RQ sees the worker alive

logger = logging.getLogger(__name__)
stopping = threading.Event()


def worker_name() -> str:
    """This process, for the record."""
    return f"{socket.gethostname()}:{os.getpid()}"


def advance(hint: int | None = None) -> int:
    """Carry out ready steps until none is left or the time slice ends. Returns how many."""
    if not connection.in_atomic_block:
        close_old_connections()
    queue.answer()
    until, count = time.monotonic() + SLICE, 0
    while not stopping.is_set() and time.monotonic() < until:
        held = engine.claim(worker_name(), hint)
        if held is None:
            return count
        if count == 0 and StepRun.objects.claimable().exists():
            queue.ring()
        work(held)
        hint, count = held.run_id, count + 1
    queue.ring()
    return count


def work(held: StepRun) -> None:
    """One try of one step: the call stands outside any transaction, with the lease kept alive beside it."""
    done = threading.Event()
    heart = threading.Thread(target=_keep_alive, args=(held, done), daemon=True)
    heart.start()
    try:
        outcome = _carry_out(held)
    finally:
        done.set()
    try:
        engine.settle(held, outcome)
    except LostRace:
        logger.warning("Too late for step run %s with fence %s.", held.pk, held.fence)
        engine.refuse_late(held, outcome)


def _carry_out(held: StepRun) -> Outcome:
    try:
        return carry_out(held)
    except Exception as error:
        logger.exception("Step run %s broke.", held.pk)
        return Failed(f"Handrail broke while carrying this out: {type(error).__name__}. It is in the log.", retry=True)


def _keep_alive(held: StepRun, done: threading.Event) -> None:
    try:
        while not done.wait(settings.HANDRAIL_LEASE_SECONDS / 3):
            if not engine.beat(held):
                return
    finally:
        connection.close()
