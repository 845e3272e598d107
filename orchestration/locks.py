"""Which rows a transaction of the engine holds, always in one order: runs, then steps, each by id.

Runs are held for key share: many may settle steps of one run at once, and only who ends, pauses or cancels the whole
run (`whole_run`) shuts them out.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from audit import hot
from audit.clock_time import now
from orchestration.models import Run, StepRun
from orchestration.states import BrakeStatus, WorkflowStatus

RUNS = """
SELECT r.id, r.status, r.ending, r.sent_back, w.status = %s, w.steps_at_once IS NOT NULL, handrail_now(),
    EXISTS (SELECT 1 FROM orchestration_brake WHERE status = %s),
    ARRAY(SELECT lane FROM orchestration_limit
        UNION ALL SELECT 'model:' || name FROM orchestration_model WHERE calls_at_once IS NOT NULL)
FROM orchestration_run r JOIN orchestration_workflow w ON w.id = r.workflow_id
WHERE r.id = ANY(%s::bigint[]) ORDER BY r.id FOR KEY SHARE OF r
"""
STEPS = """
SELECT id, status, fence, stop_asked_at IS NOT NULL FROM orchestration_steprun
WHERE id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE
"""
LARGE = ("question", "answer", "output", "metrics")


@dataclass(frozen=True, slots=True)
class Hold:
    """What stood when the rows were locked.

    `halted` runs begin nothing now; the steps of `limited` ones are counted, and so are those in `lanes` (models and
    tools with a limit): a worker claims them, and never goes straight on with them. `runs` are those that are locked.
    """

    now: datetime
    runs: frozenset[int] = frozenset()
    halted: frozenset[int] = frozenset()
    limited: frozenset[int] = frozenset()
    lanes: frozenset[str] = frozenset()


class Standing(NamedTuple):
    """A step run's row, once locked."""

    status: str
    fence: int
    stop_asked: bool


def runs(wanted: Collection[Run], *, wait: bool = True) -> Hold:
    """Lock runs, and bring each up to date: status, ending, how often it was sent back.

    Whoever holds steps already does not `wait` for a run: somebody who holds the whole of it may wait for the steps.
    """
    statement = RUNS if wait else f"{RUNS} SKIP LOCKED"
    values = [WorkflowStatus.PAUSED.value, BrakeStatus.PULLED.value, [run.pk for run in wanted]]
    rows = {row[0]: row for row in hot.rows(statement, values)}
    for run in wanted:
        if run.pk in rows:
            _, run.status, run.ending, run.sent_back, *_ = rows[run.pk]
    halted = frozenset(pk for pk, row in rows.items() if row[4] or row[7])
    limited = frozenset(pk for pk, row in rows.items() if row[5])
    if not rows:
        return Hold(now())
    _, _, _, _, _, _, moment, _, lanes = next(iter(rows.values()))
    return Hold(moment, frozenset(rows), halted, limited, frozenset(lanes))


def steps(ids: Collection[int]) -> dict[int, Standing]:
    """Lock step runs: how each stands."""
    return {row[0]: Standing(*row[1:]) for row in hot.rows(STEPS, [list(ids)])}


def containers(ids: Collection[int]) -> dict[int, StepRun]:
    """Lock the steps that others stand in. They began before what is in them, so they are locked before it."""
    if not ids:
        return {}
    rows = StepRun.objects.filter(pk__in=ids).defer(*LARGE).order_by("pk").select_for_update(no_key=True)
    return {row.pk: row for row in rows}


def whole_run(pk: int) -> Run:
    """Lock one run against everything else that works on it."""
    return Run.objects.select_for_update(of=("self",)).select_related("version").get(pk=pk)
