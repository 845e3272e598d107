"""The event loop of this process on which sessions with MCP servers live."""

import asyncio
import os
import threading
from collections.abc import Coroutine
from concurrent.futures import TimeoutError as TooLate
from typing import Any

SLACK = 2.0  # seconds that the loop has to stop something by itself

_loops: dict[int, asyncio.AbstractEventLoop] = {}  # by process: forks do not share one
_beginning = threading.Lock()


def loop() -> asyncio.AbstractEventLoop:
    """The loop of this process, begun when it is first needed."""
    with _beginning:
        if os.getpid() not in _loops:
            made = asyncio.new_event_loop()
            _loops[os.getpid()] = made
            threading.Thread(target=made.run_forever, name="mcp", daemon=True).start()
        return _loops[os.getpid()]


def wait_for[T](work: Coroutine[Any, Any, T], seconds: float) -> T:
    """What the work comes to, done on the loop while this thread waits. Raises `TimeoutError`."""
    future = asyncio.run_coroutine_threadsafe(_within(work, seconds), loop())
    try:
        return future.result(seconds + SLACK)
    except TooLate as error:
        future.cancel()
        raise TimeoutError from error


async def _within[T](work: Coroutine[Any, Any, T], seconds: float) -> T:
    async with asyncio.timeout(seconds):
        return await work
