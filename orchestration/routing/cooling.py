"""Models that rest after failures, known to every worker: in Redis, since a rest is short and nothing depends on it.

What this process has seen itself it knows at once; what others saw, a second later. While Redis is away each process
knows its own.
"""

import logging
import time
from collections.abc import Iterable, Mapping

from redis.exceptions import RedisError

from orchestration import failures, queue

PREFIX = "handrail:cooling:"
FAILURES = "handrail:failing:"
KEPT = 1.0  # seconds that a look is good for
BUSY = 5.0  # seconds of rest where a busy provider does not say how many
DOWN = 15.0  # seconds of rest after several failures
SEVERAL, WITHIN = 3, 60  # failures, in so many seconds
LONGEST = 600.0

logger = logging.getLogger(__name__)
_here: dict[str, float] = {}  # until when, by this process's own clock
_there: dict[str, float] = {}
_looked = float("-inf")
_unsaid: list[tuple[str, float]] = []
_failed: dict[str, list[float]] = {}


def rest(model: str, code: str, after: float | None = None) -> None:
    """A call failed: let the model rest where that helps. Asks nobody; others are told by the next `look`."""
    moment = time.monotonic()
    if code == failures.BUSY:
        seconds = min(after if after is not None else BUSY, LONGEST)
    else:
        recent = [at for at in _failed.get(model, ()) if moment - at < WITHIN] + [moment]
        _failed[model] = recent
        if len(recent) < SEVERAL:
            return
        seconds = DOWN
    _here[model] = max(_here.get(model, 0.0), moment + seconds)
    _unsaid.append((model, seconds))


def look(kept: float = KEPT) -> None:
    """Tell the others what failed here, and hear what failed there; unless that was done a moment ago."""
    global _looked, _there
    moment = time.monotonic()
    if moment - _looked < kept and not _unsaid:
        return
    _looked = moment
    told = [_unsaid.pop() for _ in range(len(_unsaid))]
    try:
        redis = queue.bells().connection
        pipeline = redis.pipeline(transaction=False)
        for model, seconds in told:
            pipeline.set(f"{PREFIX}{model}", 1, px=max(1, round(seconds * 1000)))
        pipeline.execute()
        names = [bytes(name).decode() for name in redis.scan_iter(f"{PREFIX}*", count=1000)]
        waits = {name: redis.pttl(name) for name in names}
        _there = {name[len(PREFIX) :]: moment + wait / 1000 for name, wait in waits.items() if wait > 0}
    except (RedisError, OSError):
        logger.warning("Redis is away: each worker knows only of its own failures.")


def seconds(models: Iterable[str]) -> Mapping[str, float]:
    """For how many seconds these models still rest; those that do not are left out. Asks nobody."""
    moment = time.monotonic()
    waits = {name: max(_here.get(name, 0.0), _there.get(name, 0.0)) - moment for name in models}
    return {name: wait for name, wait in waits.items() if wait > 0}


def forget() -> None:
    """Know of no failure any more."""
    global _looked
    _here.clear()
    _there.clear()
    _failed.clear()
    _unsaid.clear()
    _looked = float("-inf")
