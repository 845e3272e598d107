"""What a bell makes a worker do: drain what is ready, until nothing is left."""

import logging
import os
import socket
import time
from collections.abc import Callable

from django.db import DatabaseError, close_old_connections, connection

from orchestration import queue
from orchestration.catalog.testing import Beside
from orchestration.drain import Drain

BREATH = 0.05  # seconds between two looks at a test call, while there is nothing else to do

logger = logging.getLogger(__name__)
_drains: dict[int, Drain] = {}  # by process: forks do not share one
_besides: dict[int, Beside] = {}  # likewise
pulses: list[Callable[[], None]] = []  # what tells RQ that a worker in a long drain is alive


def worker_name(pid: int = 0) -> str:
    """A process of this host, for the record: this one if none is named."""
    return f"{socket.gethostname()}:{pid or os.getpid()}"


def drain() -> Drain:
    """The drain of this process."""
    if os.getpid() not in _drains:
        _drains[os.getpid()] = Drain(worker_name())
    return _drains[os.getpid()]


def beside() -> Beside:
    """The tests of models that this process makes beside its steps."""
    if os.getpid() not in _besides:
        _besides[os.getpid()] = Beside()
    return _besides[os.getpid()]


def try_model(hint: int | None = None) -> int:
    """Make the test calls that somebody asked for, and whatever steps are ready meanwhile."""
    if not connection.in_atomic_block:
        close_old_connections()
    beside().look()
    return advance()


def advance(hint: int | None = None) -> int:
    """Carry out ready steps until none is left. Returns how many tries were made."""
    if not connection.in_atomic_block:
        close_old_connections()
    queue.answer()
    before = drain().settled
    beside().fresh()
    while True:
        try:
            drain().run(_pulse)
            while beside().busy and not drain().stopping.is_set():
                time.sleep(BREATH)
                _pulse()
                drain().run(_pulse)
            return drain().settled - before
        except DatabaseError as error:
            if connection.in_atomic_block:
                raise
            logger.warning("The database is away (%s).", type(error).__name__)
            connection.close()
            time.sleep(0.2)
        if not drain().holds_something:
            return drain().settled - before


def _pulse() -> None:
    try:
        beside().pulse()
    except DatabaseError:
        raise
    except Exception:
        logger.exception("A test of a model broke.")
    for pulse in pulses:
        pulse()
