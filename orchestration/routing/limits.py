"""Limits of a model: calls at once, requests and tokens in a minute, counted for all workers together, in Redis.

A call takes a slot before it is made and gives it back after. A slot is a lease that its worker renews, so those of a
worker that was killed come back by themselves. The minute is a window that slides by seconds, and Redis's own time
counts. Only models that have a limit are counted; nothing is asked for the others.

While Redis is away nobody knows what others call, so a model that has a limit is not called: its steps are tried again
soon, without that being a try, and models without a limit go on.
"""

import asyncio
import contextlib
import logging
import random
import time
import uuid
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from redis.exceptions import RedisError

from audit import connections
from orchestration import queue
from orchestration.routing.candidates import Candidate

CALLS, MINUTE = "handrail:calls:", "handrail:minute:"
KEPT = 0.2  # seconds that a look is good for
LEASE = 15.0  # seconds until the slot of a worker that was killed comes back
SOON = 1.0  # seconds, at the least, until a model at its limit is asked again
LOOKS = 0.1  # seconds between two looks of a talk that waits to go on
UNKNOWN = "its calls cannot be counted now"

NOW = "local time = redis.call('TIME') local second = tonumber(time[1]) local now = second + time[2] / 1000000\n"
# What is in flight (ARGV 1: on) and what was begun in this minute, as requests and tokens.
COUNT = """
local function count(calls, minute)
    redis.call('ZREMRANGEBYSCORE', calls, '-inf', now)
    local begun, all = {r = 0, t = 0}, redis.call('HGETALL', minute)
    for i = 1, #all, 2 do
        local kind, at = string.match(all[i], '^(%a):(%d+)$')
        if tonumber(at) < second - 60 then redis.call('HDEL', minute, all[i])
        else begun[kind] = begun[kind] + tonumber(all[i + 1]) end
    end
    return redis.call('ZCARD', calls), begun.r, begun.t
end
"""
LOOK = f"""{NOW}{COUNT}
local found = {{}}
for i = 1, #KEYS, 2 do
    local calls, requests, tokens = count(KEYS[i], KEYS[i + 1])
    found[#found + 1] = {{calls, requests, tokens}}
end
return found
"""
# ARGV: the slot's name, its lease, calls at once, requests and tokens a minute (-1: no limit), tokens of this call.
TAKE = f"""{NOW}{COUNT}
local calls, requests, tokens = count(KEYS[1], KEYS[2])
local at_once, most_requests, most_tokens = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local full = (at_once >= 0 and calls >= at_once) or (most_requests >= 0 and requests >= most_requests)
if full or (most_tokens >= 0 and tokens + tonumber(ARGV[6]) > most_tokens) then
    return {{0, calls, requests, tokens}}
end
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2] * 1000)
redis.call('HINCRBY', KEYS[2], 'r:' .. second, 1)
redis.call('HINCRBY', KEYS[2], 't:' .. second, ARGV[6])
redis.call('EXPIRE', KEYS[2], 120)
return {{second, calls, requests, tokens}}
"""
GIVE_BACK = """
redis.call('ZREM', KEYS[1], ARGV[1])
if tonumber(ARGV[3]) ~= 0 and redis.call('HEXISTS', KEYS[2], 't:' .. ARGV[2]) == 1 then
    redis.call('HINCRBY', KEYS[2], 't:' .. ARGV[2], ARGV[3])
end
"""
RENEW = f"{NOW} redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1]) redis.call('PEXPIRE', KEYS[1], ARGV[2] * 1000)"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Stand:
    """How many calls of a model are in flight, and how many requests and tokens its last minute had."""

    calls: int = 0
    requests: int = 0
    tokens: int = 0


@dataclass(slots=True)
class Slot:
    """The right to make one call. `used` is the tokens that it took in the end, once that is known."""

    model: str
    tokens: int
    second: int = 0
    name: str = field(default_factory=lambda: uuid.uuid4().hex)
    used: int | None = None


