"""Rows by which somebody asks a worker for a call: how one is taken up, and what the clock does where nobody does it.

The row is the request. An idle worker is rung; a busy one looks for such rows beside its steps (`beside`).
"""

from collections.abc import Callable
from datetime import timedelta

from django.db.models import QuerySet

from audit import hot
from audit.clock_time import now
from audit.moves import IllegalMove, LostRace
from orchestration import queue
from orchestration.models import Inquiry, ModelTest
from orchestration.states import ModelTestStatus

RUNG_AGAIN = timedelta(seconds=5)
NOBODY_CAME = timedelta(seconds=120)
BATCH = 100
TAKE = """
UPDATE {table} SET taken_at = handrail_now() WHERE id = (
    SELECT id FROM {table} WHERE status = 'asked' AND taken_at IS NULL
    ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
) RETURNING id
"""


def take[Row: (Inquiry, ModelTest)](asked: QuerySet[Row]) -> Row | None:
    """The next that nobody makes yet, for this worker."""
    rows = hot.rows(TAKE.format(table=asked.model._meta.db_table))
    return asked.get(pk=rows[0][0]) if rows else None


def end_once(end: Callable[[], None]) -> None:
    """Write what one came to, unless the clock gave it up meanwhile."""
    try:
        end()
    except (IllegalMove, LostRace):
        return


def sweep[Row: (Inquiry, ModelTest)](
    asked: QuerySet[Row], give_up: Callable[[Row, str], None], *, lost: timedelta, told: str
) -> int:
    """Ring again for those that nobody took, give up those that nobody will end. Returns how many were given up.

    A worker that took one longer than `lost` ago will not end it: `told` is what is written then.
    """
    moment, given_up = now(), 0
    rows = asked.filter(status=ModelTestStatus.ASKED, asked_at__lt=moment - RUNG_AGAIN)
    for one in rows.order_by("pk")[:BATCH]:
        if one.taken_at is not None and one.taken_at < moment - lost:
            give_up(one, told)
            given_up += 1
        elif one.taken_at is None and one.asked_at < moment - NOBODY_CAME:
            give_up(one, "No worker took this up in two minutes. Is one running?")
            given_up += 1
        elif one.taken_at is None:
            queue.ring_for_test(one.pk)
    return given_up
