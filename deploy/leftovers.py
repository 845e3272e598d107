"""What a start that was killed may have left running, and how the next start takes over."""

import json
import os
import signal
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from deploy.child import Child, descendants, kill

SAME_MOMENT = 2.0
STOP_SECONDS = 5


@dataclass(frozen=True)
class Trace:
    """How a process is known again: a number alone may be given to somebody else later."""

    name: str
    pid: int
    born: float
    stop_signal: int
    command: list[str]


def remember(path: Path, children: Iterable[Child]) -> None:
    """Write down which processes run."""
    traces = [
        Trace(child.name, child.pid, _born(child.pid), int(child.stop_signal), child.command) for child in children
    ]
    path.write_text(json.dumps([asdict(trace) for trace in traces if trace.born]))


def stop(path: Path) -> list[str]:
    """Stop what the last start left running, and name it."""
    stopped = [trace.name for trace in _read(path) if _stop(trace)]
    path.unlink(missing_ok=True)
    return stopped


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


def _stop(trace: Trace) -> bool:
    """True when there was something to stop: the process, or what it had forked."""
    leader = abs(_born(trace.pid) - trace.born) < SAME_MOMENT
    if leader:
        end(psutil.Process(trace.pid), signal.Signals(trace.stop_signal))
    forked = _forked(trace)
    kill(forked)
    return leader or bool(forked)


def _forked(trace: Trace) -> list[psutil.Process]:
    """What is left of the process's own group: forks keep the group and the command."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied, ProcessLookupError, PermissionError):
            if os.getpgid(process.pid) == trace.pid and process.cmdline() == trace.command:
                found.append(process)
    return found


def _read(path: Path) -> list[Trace]:
    """A file that a crash cut short names nobody."""
    try:
        return [Trace(**row) for row in json.loads(path.read_text())]
    except (FileNotFoundError, ValueError, TypeError):
        return []


def _born(pid: int) -> float:
    """When the process was started; 0 when there is none."""
    try:
        return psutil.Process(pid).create_time() if pid else 0.0
    except psutil.NoSuchProcess:
        return 0.0