class Full(Exception):
    """A model is at its limit: no call may begin."""


_stands: dict[str, Stand | None] = {}
_looked: dict[str, float] = {}


def busy(models: Iterable[Candidate], tokens: int) -> Mapping[str, str]:
    """Those that are at their limit for a call of so many tokens, each with what it has. For the main thread."""
    limited = [model for model in models if model.is_limited]
    if not limited:
        return {}
    _look(limited)
    full = {model.name: why(model, _stands.get(model.name), tokens) for model in limited}
    return {name: told for name, told in full.items() if told}


def why(model: Candidate, stand: Stand | None, tokens: int) -> str:
    """Which limit a model is at, as what it has; "" where it may be called."""
    if stand is None:
        return UNKNOWN
    if model.calls_at_once is not None and stand.calls >= model.calls_at_once:
        return f"{stand.calls} calls at once"
    if model.requests_per_minute is not None and stand.requests >= model.requests_per_minute:
        return f"{stand.requests} requests in a minute"
    if model.tokens_per_minute is not None and stand.tokens + tokens > model.tokens_per_minute:
        return f"{stand.tokens} tokens in a minute, of {model.tokens_per_minute}"
    return ""


def _look(models: list[Candidate]) -> None:
    moment = time.monotonic()
    old = [model.name for model in models if moment - _looked.get(model.name, float("-inf")) > KEPT]
    if not old:
        return
    keys = [key for name in old for key in _keys(name)]
    try:
        stands = queue.bells().connection.eval(LOOK, len(keys), *keys)
        _stands.update({name: Stand(*stand) for name, stand in zip(old, stands, strict=True)})
    except (RedisError, OSError):
        logger.warning("Redis is away: models that have a limit are not called.")
        _stands.update(dict.fromkeys(old))
    _looked.update(dict.fromkeys(old, moment))


@asynccontextmanager
async def held(model: Candidate, tokens: int, *, wait: float = 0.0) -> AsyncIterator[Slot]:
    """A slot for one call, as long as the block; or `Full`, once there was none for `wait` seconds."""
    slot = await _taken(model, tokens, wait)
    renewing = asyncio.create_task(_renew(slot))
    try:
        yield slot
    finally:
        renewing.cancel()
        await asyncio.shield(_give_back(slot))


async def _taken(model: Candidate, tokens: int, wait: float) -> Slot:
    until = time.monotonic() + wait
    while True:
        slot = Slot(model.name, tokens)
        limits = (model.calls_at_once, model.requests_per_minute, model.tokens_per_minute)
        given = [-1 if limit is None else limit for limit in limits]
        try:
            second, *stand = await connections.of_loop().eval(
                TAKE, 2, *_keys(model.name), slot.name, LEASE, *given, tokens
            )
        except (RedisError, OSError) as error:
            raise Full(UNKNOWN) from error
        if second:
            slot.second = second
            return slot
        if time.monotonic() + LOOKS > until:
            raise Full(why(model, Stand(*stand), tokens))
        await asyncio.sleep(LOOKS * (1 + random.random()))  # noqa: S311  (no secret)


async def _renew(slot: Slot) -> None:
    while True:
        await asyncio.sleep(LEASE / 3)
        with contextlib.suppress(RedisError, OSError):
            await connections.of_loop().eval(RENEW, 1, CALLS + slot.model, slot.name, LEASE)


async def _give_back(slot: Slot) -> None:
    """Of a call that failed nobody knows what it took: it counts as what it might have taken."""
    more = 0 if slot.used is None else slot.used - slot.tokens
    with contextlib.suppress(RedisError, OSError):  # else the lease ends
        await connections.of_loop().eval(GIVE_BACK, 2, *_keys(slot.model), slot.name, slot.second, more)


def _keys(model: str) -> tuple[str, str]:
    return CALLS + model, MINUTE + model


def forget() -> None:
    """Look again at the next chance."""
    _stands.clear()
    _looked.clear()
