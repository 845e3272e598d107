"""Waking: the moment, the event or the run that a step waited for has come."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from audit.actors import CLOCK, WORKER, Actor
from audit.ledger import record
from orchestration import locks
from orchestration.expressions import BadExpression, evaluate
from orchestration.flow import Flow
from orchestration.models import Run, StepRun
from orchestration.plans import attach, plan_of
from orchestration.scopes import scopes_of
from orchestration.states import RUN_TERMINAL, Awaits, StepStatus

BATCH = 500


@transaction.atomic
def wake(ids: Sequence[int], answers: dict[int, dict[str, Any]], *, actor: Actor) -> int:
    """Hand waiting steps their answers, by id. Those that wait no longer are left alone. Returns how many woke."""
    rows = StepRun.objects.filter(pk__in=ids).select_related("run", "run__version", "step").defer(*locks.LARGE)
    found = list(rows.order_by("pk"))
    if not found:
        return 0
    runs: dict[int, Run] = {}
    for step_run in found:
        step_run.run = runs.setdefault(step_run.run_id, step_run.run)
        attach(step_run.run, plan_of(step_run.run.version))
    flow = Flow(locks.runs(runs.values()))
    standing = locks.steps([row.pk for row in found])
    woken = [row for row in found if standing[row.pk].status == StepStatus.WAITING]
    for step_run in woken:
        # A tool's call may have been approved before it was sent: that stands.
        kept = (step_run.answer or {}) if step_run.step.kind == "tool" else {}
        flow.resume(step_run, {**kept, **answers[step_run.pk]}, actor=actor)
    flow.write()
    return len(woken)


def wake_due() -> int:
    """Wake the steps whose moment has come, or whose event has not come in time."""
    due = dict(StepRun.objects.due().order_by("wake_at").values_list("pk", "awaits")[:BATCH])
    answers = {pk: {"awaits": awaits, "timed_out": awaits == Awaits.EVENT} for pk, awaits in due.items()}
    return wake(list(due), answers, actor=CLOCK) if due else 0


@transaction.atomic
def tell(name: str, payload: dict[str, Any], *, actor: Actor) -> int:
    """An event has come: the steps that wait for it and whose `match` holds go on. Returns how many."""
    matched, last = [], 0
    while rows := _waiting_for(name, last):
        scopes = scopes_of([(row.run, row.frame) for row in rows])
        matched += [r.pk for r, scope in zip(rows, scopes, strict=True) if _matches(r, {**scope, "event": payload})]
        last = rows[-1].pk
    record("event.told", "event", actor=actor, body={"name": name, "woke": len(matched)}, exhibits={"event": payload})
    answers = {pk: {"awaits": Awaits.EVENT, "event": payload} for pk in matched}
    return wake(matched, answers, actor=actor) if matched else 0


def _waiting_for(name: str, after: int) -> list[StepRun]:
    waiting = StepRun.objects.waiting().filter(awaits=Awaits.EVENT, awaits_event=name, pk__gt=after)
    rows = list(waiting.select_related("run__version", "run__workflow", "step").order_by("pk")[:BATCH])
    for row in rows:
        attach(row.run, plan_of(row.run.version))
    return rows


def _matches(row: StepRun, scope: dict[str, Any]) -> bool:
    text = row.step.spec.get("match")
    try:
        return text is None or evaluate(text, scope) is True
    except BadExpression:
        return False


def child_ended(run: Run) -> int:
    """A run that a step waits for has ended."""
    assert run.parent_id is not None
    answer = {"awaits": Awaits.RUN, "run": run.pk, "status": run.status, "result": run.result}
    return wake([run.parent_id], {run.parent_id: answer}, actor=WORKER)


def missed_children() -> int:
    """Wake the steps whose runs have ended, where nobody did it at the time."""
    ended = Run.objects.filter(
        parent__status=StepStatus.WAITING, parent__awaits=Awaits.RUN, status__in=RUN_TERMINAL
    ).select_related("parent")
    return sum(child_ended(run) for run in ended[:BATCH])
