"""The ledger: an event written by itself, and events numbered in bulk."""

import time

from django.db import transaction

from audit import ledger as product
from audit import sealer
from audit.actors import COMMAND
from tests.bench.figures import Figure, Sizes, typical
from tests.wiping import wipe

IN_BULK = 8192


def ledger(sizes: Sizes) -> list[Figure]:
    """Events written one a transaction, and numbered in bulk."""
    wipe()
    wall, cpu = typical(_write)
    with transaction.atomic():
        for _ in range(IN_BULK):
            product.record("bench.event", "x", actor=COMMAND, body={"a": 1})
    began, count = time.perf_counter(), 0
    while sealed := sealer.seal():
        count += len(sealed.events)
    rate = count / (time.perf_counter() - began)
    return [("ledger_write", wall, "ms"), ("ledger_write_cpu", cpu, "CPU-ms"), ("seal", rate, "events/s")]


@transaction.atomic
def _write() -> None:
    product.record("bench.event", "x", actor=COMMAND, body={"a": 1})
