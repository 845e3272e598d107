"""CPU time by part: whole trees of processes, read from /proc before and after. Those that ended count in their parent.

PostgreSQL and Valkey are found through their own connections, when they run on this machine.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import django_rq
import psutil
from django.db import connection

from tests.bench.driver import Handrail
from tests.bench.figures import Figure

type Trees = dict[str, list[int]]


def trees(handrail: Handrail) -> Trees:
    """The pids at the roots: workers, clock, PostgreSQL, Valkey."""
    roots = {part: pids[:1] for part, pids in handrail.parts.items()}
    return roots | {"postgres": _postgres(), "valkey": _valkey()}


def family(roots: list[int]) -> list[psutil.Process]:
    """The processes with those pids and all below them, as far as they still live."""
    found: list[psutil.Process] = []
    for pid in roots:
        try:
            root = psutil.Process(pid)
            found += [root, *root.children(recursive=True)]
        except psutil.NoSuchProcess:
            continue
    return found


def _postgres() -> list[int]:
    """The parent of our own connection's server process."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    try:
        parent = psutil.Process(pid).parent()
    except psutil.NoSuchProcess:  # it runs on another machine
        return []
    return [parent.pid] if parent and "postgres" in parent.name() else []


def _valkey() -> list[int]:
    pid = int(django_rq.get_connection("steps").info("server")["process_id"])
    return [pid] if psutil.pid_exists(pid) else []


@dataclass
class Meter:
    """CPU seconds by part, of the block. `driver` is this process, less what `apart` says it did for itself."""

    roots: Trees
    apart: Callable[[], float] = lambda: 0.0

    def __enter__(self) -> Self:
        self._before = self._read()
        return self

    def __exit__(self, *_: object) -> None:
        after = self._read()
        self.seconds = {part: after[part] - self._before[part] for part in after}

    def _read(self) -> dict[str, float]:
        read = {part: spent(family(pids)) for part, pids in self.roots.items()}
        own = psutil.Process(os.getpid()).cpu_times()
        return read | {"driver": own.user + own.system - self.apart()}

    def figures(self, name: str, units: int) -> list[Figure]:
        """CPU-milliseconds a unit: of all, then by part."""
        parts = {f"{name}_cpu_{part}": seconds for part, seconds in self.seconds.items()}
        all_parts = {f"{name}_cpu": sum(self.seconds.values())} | parts
        return [(part, seconds * 1000 / units, "CPU-ms") for part, seconds in all_parts.items()]


def spent(processes: list[psutil.Process]) -> float:
    """Their seconds until now, and those of their children that have ended."""
    return sum(map(_seconds, processes))


def _seconds(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system + times.children_user + times.children_system)
