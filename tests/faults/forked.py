"""Real processes of Handrail, forked from one warm parent: to be started and killed by the dozen.

Each does what `manage.py COMMAND` does. `faults` names functions of `tests.faults.inside` that are called in it first.
"""

import ctypes
import multiprocessing
import os
import signal
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import forkserver
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from orchestration.jobs import worker_name
from tests.processes import children, free_port, until

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["pytest", "tests.faults.warm"])
PR_SET_PDEATHSIG = 1
READY = 120  # seconds: the first process waits for its parent to import everything


def warm_up() -> None:
    """Let the parent begin to import everything, if it has not yet."""
    forkserver.ensure_running()


@contextmanager
def forked(
    *command: str, faults: tuple[str, ...] = (), environment: dict[str, str] | None = None, **settings: Any
) -> Iterator[BaseProcess]:
    """`manage.py COMMAND`, as long as the block; ended by SIGTERM, and by SIGKILL when it does not end."""
    log = Path(os.environ["HANDRAIL_HOME"]) / f"{command[0]}.log"
    arguments = (command, faults, environment or {}, settings, str(log))
    process = FORKS.Process(target=_carry_out, args=arguments, daemon=True)
    process.start()
    try:
        yield process
    finally:
        end(process)


def end(process: BaseProcess, seconds: float = 30) -> float:
    """Ask it to end; the seconds that it took. It is killed when it does not."""
    began = time.monotonic()
    process.terminate()
    process.join(seconds)
    if process.exitcode is None:
        process.kill()
        process.join()
    return time.monotonic() - began


@contextmanager
def clock(*faults: str, **settings: Any) -> Iterator[BaseProcess]:
    """A clock that ticks as often as it does in a house."""
    with forked("clock", faults=faults, **settings) as process:
        yield process


@contextmanager
def crew(size: int, *faults: str, environment: dict[str, str] | None = None, **settings: Any) -> Iterator[BaseProcess]:
    """So many workers, ready."""
    with forked("worker", "--number", str(size), faults=faults, environment=environment, **settings) as process:
        until(lambda: len(workers(process)) == size, f"{size} workers", READY)
        yield process


def workers(crew: BaseProcess) -> list[int]:
    """The pids of its workers, the oldest first."""
    assert crew.pid is not None
    try:
        begun = {pid: _begun(pid) for pid in children(crew.pid)}
    except FileNotFoundError:
        return []
    return sorted((pid for pid in begun if begun[pid]), key=lambda pid: begun[pid])


def holder(worker: str) -> int:
    """The pid in a worker's name."""
    pid = int(worker.rpartition(":")[2])
    assert worker == worker_name(pid)
    return pid


@contextmanager
def web(port: int = 0, *faults: str, **settings: Any) -> Iterator[tuple[str, BaseProcess]]:
    """The web process, ready: its address, and itself."""
    port = port or free_port()
    cookies = {"SESSION_COOKIE_NAME": f"handrail_session_{port}", "CSRF_COOKIE_NAME": f"handrail_csrf_{port}"}
    with forked("web", "--port", str(port), faults=faults, **{**cookies, **settings}) as process:
        until(lambda: _answers(f"http://127.0.0.1:{port}/login/"), "the web process to answer", READY)
        yield f"http://127.0.0.1:{port}", process


def _answers(page: str) -> bool:
    try:
        urllib.request.urlopen(page, timeout=5).close()
    except OSError:
        return False
    return True


def _begun(pid: int) -> int:
    """When a process began, in ticks; 0 when it has ended."""
    try:
        state, *rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):  # it ended before the file was opened, or read
        return 0
    return 0 if state == "Z" else int(rest[18])


def _carry_out(
    command: tuple[str, ...], faults: tuple[str, ...], environment: dict[str, str], given: dict[str, Any], log: str
) -> None:
    from django.conf import settings
    from django.core.management import execute_from_command_line

    from orchestration import call, providers
    from tests.faults import inside

    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.environ.update(environment)
    for name, value in given.items():
        setattr(settings, name, value)
    call.warm_up = providers.warm = lambda: None  # as warm as its parent
    for fault in faults:
        getattr(inside, fault)()
    execute_from_command_line(["manage.py", *command])
