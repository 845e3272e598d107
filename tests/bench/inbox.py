"""The inbox's pages, with few items and with many."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.db import connection
from django.test import Client

from deploy.sample import crowd
from reviews.models import Review
from tests import cast as people
from tests.bench.figures import Figure, Sizes, typical
from tests.cast import Cast
from tests.wiping import wipe

FEW = 10


@contextmanager
def crowded(waiting: int) -> Iterator[Cast]:
    """The cast, and so many items that wait for Rita."""
    wipe()
    cast = people.assemble()
    crowd.gather(cast.version, cast.adam, waiting, lambda _: None)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    yield cast


def inbox(sizes: Sizes) -> list[Figure]:
    """The inbox's pages with ten items and with many, and how many queries each takes."""
    return [figure for count in (FEW, sizes.waiting) for figure in _pages(count)]


def _pages(count: int) -> list[Figure]:
    rows: list[Figure] = []
    with crowded(count) as cast:
        client = Client(SERVER_NAME="localhost")
        client.force_login(cast.rita)
        some = Review.objects.open_for(cast.rita).in_order()[count // 2]
        for name, address in (("inbox_page", "/inbox/"), ("inbox_item", f"/inbox/{some.pk}/")):
            queries = _queries(client, address)
            wall, cpu = typical(partial(client.get, address))
            rows += [
                (f"{name}_{count}", wall, "ms"),
                (f"{name}_{count}_cpu", cpu, "CPU-ms"),
                (f"{name}_{count}_queries", float(queries), "queries"),
            ]
    return rows


def _queries(client: Client, address: str) -> int:
    """How many statements a page takes."""
    asked: list[str] = []

    def count(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        asked.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        assert client.get(address).status_code == 200
    return len(asked)
