"""Connections to Redis, or Valkey: one a process for the main thread, one an event loop."""

import asyncio
import os
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

import redis
from django.conf import settings
from redis import asyncio as aioredis

ANSWER = 2.0  # seconds that it has to answer

_clients: "WeakKeyDictionary[asyncio.AbstractEventLoop, Any]" = WeakKeyDictionary()


def of_process() -> redis.Redis:
    """For threads that may wait."""
    return _of_process(os.getpid())


@lru_cache(maxsize=1)
def _of_process(pid: int) -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=ANSWER, socket_connect_timeout=ANSWER)


def of_loop() -> Any:
    """For the event loop that runs."""
    loop = asyncio.get_running_loop()
    if loop not in _clients:
        _clients[loop] = aioredis.from_url(settings.REDIS_URL, socket_timeout=ANSWER, socket_connect_timeout=ANSWER)
    return _clients[loop]


def forget() -> None:
    """Open new ones at the next chance."""
    _clients.clear()
    _of_process.cache_clear()
