"""The doorbell: wakes a worker after commit. Rows are the truth; a lost bell costs at most a sweep."""

import logging
import os
from functools import lru_cache

import django_rq
from django.db import transaction
from redis.exceptions import RedisError
from rq import Queue

QUEUE = "steps"
RINGING = "handrail:bell"  # set while a bell has rung and no worker has answered yet
ADVANCE = "orchestration.jobs.advance"

logger = logging.getLogger(__name__)


def bells() -> Queue:
    """The queue of bells; one a process, since each brings its connections."""
    return _bells(os.getpid())


@lru_cache(maxsize=1)
def _bells(pid: int) -> Queue:
    return django_rq.get_queue(QUEUE)


def ring(run_id: int | None = None) -> None:
    """Wake a worker once the transaction has committed; `run_id` is a hint where to begin."""
    transaction.on_commit(lambda: _ring(run_id))


def _ring(run_id: int | None) -> None:
    try:
        queue = bells()
        if queue.connection.set(RINGING, "1", nx=True, px=2000):
            queue.enqueue_call(ADVANCE, args=(run_id,), timeout=-1, result_ttl=0, failure_ttl=3600, ttl=60)
    except (RedisError, OSError):
        logger.warning("The queue is away: the sweep will ring again.")


def answer() -> None:
    """A worker is awake: the next ring wakes another."""
    try:
        bells().connection.delete(RINGING)
    except (RedisError, OSError):
        logger.warning("The queue is away while a worker is awake.")
