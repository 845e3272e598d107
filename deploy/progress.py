"""What the person who waits for a start sees."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO


class Progress:
    """Lines with the seconds since the command was typed."""

    def __init__(self, out: TextIO, started_at: float) -> None:
        self.out = out
        self.started_at = started_at

    def seconds(self) -> float:
        return time.time() - self.started_at

    def say(self, line: str) -> None:
        """One line, with the time it was said at."""
        self.plain(f"[{self.seconds():5.1f} s] {line}")

    def plain(self, text: str) -> None:
        try:
            print(text, file=self.out, flush=True)
        except (BrokenPipeError, OSError):
            return

    @contextmanager
    def stage(self, what: str) -> Iterator[None]:
        """Say what was done once it is done, and how long that took."""
        began = time.monotonic()
        yield
        self.say(f"{what} ({time.monotonic() - began:.1f} s)")
