"""Two workers at one budget: the second sees what the first holds back, however long it waited for it."""

import threading
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from orchestration.models import StepRun
from orchestration.routing import budgets
from tests.cast import Cast
from tests.flow.drawn import start, step

KEY = "workflow:1:2026-11"
WAITS = "SELECT count(*) FROM pg_locks WHERE NOT granted"


def _until_somebody_waits() -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute(WAITS)
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    raise AssertionError("Nobody waits for the budget.")


def _elsewhere(work: Callable[[], Any], came: list[Any]) -> threading.Thread:
    """A thread with a connection of its own, that does it."""

    def run() -> None:
        try:
            with transaction.atomic():
                came.append(work())
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_what_another_worker_has_just_reserved_counts(live_cast: Cast) -> None:
    start(live_cast, step("ask"))
    held, came = StepRun.objects.get(), list[dict[str, Decimal]]()
    with transaction.atomic():
        budgets.used([KEY])  # else the second waits for its row to be made, not for its lock
    with transaction.atomic():
        assert budgets.used([KEY]) == {KEY: Decimal(0)}
        budgets.save(budgets.reserve(held, {KEY: Decimal("0.05")}))
        second = _elsewhere(lambda: budgets.used([KEY]), came)
        _until_somebody_waits()
    second.join(10)
    assert came == [{KEY: Decimal("0.05")}]


def test_what_another_worker_has_just_settled_counts_once(live_cast: Cast) -> None:
    start(live_cast, step("ask"))
    held, came = StepRun.objects.get(), list[dict[str, Decimal]]()
    with transaction.atomic():
        budgets.used([KEY])
        budgets.save(budgets.reserve(held, {KEY: Decimal("0.05")}))
    with transaction.atomic():
        budgets.settle([(held, {KEY: Decimal("0.02")})])
        second = _elsewhere(lambda: budgets.used([KEY]), came)
        _until_somebody_waits()
    second.join(10)
    assert came == [{KEY: Decimal("0.02")}]
