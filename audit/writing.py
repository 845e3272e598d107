"""What a model is writing, for pages that are open on its run.

A page brings a pass that says which steps its reader may read. The socket tells in Redis, for a minute at a time, that
somebody looks on, and hands them what comes; a worker asks for an answer piece by piece only where somebody does.
Nothing depends on any of it: what is lost is only not shown.
"""

import json
import logging
import time
from typing import NamedTuple, Self

from channels.layers import get_channel_layer
from django.core import signing
from redis.exceptions import RedisError

from audit import connections
from audit.templatetags.visible import hides

WATCHED = "handrail:watched"
LASTS = 60.0  # seconds that one looks on without saying so again
FRESH = 60  # seconds that a page has to hand in its pass
KEPT = 1.0  # seconds that a look is good for
LONGEST = 16_000  # characters that are shown of a text: its last ones
LARGEST = 4096  # characters of a pass
MOST = 50  # steps of a run that are watched

logger = logging.getLogger(__name__)
_watched: frozenset[tuple[int, str]] = frozenset()
_looked = float("-inf")


class Watch(NamedTuple):
    """Who looks on at which steps of a run."""

    user: int
    run: int
    workflow: int
    steps: tuple[str, ...]

    def as_pass(self) -> str:
        """What the page hands in: signed, and soon worth nothing."""
        return signing.dumps([self.user, self.run, self.workflow, self.steps[:MOST]], salt=WATCHED, compress=True)

    @classmethod
    def of(cls, said: str) -> Self | None:
        """What a page hands in, if that is a pass that holds still."""
        try:
            user, run, workflow, steps = signing.loads(said, salt=WATCHED, max_age=FRESH)
        except (signing.BadSignature, ValueError, TypeError):
            return None
        return cls(user, run, workflow, tuple(steps))

    async def stay(self) -> None:
        """Say that somebody looks on."""
        until = time.time() + LASTS
        told = {json.dumps([self.run, step]): until for step in self.steps}
        try:
            await connections.of_loop().zadd(WATCHED, told)
            await connections.of_loop().expire(WATCHED, round(LASTS))
        except (RedisError, OSError):
            logger.warning("Redis is away: what models write is not shown while they do.")


def handed_in(text: str) -> str | None:
    """The pass in a message of a page, or None where it brings none."""
    if len(text) > LARGEST:
        return None
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return None
    brought = said.get("watch") if isinstance(said, dict) else None
    return brought if isinstance(brought, str) else None


def look(kept: float = KEPT) -> None:
    """See at which steps somebody looks on; unless that was done a moment ago. For workers."""
    global _watched, _looked
    if time.monotonic() - _looked < kept:
        return
    _looked = time.monotonic()
    try:
        found = connections.of_process().zrangebyscore(WATCHED, time.time(), "+inf")
        _watched = frozenset((int(run), str(step)) for run, step in map(json.loads, found))  # type: ignore[arg-type]
    except (RedisError, OSError, ValueError, TypeError):
        _watched = frozenset()


def is_watched(run: int, step: str) -> bool:
    """Whether somebody looks on at a step. Asks nobody."""
    return (run, step) in _watched


async def tell(run: int, step: str, of: str, text: str) -> None:
    """What the try `of` has written until now, to those who look on at `step`."""
    shown = "".join(f"U+{ord(sign):04X}" if hides(sign) else sign for sign in text[-LONGEST:])
    said = {"type": "text.grew", "run": run, "step": step, "of": of, "text": shown}
    try:
        await get_channel_layer().group_send(group(run), said)
    except (OSError, RuntimeError, RedisError):
        logger.warning("The channel layer is away: what models write is not shown while they do.")


def group(run: int) -> str:
    """The sockets that look on at a run."""
    return f"writing.{run}"
