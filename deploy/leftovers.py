"""What a start that was killed may have left running, and how the next start takes over."""

import json
import signal
from collections.abc import Iterable
from pathlib import Path

import psutil

from deploy.child import Child, descendants, kill

SAME_MOMENT = 2.0
STOP_SECONDS = 8


def remember(path: Path, children: Iterable[Child]) -> None:
    """Write down which processes run; a process id alone may be given to somebody else later."""
    rows = [[child.name, child.pid, _born(child.pid), int(child.stop_signal)] for child in children]
    path.write_text(json.dumps([row for row in rows if row[2]]))


def stop(path: Path) -> list[str]:
    """Stop what the last start left running, and name it."""
    found = [(name, psutil.Process(pid), number) for name, pid, born, number in _read(path) if _same(pid, born)]
    for _, process, number in found:
        end(process, signal.Signals(number))
    path.unlink(missing_ok=True)
    return [name for name, _, _ in found]


def end(process: psutil.Process, how: signal.Signals) -> None:
    """Stop one process that is not our child, and all below it."""
    family = descendants(process.pid)
    try:
        process.send_signal(how)
        process.wait(STOP_SECONDS)
    except psutil.NoSuchProcess:
        pass
    except psutil.TimeoutExpired:
        kill([process])
    kill(family)


def _read(path: Path) -> list[tuple[str, int, float, int]]:
    """A file that a crash cut short names nobody."""
    try:
        return [(str(name), int(pid), float(born), int(how)) for name, pid, born, how in json.loads(path.read_text())]
    except (FileNotFoundError, ValueError, TypeError):
        return []


def _same(pid: int, born: float) -> bool:
    return abs(_born(pid) - born) < SAME_MOMENT


def _born(pid: int) -> float:
    """When the process was started; 0 when there is none."""
    try:
        return psutil.Process(pid).create_time() if pid else 0.0
    except psutil.NoSuchProcess:
        return 0.0
