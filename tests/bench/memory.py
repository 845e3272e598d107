"""Memory by part, at its peak: PSS, in which what forks share is counted once."""

import threading
import time
from types import TracebackType
from typing import Self

import psutil

from tests.bench.cpu import Trees, family

EVERY = 0.5  # seconds
MIB = 1024 * 1024


class Peak:
    """The most MiB that whole trees of processes held in the block, by part and together."""

    def __init__(self, roots: Trees) -> None:
        self.roots = roots
        self.spent = 0.0  # CPU seconds of looking, which are nobody else's
        self.most: dict[str, float] = {}
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._done.set()
        self._thread.join()

    def of(self, *parts: str) -> float:
        """The most that these parts held together at one look."""
        return self.most["+".join(parts)]

    def _watch(self) -> None:
        while True:
            held = {part: sum(map(_pss, family(pids))) / MIB for part, pids in self.roots.items()}
            for parts in (tuple(self.roots), ("workers", "clock")):
                name = "+".join(parts)
                self.most[name] = max(self.most.get(name, 0.0), sum(held[part] for part in parts))
            self.spent = time.thread_time()
            if self._done.wait(EVERY):
                return


def _pss(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.Error:
        return 0
