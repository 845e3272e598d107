"""Handrail with two workers on the servers of this measurement, and nothing in its database."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from tests.bench.driver import Handrail
from tests.wiping import wipe

WORKERS, CALLS = 2, 200


@contextmanager
def standing(*, model_url: str = "") -> Iterator[Handrail]:
    """Up as long as the block."""
    wipe()
    given = os.environ
    with Handrail(
        given["DATABASE_URL"],
        given["REDIS_URL"],
        WORKERS,
        migrate_database_url=given["MIGRATE_DATABASE_URL"],
        calls=CALLS,
        model_url=model_url,
    ) as handrail:
        yield handrail
