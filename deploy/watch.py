"""Keeping a service running: one that ends is started again, later each time it ends soon."""

import time
from collections.abc import Callable
from typing import Protocol

from deploy.refusals import CannotStart

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
STEADY_SECONDS = 60.0


class Service(Protocol):
    """What can be started, asked whether it runs, and stopped."""

    @property
    def name(self) -> str: ...

    def start(self) -> None: ...

    def alive(self) -> bool: ...


class Watch:
    """One service and how often it has ended lately."""

    def __init__(self, service: Service, say: Callable[[str], None]) -> None:
        self.service = service
        self.say = say
        self.endings = 0
        self.began = time.monotonic()
        self.again_at: float | None = None

    def look(self) -> bool:
        """Start it again when it is time; True when it was started."""
        now = time.monotonic()
        if self.again_at is None:
            if not self.service.alive():
                self._note_ending(now)
            return False
        if now < self.again_at:
            return False
        self.again_at, self.began = None, now
        try:
            self.service.start()
        except CannotStart as refusal:
            self.say(str(refusal))
        return True

    def _note_ending(self, now: float) -> None:
        if now - self.began > STEADY_SECONDS:
            self.endings = 0
        pause = min(FIRST_PAUSE * 2**self.endings, LONGEST_PAUSE)
        self.endings += 1
        self.again_at = now + pause
        self.say(f"{self.service.name} ended by itself; it is started again in {pause:.1f} s")
