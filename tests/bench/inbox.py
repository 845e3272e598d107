"""The inbox's pages, with few items and with many."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.db import connection
from django.test import Client
from django.utils.http import urlencode

from deploy.sample import crowd
from reviews.models import Review
from tests import cast as people
from tests.bench import filling
from tests.bench.figures import TIMES, Figure, Sizes, typical
from tests.cast import Cast
from tests.wiping import wipe

FEW = 10
ORIGINALS = 200  # the others are copies of them


@contextmanager
def crowded(waiting: int) -> Iterator[Cast]:
    """The cast, and so many items that wait for Rita."""
    wipe()
    cast = people.assemble()
    made = min(waiting, ORIGINALS)
    crowd.gather(cast.version, cast.adam, made, lambda _: None)
    if waiting > made:
        filling.wait(os.environ["MIGRATE_DATABASE_URL"], waiting // made - 1)
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
        word, rare = some.title.split()[0], f"number {min(count, ORIGINALS) - 1}"
        pages = {
            "page": "/inbox/",
            "item": f"/inbox/{some.pk}/",
            "team": "/inbox/?list=team",
            "low": "/inbox/?unsure=1",
            "search": f"/inbox/?{urlencode({'q': word})}",
            "search_rare": f"/inbox/?{urlencode({'q': rare})}",
            "search_none": "/inbox/?q=nowhere+to+be+found",
            "search_every": f"/inbox/?{urlencode({'list': 'every', 'q': word})}",
        }
        for name, address in pages.items():
            rows += _figures(f"inbox_{name}_{count}", client, address)
        if count > TIMES:
            left = iter(list(Review.objects.open_for(cast.rita).in_order()[: TIMES + 1]))
            wall, cpu = typical(lambda: _decide(client, next(left)))
            rows += [(f"inbox_decide_{count}", wall, "ms"), (f"inbox_decide_{count}_cpu", cpu, "CPU-ms")]
    return rows


def _figures(name: str, client: Client, address: str) -> list[Figure]:
    queries = _queries(client, address)
    wall, cpu = typical(partial(client.get, address))
    return [(name, wall, "ms"), (f"{name}_cpu", cpu, "CPU-ms"), (f"{name}_queries", float(queries), "queries")]


def _decide(client: Client, review: Review) -> None:
    """Approve an item as its page does, the next one being open already."""
    form = {"verdict": "approved", "version": review.version, "shown_hash": review.content_hash, "next": "on"}
    answer = client.post(f"/inbox/{review.pk}/decide/", form, headers={"HX-Target": "decided"})
    assert answer.status_code == 200


def _queries(client: Client, address: str) -> int:
    """How many statements a page takes."""
    asked: list[str] = []

    def count(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        asked.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        assert client.get(address).status_code == 200
    return len(asked)
