"""The real processes of Handrail, started by a test and ended by it: web, worker, clock."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@contextlib.contextmanager
def manage(*command: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """`manage.py COMMAND`, as long as the block; ended by SIGTERM, and by SIGKILL when it does not end."""
    log = Path(os.environ["HANDRAIL_HOME"]) / f"{command[0]}.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env={**os.environ, "HANDRAIL_LOG_LEVEL": "INFO", **environment},
            stdout=output,
            stderr=output,
        )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def web(**environment: str) -> Iterator[str]:
    """The web process, ready: its address."""
    port = free_port()
    with web_on(port, **environment):
        yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def web_on(port: int, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """The web process on that port, ready: the process itself."""
    with manage("web", PORT=str(port), **environment) as process:
        until(lambda: _answers(f"http://127.0.0.1:{port}"), "the web process to answer", seconds=150)
        yield process


def _answers(address: str) -> bool:
    try:
        urllib.request.urlopen(f"{address}/login/", timeout=10).close()
    except OSError:
        return False
    return True


def until(true: Callable[[], object], what: str, seconds: float = 120) -> None:
    """Wait until something is true, or fail saying what was waited for."""
    limit = time.monotonic() + seconds
    while not true():
        if time.monotonic() > limit:
            raise AssertionError(f"Waited {seconds} s for {what}.")
        time.sleep(0.05)


def children(pid: int) -> list[int]:
    """The pids of a process's children."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found]
