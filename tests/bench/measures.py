"""What is measured, each as (name, value, unit)."""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.test import Client

from audit import sealer
from audit.actors import COMMAND
from audit.ledger import record
from deploy.sample import crowd
from reviews import decisions
from reviews.models import Review
from tests import cast as people
from tests.cast import Cast
from tests.wiping import wipe

type Figure = tuple[str, float, str]

TIMES = 50


@contextmanager
def _cast(waiting: int) -> Iterator[Cast]:
    wipe()
    cast = people.assemble()
    crowd.gather(cast.version, cast.adam, waiting, lambda _: None)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    yield cast


def _median(work: Callable[[], object]) -> tuple[float, float]:
    """Median milliseconds, and mean CPU-milliseconds of this process."""
    work()
    walls, began = [], time.process_time()
    for _ in range(TIMES):
        start = time.perf_counter()
        work()
        walls.append((time.perf_counter() - start) * 1000)
    return statistics.median(walls), (time.process_time() - began) * 1000 / TIMES


def _queries(client: Client, address: str) -> int:
    """How many statements a page takes."""
    asked: list[str] = []

    def count(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        asked.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        assert client.get(address).status_code == 200
    return len(asked)


def fixed_loop(waiting: int) -> list[Figure]:
    """A fixed loop of Python."""
    wall, _ = _median(lambda: sum(number * number for number in range(200_000)))
    return [("fixed_loop", wall, "ms")]


def inbox(waiting: int) -> list[Figure]:
    """The inbox's pages with ten items and with many, and how many queries each takes."""
    rows: list[Figure] = []
    for count in (10, waiting):
        with _cast(count) as cast:
            client = Client(SERVER_NAME="localhost")
            client.force_login(cast.rita)
            some = Review.objects.open_for(cast.rita).in_order()[count // 2]
            for name, address in (("inbox_page", "/inbox/"), ("inbox_item", f"/inbox/{some.pk}/")):
                queries = _queries(client, address)
                wall, cpu = _median(partial(client.get, address))
                rows += [
                    (f"{name}_{count}", wall, "ms"),
                    (f"{name}_{count}_cpu", cpu, "CPU-ms"),
                    (f"{name}_{count}_queries", float(queries), "queries"),
                ]
    return rows


def decision(waiting: int) -> list[Figure]:
    """Decisions through the function that the page calls."""
    with _cast(TIMES + 1) as cast:
        left = iter(Review.objects.open_for(cast.rita).in_order())

        def decide() -> None:
            review = next(left)
            decisions.decide(
                review.pk, by=cast.rita, verdict="approved", version=review.version, shown_hash=review.content_hash
            )

        wall, cpu = _median(decide)
    return [("decision", wall, "ms"), ("decision_cpu", cpu, "CPU-ms")]


def ledger(waiting: int) -> list[Figure]:
    """Events written one a transaction, and numbered in bulk."""
    wipe()

    def write() -> None:
        with transaction.atomic():
            record("bench.event", "x", actor=COMMAND, body={"a": 1})

    wall, cpu = _median(write)
    with transaction.atomic():
        for _ in range(8192):
            record("bench.event", "x", actor=COMMAND, body={"a": 1})
    began, count = time.perf_counter(), 0
    while sealed := sealer.seal():
        count += len(sealed.events)
    rate = count / (time.perf_counter() - began)
    return [("ledger_write", wall, "ms"), ("ledger_write_cpu", cpu, "CPU-ms"), ("seal", rate, "events/s")]


ALL = {"fixed_loop": fixed_loop, "ledger": ledger, "decision": decision, "inbox": inbox}
