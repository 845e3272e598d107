"""What a bell makes a worker do: drain what is ready, until nothing is left."""

import logging
import os
import socket
import time
from collections.abc import Callable
from typing import Any

from django.db import DatabaseError, close_old_connections, connection

from orchestration import queue
from orchestration.catalog.beside import Beside
from orchestration.catalog.inquiring import Inquiries
from orchestration.catalog.testing import Tests
from orchestration.drain import Drain

BREATH = 0.05  # seconds between two looks at a test call, while there is nothing else to do

logger = logging.getLogger(__name__)
_drains: dict[int, Drain] = {}  # by process: forks do not share one
_besides: dict[int, tuple[Beside[Any, Any], ...]] = {}  # likewise
pulses: list[Callable[[], None]] = []  # what tells RQ that a worker in a long drain is alive


def worker_name(pid: int = 0) -> str:
    """A process of this host, for the record: this one if none is named."""
    return f"{socket.gethostname()}:{pid or os.getpid()}"


def drain() -> Drain:
    """The drain of this process."""
    if os.getpid() not in _drains:
        _drains[os.getpid()] = Drain(worker_name())
    return _drains[os.getpid()]


def besides() -> tuple[Beside[Any, Any], ...]:
    """What this process does beside its steps: tests of models, and what people want to know of other systems."""
    if os.getpid() not in _besides:
        _besides[os.getpid()] = Tests(), Inquiries()
    return _besides[os.getpid()]


def try_model(hint: int | None = None) -> int:
    """Make the test calls that somebody asked for, and whatever steps are ready meanwhile."""
    if not connection.in_atomic_block:
        close_old_connections()
    for one in besides():
        one.look()
    return advance()


def advance(hint: int | None = None) -> int:
    """Carry out ready steps until none is left. Returns how many tries were made."""
    if not connection.in_atomic_block:
        close_old_connections()
    queue.answer()
    before = drain().settled
    for one in besides():
        one.fresh()
    while True:
        try:
            drain().run(_pulse)
            while any(one.busy for one in besides()) and not drain().stopping.is_set():
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
    for one in besides():
        try:
            one.pulse()
        except DatabaseError:
            raise
        except Exception:
            logger.exception("What somebody asked for on a page broke.")
    for pulse in pulses:
        pulse()
