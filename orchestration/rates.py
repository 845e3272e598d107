"""Calls of a tool in a minute, counted for all workers together, in Redis. Only tools that have a limit are counted.

While Redis is away nobody knows what others call, so a tool that has a limit is not called.
"""

import logging
import uuid

from redis.exceptions import RedisError

from orchestration import queue

MINUTE = "handrail:tool-minute:"
SOON = 1.0  # seconds until it is tried again where nobody knows
TAKE = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - 60)
if redis.call('ZCARD', KEYS[1]) < tonumber(ARGV[1]) then
    redis.call('ZADD', KEYS[1], now, ARGV[2])
    redis.call('EXPIRE', KEYS[1], 120)
    return '0'
end
local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
return tostring(oldest[2] + 60 - now)
"""

logger = logging.getLogger(__name__)


def take(tool: str, per_minute: int | None) -> float:
    """Count a call that begins now: 0; else how many seconds until one may begin."""
    if per_minute is None:
        return 0.0
    try:
        wait = queue.bells().connection.eval(TAKE, 1, MINUTE + tool, per_minute, uuid.uuid4().hex)
        return max(0.0, float(wait))
    except (RedisError, OSError):
        logger.warning("Redis is away: tools that have a limit are not called.")
        return SOON
