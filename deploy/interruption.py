"""How the supervisor learns that it shall stop: by a signal, or through the `make` that started it."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(BaseException):
    """Somebody asked us to stop."""


class Interruption:
    """The first request raises `Interrupted` in the main thread; later ones change nothing."""

    def __init__(self, *, from_make: bool) -> None:
        self.asked = False
        self.closed = False
        self.make = os.getppid() if from_make else 0
        self.make_waits = self._make_holds_sigint()

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Listen to the signals, and swallow the request when everything inside has ended."""
        before = {number: signal.signal(number, self._on_signal) for number in SIGNALS}
        try:
            yield
        except Interrupted:
            pass
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def check(self) -> None:
        """Raise when a request was swallowed, when make has gone, or waits for us inside its own handler of SIGINT.

        What a signal raises is lost where Python itself swallows exceptions: in a finaliser, or a callback from C.
        """
        if not self.closed and (self.asked or self._make_asks()):
            self.asked = True
            raise Interrupted

    def close(self) -> None:
        """From here on we stop anyway; a further Ctrl-C must not disturb that."""
        self.asked = self.closed = True

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if not self.asked:
            self.asked = True
            raise Interrupted

    def _make_asks(self) -> bool:
        if not self.make:
            return False
        return os.getppid() != self.make or (self._make_holds_sigint() and not self.make_waits)

    def _make_holds_sigint(self) -> bool:
        # GNU make passes on SIGTERM but not a SIGINT that was sent to it alone: it waits for us,
        # inside its handler, where the kernel shows the signal as blocked.
        try:
            lines = Path(f"/proc/{self.make}/status").read_text().splitlines()
        except OSError:
            return False
        blocked = next((int(line.split()[1], 16) for line in lines if line.startswith("SigBlk:")), 0)
        return bool(blocked & (1 << (signal.SIGINT - 1)))
