"""Who has something open: in Redis, for a minute at a time. Nothing depends on it; what is lost is only not shown."""

import logging
import time

from redis.exceptions import RedisError

from audit import connections

LASTS = 45.0  # seconds that somebody is taken to be there without saying so again
RETRY = 10.0  # seconds in which Redis is not asked again once it did not answer
MOST = 5  # people that are named

logger = logging.getLogger(__name__)
_away_until = 0.0


def stay(about: str, user: int) -> list[int]:
    """Say that this person has it open, and hear who else has."""
    return _told(about, user, here=True)


def leave(about: str, user: int) -> None:
    """Say that this person has closed it."""
    _told(about, user, here=False)


def forget() -> None:
    """Ask Redis again at the next chance."""
    global _away_until
    _away_until = 0.0


def _told(about: str, user: int, *, here: bool) -> list[int]:
    global _away_until
    if time.monotonic() < _away_until:
        return []
    key, moment = f"handrail:open:{about}", time.time()
    try:
        pipe = connections.of_process().pipeline(transaction=False)
        if here:
            pipe.zadd(key, {str(user): moment + LASTS})
        else:
            pipe.zrem(key, str(user))
        pipe.zremrangebyscore(key, "-inf", moment)
        pipe.expire(key, round(LASTS))
        pipe.zrange(key, 0, MOST)
        found = pipe.execute()[-1]
    except (RedisError, OSError):
        _away_until = time.monotonic() + RETRY
        logger.warning("Redis is away: it is not shown who else looks.")
        return []
    return [int(one) for one in found if one.isdigit() and int(one) != user]
