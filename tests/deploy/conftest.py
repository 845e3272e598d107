"""Installations that are started as a person starts them, each in a folder of its own."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 120  # seconds for an end: other work may hold both cores
GIVEN_TO_TESTS = {
    "DATABASE_URL",
    "MIGRATE_DATABASE_URL",
    "REDIS_URL",
    "HANDRAIL_STARTED",
    "MAKELEVEL",
    "PORT",
}


class Installation:
    """A running start of the supervisor over the stand-in of manage.py."""

    def __init__(self, home: Path, port: int, command: list[str] | None = None, output: str = "output") -> None:
        self.home = home
        self.port = port
        self.output = home.with_suffix(f".{output}")
        with self.output.open("w") as written:
            self.process = subprocess.Popen(
                command or [sys.executable, "-m", "tests.deploy.starter", str(home), str(port)],
                cwd=ROOT,
                env={name: value for name, value in os.environ.items() if name not in GIVEN_TO_TESTS},
                stdout=written,
                stderr=written,
            )

    def said(self) -> str:
        return self.output.read_text()

    def ready(self) -> "Installation":
        """Wait until it says so."""
        wait_until(lambda: "is ready" in self.said() or self.process.poll() is not None)
        assert "is ready" in self.said(), self.said()
        return self

    def ended(self) -> int:
        """Wait for its end; the exit code."""
        return self.process.wait(PATIENCE)

    def family(self) -> list[psutil.Process]:
        """It and everything that it started."""
        started = psutil.Process(self.process.pid)
        return [started, *started.children(recursive=True)]

    def child(self, word: str) -> psutil.Process:
        """The process of this installation whose command ends in `word`."""
        return next(process for process in self.family() if process.cmdline()[-1:] == [word])

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.ended()


def wait_until(true: Callable[[], bool], seconds: float = 120) -> None:
    """Ask again until it is so."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def gone(processes: list[psutil.Process]) -> bool:
    return not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes)


def a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def a_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="handrail-", ignore_cleanup_errors=True) as made:
        yield Path(made)


@pytest.fixture
def free_port() -> int:
    return a_free_port()


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder with a short name, that the database's own user may walk to."""
    yield from a_folder()


@pytest.fixture
def start(folder: Path, free_port: int) -> Iterator[Callable[..., Installation]]:
    """Start an installation; what still runs at the end of the test is stopped."""
    started: list[Installation] = []

    def begin(name: str = "home", port: int = free_port, command: list[str] | None = None) -> Installation:
        started.append(Installation(folder / name, port, command))
        return started[-1]

    yield begin
    for installation in reversed(started):
        installation.end()


@pytest.fixture(scope="module")
def standing() -> Iterator[Installation]:
    """One installation that several tests look at."""
    for folder in a_folder():
        installation = Installation(folder / "home", a_free_port()).ready()
        yield installation
        installation.end()
