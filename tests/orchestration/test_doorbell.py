"""Whoever can write to Redis can queue anything. A worker does bells, and nothing else."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rq import Callback, Queue, SimpleWorker
from rq.serializers import DefaultSerializer

from orchestration import queue
from orchestration.queue import ADVANCE, TRY_MODEL

pytestmark = pytest.mark.django_db(transaction=True)


def plain(bells: Queue) -> Queue:
    """The same queue as somebody without our job class would write to it."""
    return Queue(bells.name, connection=bells.connection, serializer=bells.serializer)


ATTACKS: dict[str, Callable[[Queue, str], Any]] = {
    "another function": lambda q, mark: q.enqueue("os.system", f"touch {mark}"),
    "a callback": lambda q, mark: q.enqueue(ADVANCE, None, on_success=Callback("os.system")),
    "a failure callback": lambda q, mark: q.enqueue(ADVANCE, f"touch {mark}", on_failure=Callback("os.system")),
    "no number of a test": lambda q, mark: q.enqueue(TRY_MODEL, f"touch {mark}"),
    "more arguments": lambda q, mark: q.enqueue(ADVANCE, None, f"touch {mark}"),
    "a pickle": lambda q, mark: Queue(q.name, connection=q.connection, serializer=DefaultSerializer).enqueue(
        "os.system", f"touch {mark}"
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_it_does_no_job_but_a_bell(attack: str, tmp_path: Path) -> None:
    bells = queue.bells()
    bells.connection.flushall()
    mark = tmp_path / "taken-over"
    ATTACKS[attack](plain(bells), str(mark))
    worker = SimpleWorker([bells], connection=bells.connection, job_class=bells.job_class, serializer=bells.serializer)
    worker.work(burst=True, logging_level="CRITICAL")
    assert not mark.exists()
    assert bells.count == 0


def test_it_rings_once_until_a_worker_answers() -> None:
    bells = queue.bells()
    bells.connection.flushall()
    queue.answer()
    queue.ring(1)
    queue.ring(2)
    assert bells.count == 1
    queue.answer()
    queue.ring(3)
    assert bells.count == 2
    bells.connection.flushall()
