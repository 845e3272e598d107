"""A process that we start, watch and stop, and that does not outlive us."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from deploy import system_user

PR_SET_PDEATHSIG = 1


class Child:
    """One process of its own session, writing into one log."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        *,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        user: int | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.name = name
        self.command = list(command)
        self.log = log
        self.environment = environment
        self.folder = folder
        self.user = user
        self.stop_signal = stop_signal
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it in a session of its own: a terminal's Ctrl-C reaches us alone, and we stop it in order."""
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self.folder,
                env=self.environment,
                user=self.user,
                group=system_user.group_of(self.user),
                extra_groups=None if self.user is None else [],
                start_new_session=True,
                preexec_fn=_dies_with_parent(self.stop_signal),
            )

    @property
    def pid(self) -> int:
        """Its process id; 0 before it was started."""
        return self.process.pid if self.process else 0

    def exit_code(self) -> int | None:
        """None while it runs. What it had forked ends with it, while its number still cannot be another's."""
        if not self.process:
            return -1
        if self.process.returncode is None and _ended(self.process.pid):
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        return self.process.poll()

    def alive(self) -> bool:
        return self.exit_code() is None

    def ask_to_stop(self) -> None:
        if self.process and self.alive():
            self.process.send_signal(self.stop_signal)

    def stop(self, seconds: float) -> None:
        """Ask it to stop, wait, and then kill it and whatever it had started itself."""
        if not self.process:
            return
        family = descendants(self.process.pid)
        self.ask_to_stop()
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        kill(family)

    def last_words(self, *grave: str) -> str:
        """The last line of its log; one that holds a `grave` word goes before."""
        lines = [line.strip() for line in self.log.read_text(errors="replace").splitlines() if line.strip()]
        telling = [line for line in lines if any(word in line for word in grave)]
        return (telling or lines or ["it said nothing"])[-1]


def descendants(pid: int) -> list[psutil.Process]:
    """Every process below `pid`."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _ended(pid: int) -> bool:
    """Whether it has ended and waits for us to hear of it."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def kill(processes: Sequence[psutil.Process]) -> None:
    """Kill those of `processes` that still run, and wait until they are gone."""
    for process in processes:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(processes, timeout=5)


def _dies_with_parent(stop_signal: signal.Signals) -> Callable[[], None] | None:
    """What the new process does first: ask the kernel for `stop_signal` once we are gone, even by SIGKILL."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(PR_SET_PDEATHSIG, int(stop_signal))
