"""Where acts are done while the worker's main thread goes on: calls on one event loop, what blocks in threads."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from orchestration.outcomes import Outcome

type Act = Callable[[], Outcome | Awaitable[Outcome]]


class Caller:
    """One event loop and one pool of threads a process, begun when they are first needed."""

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pool: ThreadPoolExecutor | None = None

    def on_loop(self, act: Act, seconds: float) -> "Future[Outcome]":
        """Await an act, for `seconds` at the most. Cancelling the future stops it."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            threading.Thread(target=self._loop.run_forever, name="calls", daemon=True).start()
        return asyncio.run_coroutine_threadsafe(_within(act, seconds), self._loop)

    def in_thread(self, act: Act) -> "Future[Any]":
        """Do what blocks. It cannot be stopped; who waits for it may stop waiting."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix="act")
        return self._pool.submit(act)


async def _within(act: Act, seconds: float) -> Outcome:
    async with asyncio.timeout(seconds):
        outcome = act()
        assert isinstance(outcome, Awaitable)
        return await outcome
