"""Turns: how many runs of a workflow, or of one key in it, may be under way; the others wait, first come first."""

from collections import Counter
from collections.abc import Iterable, Iterator

from django.db import connection, transaction
from django.db.models import Count

from audit.actors import WORKER
from audit.clock_time import now
from audit.moves import Batch
from orchestration import locks, queue
from orchestration.models import Run, StepRun, Workflow
from orchestration.states import RunStatus, StepStatus

LOCK = 0x5455524E  # advisory lock, beside the workflow's id
LOOKED_AT = 500  # runs that wait, at the most, each time


def has_turns(workflow: Workflow) -> bool:
    """Whether its runs wait for each other at all."""
    return workflow.runs_at_once is not None or workflow.runs_per_key is not None


def must_wait(run: Run) -> bool:
    """Whether a new run has to wait, in the transaction that accepts it."""
    workflow = run.workflow
    if not has_turns(workflow):
        return False
    _lock(workflow.pk)
    waiting = Run.objects.live().filter(workflow=workflow, waits_turn=True)
    if workflow.runs_at_once is not None and waiting.exists():
        return True
    return not next(_fitting(workflow, [run]), None)


@transaction.atomic
def admit(workflow: Workflow) -> int:
    """Let as many waiting runs begin as may be under way now. Returns how many."""
    _lock(workflow.pk)
    waiting = Run.objects.live().filter(workflow=workflow, waits_turn=True).order_by("priority", "id")
    chosen = {run.pk: run for run in _fitting(workflow, waiting.select_related("version")[:LOOKED_AT])}
    if not chosen:
        return 0
    Run.objects.filter(pk__in=chosen).update(waits_turn=False)
    locks.runs(chosen.values())  # somebody may have paused one meanwhile
    batch, moment = Batch(), now()
    for step_run in StepRun.objects.filter(run__in=chosen, status=StepStatus.HELD).select_related("step"):
        step_run.run = chosen[step_run.run_id]
        step_run.run.workflow = workflow
        if step_run.run.status != RunStatus.PAUSED:
            batch.move(step_run, StepStatus.READY, actor=WORKER, ready_at=moment)
    batch.write()
    queue.ring()
    return len(chosen)


def _fitting(workflow: Workflow, candidates: Iterable[Run]) -> Iterator[Run]:
    """Those of the candidates, in their order, for which there is room."""
    under_way = Run.objects.live().filter(workflow=workflow, waits_turn=False)
    room = None if workflow.runs_at_once is None else workflow.runs_at_once - under_way.count()
    taken: Counter[str] = Counter()
    if workflow.runs_per_key is not None:
        taken.update(dict(under_way.exclude(key="").values_list("key").annotate(Count("id")).order_by()))
    for run in candidates:
        if room is not None and room <= 0:
            return
        if run.key and workflow.runs_per_key is not None and taken[run.key] >= workflow.runs_per_key:
            continue
        taken[run.key] += 1
        room = None if room is None else room - 1
        yield run


def _lock(workflow_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, workflow_id])
