"""How far a long step has come: a fraction and a line, in Redis for an hour. Nothing depends on it."""

import json
import logging
import math
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import NamedTuple

from redis.exceptions import RedisError

from orchestration import queue

SECONDS = 3600
AT_WORK: ContextVar[int] = ContextVar("the step run that this thread or task carries out")
LONGEST = 200  # characters of a line

logger = logging.getLogger(__name__)


class Progress(NamedTuple):
    """What a step last said of itself. `fraction` is from 0 to 1, or None where nobody knows."""

    fraction: float | None
    line: str


def carrying[T](step_run_id: int, act: Callable[[], T]) -> T:
    """Do the act of a step, in which `say` then speaks for it."""
    AT_WORK.set(step_run_id)
    return act()


def say(fraction: float | None, line: str = "") -> None:
    """For tools: how far the call that is being made has come. Outside of any step it says nothing."""
    if (step_run_id := AT_WORK.get(0)) != 0:
        report(step_run_id, fraction, line)


def report(step_run_id: int, fraction: float | None, line: str = "") -> None:
    """Say how far a step has come. It may get lost, and then it is only not shown."""
    said = json.dumps([_share(fraction), " ".join(line.split())[:LONGEST]])
    try:
        queue.bells().connection.set(_key(step_run_id), said, ex=SECONDS)
    except (RedisError, OSError):
        logger.warning("The queue is away: the progress of step run %s is not shown.", step_run_id)


def read(ids: Iterable[int]) -> dict[int, Progress]:
    """What each of these steps last said; those that said nothing are left out."""
    wanted = list(ids)
    if not wanted:
        return {}
    try:
        said = queue.bells().connection.mget([_key(pk) for pk in wanted])
    except (RedisError, OSError):
        logger.warning("The queue is away: no progress is shown.")
        return {}
    found = {pk: _understood(text) for pk, text in zip(wanted, said, strict=True) if text is not None}
    return {pk: progress for pk, progress in found.items() if progress is not None}


def _key(step_run_id: int) -> str:
    return f"handrail:progress:{step_run_id}"


def _share(fraction: float | None) -> float | None:
    return None if fraction is None or not math.isfinite(fraction) else min(max(float(fraction), 0.0), 1.0)


def _understood(text: bytes | str) -> Progress | None:
    """Whoever writes to Redis could have written anything."""
    try:
        fraction, line = json.loads(text)
        return Progress(_share(fraction), str(line)[:LONGEST])
    except (ValueError, TypeError, RecursionError):
        return None
