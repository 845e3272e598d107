"""Killing workers, one after another, while a round is played."""

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.process import BaseProcess

from tests.faults.forked import workers

EVERY = 0.3  # seconds between two kills


@dataclass
class Killed:
    """How many."""

    workers: int = 0


@contextmanager
def killing(crew: BaseProcess, every: float = EVERY, most: int | None = None) -> Iterator[Killed]:
    """Kill the worker that has lived longest, again and again, as long as the block; so many at the `most`."""
    killed, over = Killed(), threading.Event()

    def kill() -> None:
        while (most is None or killed.workers < most) and not over.wait(every):
            for pid in workers(crew)[:1]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    killed.workers += 1

    thread = threading.Thread(target=kill, name="killing", daemon=True)
    thread.start()
    try:
        yield killed
    finally:
        over.set()
        thread.join()
