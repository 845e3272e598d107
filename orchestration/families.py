"""Which runs tell of a run: those that it started or was started by, that began again from it, or that follow its end.

Of those that stand below another one, only what began or ended since a moment tells anything of what happened then.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from orchestration.models import Run

FAMILY = """
WITH RECURSIVE family (run, since, seed) AS (
    SELECT * FROM ({seeds}) AS seeds
    UNION
    SELECT kin.id, family.since, family.seed FROM family CROSS JOIN LATERAL (
        SELECT above.run_id AS id FROM orchestration_run run
        JOIN orchestration_steprun above ON above.id = run.parent_id WHERE run.id = family.run
        UNION ALL
        SELECT run.id FROM orchestration_steprun step JOIN orchestration_run run ON run.parent_id = step.id
        WHERE step.run_id = family.run AND (run.created_at >= family.since OR run.ended_at >= family.since)
        UNION ALL
        SELECT run.id FROM orchestration_run run
        WHERE run.restarted_from_id = family.run AND run.created_at >= family.since
        UNION ALL
        SELECT fire.run_id FROM orchestration_run run
        JOIN orchestration_trigger trigger ON trigger.source_id = run.workflow_id
        JOIN orchestration_triggerfire fire ON fire.trigger_id = trigger.id AND fire.key = 'run:' || run.id
        WHERE run.id = family.run AND fire.run_id IS NOT NULL AND fire.at >= family.since
    ) AS kin
)
SELECT {wanted} FROM family
"""
SEEDS = ("run", "since", "seed")


class Seeds(NamedTuple):
    """Runs, each with a moment and a number (`SEEDS`), as a statement and its values."""

    sql: str
    values: Sequence[Any]


def of(seeds: Seeds) -> QuerySet[Any, Any]:
    """The ids of all runs that tell of those in `seeds`: a query that another one can hold."""
    family = RawSQL(FAMILY.format(seeds=seeds.sql, wanted="run"), seeds.values)  # noqa: S611  (no text from outside)
    return Run.objects.filter(pk__in=family).order_by().values_list("pk", flat=True)


def seed_of(seeds: Seeds, run_id: int) -> int | None:
    """The seed by which a run tells of one in `seeds`, the highest of them; None where it tells of none. One query."""
    with connection.cursor() as cursor:
        cursor.execute(FAMILY.format(seeds=seeds.sql, wanted="max(seed)") + " WHERE run = %s", [*seeds.values, run_id])
        found: int | None = cursor.fetchone()[0]
    return found
