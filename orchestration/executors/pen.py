"""What a model writes is told while it does, to those who have the run's page open, and to nobody else.

It is told as it came: what rules had blacked out of the question stands there as its placeholder.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from audit import writing
from orchestration.executors.task import Task

EVERY = 0.2  # seconds between two times that it is told


@asynccontextmanager
async def looked_on(task: Task) -> AsyncIterator[Callable[[str], None] | None]:
    """Who is to hear what a model writes; None where nobody looks on, or it is one of many items."""
    held = task.held
    if held.frame or not writing.is_watched(held.run_id, task.step.key):
        yield None
        return
    pen = _Pen(task)
    try:
        yield pen.grew
    finally:
        await pen.stop()


class _Pen:
    def __init__(self, task: Task) -> None:
        self.task = task
        self.text = self.told = ""
        self.telling: asyncio.Task[None] | None = None

    def grew(self, text: str) -> None:
        """So much has come. Of what comes quickly one after the other only the last is told."""
        self.text = text
        if self.telling is None or self.telling.done():
            self.telling = asyncio.create_task(self._tell())

    async def stop(self) -> None:
        """Tell no more: what it came to is recorded now."""
        if self.telling is not None:
            self.telling.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.telling

    async def _tell(self) -> None:
        held = self.task.held
        while self.told != self.text:
            self.told = self.text
            await writing.tell(held.run_id, self.task.step.key, f"{held.pk}-{held.fence}", self.told)
            await asyncio.sleep(EVERY)
