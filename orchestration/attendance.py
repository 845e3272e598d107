"""Which workers are there, as RQ's registry knows them."""

from datetime import UTC, datetime
from typing import NamedTuple

from redis.exceptions import RedisError
from rq.worker import BaseWorker, Worker

from orchestration import queue


class Present(NamedTuple):
    """One worker. `place` is what it calls itself on the steps it holds: host and process."""

    place: str
    state: str
    last_heard: datetime | None
    bells: int


def workers() -> list[Present] | None:
    """Everyone in the registry, by name; None while the queue is away."""
    bells = queue.bells()
    try:
        found = Worker.all(connection=bells.connection, job_class=bells.job_class, serializer=bells.serializer)
        return sorted(_present(worker) for worker in found)
    except (RedisError, OSError):
        return None


def _present(worker: BaseWorker) -> Present:
    heard = worker.last_heartbeat
    if heard is not None and heard.tzinfo is None:
        heard = heard.replace(tzinfo=UTC)
    return Present(
        f"{worker.hostname}:{worker.pid}",
        str(getattr(worker.get_state(), "value", worker.get_state())),
        heard,
        int(worker.successful_job_count or 0),
    )
