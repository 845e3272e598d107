"""The doorbell: wakes a worker after commit. Rows are the truth; a lost bell costs at most a sweep.

A worker that has just had work lingers, and hears a knock at once; only when nobody lingers does a bell ring through
RQ, which costs more, and none while one has rung that nobody has answered.
"""

import logging
import os
import time
from functools import lru_cache

import django_rq
from django.db import transaction
from redis.exceptions import RedisError
from rq import Queue

QUEUE = "steps"
RINGING = "handrail:bell"  # set while a bell has rung and no worker has answered yet
LINGERING = "handrail:lingering"  # workers that listen for a knock, each with the time until which it does
KNOCK = "handrail:knock"
ADVANCE = "orchestration.jobs.advance"
TRY_MODEL = "orchestration.jobs.try_model"
# Redis's own time counts: an entry of a machine whose clock is ahead would keep bells from ringing after its death.
NOW = "local time = redis.call('TIME') local now = time[1] + time[2] / 1000000\n"
KNOCK_OR_RING = f"""{NOW}
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('ZCARD', KEYS[1]) > 0 then
    redis.call('LPUSH', KEYS[2], 1)
    redis.call('LTRIM', KEYS[2], 0, 63)
    redis.call('PEXPIRE', KEYS[2], 2000)
    return 0
end
return redis.call('SET', KEYS[3], 1, 'NX', 'PX', 2000) and 1 or 0
"""
LISTEN = f"{NOW} redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])"

logger = logging.getLogger(__name__)


def bells() -> Queue:
    """The queue of bells; one a process, since each brings its connections."""
    return _bells(os.getpid())


@lru_cache(maxsize=1)
def _bells(pid: int) -> Queue:
    return django_rq.get_queue(QUEUE)


def ring(run_id: int | None = None) -> None:
    """Wake a worker once the transaction has committed; `run_id` says for whom, to whoever looks at the queue."""
    transaction.on_commit(lambda: _ring(run_id))


def _ring(run_id: int | None) -> None:
    try:
        queue = bells()
        if queue.connection.eval(KNOCK_OR_RING, 3, LINGERING, KNOCK, RINGING):
            queue.enqueue_call(ADVANCE, args=(run_id,), timeout=-1, result_ttl=0, failure_ttl=3600, ttl=60)
    except (RedisError, OSError):
        logger.warning("The queue is away: the sweep will ring again.")


def ring_for_test(pk: int) -> None:
    """Have an idle worker make the test call that this row asks for, once the transaction has committed.

    A busy one looks for such rows by itself; a bell that is lost is rung again by the clock.
    """
    transaction.on_commit(lambda: _ring_for_test(pk))


def _ring_for_test(pk: int) -> None:
    try:
        bells().enqueue_call(TRY_MODEL, args=(pk,), timeout=-1, result_ttl=0, failure_ttl=3600, ttl=60)
    except (RedisError, OSError):
        logger.warning("The queue is away: the clock will ring again.")


def answer() -> None:
    """A worker is awake: the next ring wakes another."""
    try:
        bells().connection.delete(RINGING)
    except (RedisError, OSError):
        logger.warning("The queue is away while a worker is awake.")


def listen(worker: str, seconds: float) -> bool:
    """Linger: wait for a knock. Whoever listens looks at the rows again when this returns, knock or none."""
    try:
        connection = bells().connection
        connection.eval(LISTEN, 1, LINGERING, worker, str(seconds))
        return connection.blpop([KNOCK], timeout=seconds) is not None
    except (RedisError, OSError):
        time.sleep(seconds)
        return False


def stop_listening(worker: str) -> None:
    """The worker is at work or goes to sleep, so a knock would not reach it. It looks at the rows once more."""
    try:
        bells().connection.zrem(LINGERING, worker)
    except (RedisError, OSError):
        logger.warning("The queue is away while a worker is awake.")
