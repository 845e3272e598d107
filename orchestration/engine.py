"""The engine: start, claim, settle, resume. Each is one short transaction; none is held over a call.

A step may be tried again; its result is committed once, by the holder of its newest fence.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import DateTimeField, ExpressionWrapper, Value

from audit.actors import WORKER, Actor
from audit.clock_time import HandrailNow, now
from audit.ledger import record
from audit.models import User
from audit.moves import begin, move
from orchestration import queue, retries, starts
from orchestration.models import Attempt, Run, Step, StepRun, Trigger, Workflow
from orchestration.outcomes import Done, Failed, Outcome, Waiting
from orchestration.signals import step_waiting
from orchestration.states import RunStatus, StepStatus

JOINED = ("step", "run__workflow", "run__version")


def lease() -> "ExpressionWrapper[Any]":
    """The database's time plus the length of a lease."""
    until = HandrailNow() + Value(timedelta(seconds=settings.HANDRAIL_LEASE_SECONDS))
    return ExpressionWrapper(until, output_field=DateTimeField())


@transaction.atomic
def start(
    workflow: Workflow,
    given: dict[str, Any],
    *,
    actor: Actor,
    started_by: User,
    trigger: Trigger | None = None,
) -> Run:
    """Accept a run of the workflow's current version: committed with its first step, or refused with `BadInput`."""
    version = starts.current_version(workflow)
    run = Run(
        workflow=workflow,
        version=version,
        trigger=trigger,
        title=starts.title(version, given),
        input=given,
        started_by=started_by,
    )
    begin(
        run,
        actor=actor,
        body={"trigger": trigger.name if trigger else ""},
        personal={"title": run.title},
        exhibits={"input": given},
    )
    _make_ready(run, version.steps.all()[0])
    return run


def _make_ready(run: Run, step: Step) -> None:
    begin(StepRun(run=run, step=step, workflow_id=run.workflow_id), actor=WORKER)
    queue.ring(run.pk)


@transaction.atomic
def claim(worker: str, hint: int | None = None) -> StepRun | None:
    """Take one ready step, of the run that the bell named if it has one, and lease it."""
    ready = StepRun.objects.claimable().select_related(*JOINED).select_for_update(skip_locked=True, of=("self",))
    held = (ready.filter(run_id=hint).first() if hint else None) or ready.first()
    if held is None:
        return None
    move(
        held,
        StepStatus.RUNNING,
        actor=WORKER,
        fence=held.fence + 1,
        lease_until=lease(),
        told={"body": {"worker": worker}},
    )
    Attempt.objects.create(step_run=held, fence=held.fence, worker=worker)
    if held.run.status == RunStatus.ACCEPTED:
        move(held.run, RunStatus.RUNNING, actor=WORKER)
    return held


def beat(held: StepRun) -> bool:
    """Lengthen the lease. False when it is no longer ours."""
    mine = StepRun.objects.filter(pk=held.pk, fence=held.fence, status=StepStatus.RUNNING)
    return bool(mine.update(lease_until=lease()))


@transaction.atomic
def settle(held: StepRun, outcome: Outcome) -> None:
    """Record what a try came to, on the step and on its run. Raises `LostRace` when the fence has passed."""
    match outcome:
        case Done(output, _, metrics):
            _commit(held, StepStatus.DONE, outcome, output=output, metrics=metrics, ended_at=HandrailNow())
            _go_on(held, output)
        case Waiting(question):
            _commit(held, StepStatus.WAITING, outcome, question=question, awaits="person", waiting_since=HandrailNow())
            step_waiting.send(StepRun, step_run=held)
        case Failed(error) if (wait := retries.wait_before_next(held, outcome)) is not None:
            _commit(held, StepStatus.READY, outcome, error=error, not_before=now() + wait)
        case Failed(error):
            _commit(held, StepStatus.FAILED, outcome, error=error, ended_at=HandrailNow())
            move(held.run, RunStatus.FAILED, actor=WORKER, ended_at=HandrailNow())


def _commit(held: StepRun, to: StepStatus, outcome: Outcome, **fields: Any) -> None:
    """The compare-and-set of a try: only with its own fence."""
    spent = outcome.spent
    body: dict[str, Any] = {"tries": held.fence}
    if spent.model:
        body |= {"model": spent.model, "tokens_in": spent.tokens_in, "tokens_out": spent.tokens_out}
        body |= {"cost": str(spent.cost), "confidence": spent.confidence}
    exhibits: dict[str, Any] = {}
    if isinstance(outcome, Done):
        exhibits["output"], body["metrics"] = outcome.output, outcome.metrics
    if isinstance(outcome, Failed):
        exhibits["error"] = outcome.error
    told = {"body": body, "exhibits": exhibits}
    move(held, to, actor=WORKER, where={"fence": held.fence}, told=told, **fields)
    Attempt.objects.filter(step_run=held, fence=held.fence).update(
        ended_at=HandrailNow(),
        result=type(outcome).__name__.lower(),
        error=outcome.error if isinstance(outcome, Failed) else "",
        model=spent.model,
        confidence=spent.confidence,
        tokens_in=spent.tokens_in,
        tokens_out=spent.tokens_out,
        cost=spent.cost,
        prompt=spent.prompt,
    )


def _go_on(held: StepRun, output: dict[str, Any]) -> None:
    """The next step of the run, or its end."""
    following = held.run.version.steps.filter(position__gt=held.step.position).first()
    if following is not None:
        _make_ready(held.run, following)
        return
    label, success = str(output.get("label", "")), output.get("success")
    move(
        held.run,
        RunStatus.DONE,
        actor=WORKER,
        outcome=label,
        succeeded=success,
        ended_at=HandrailNow(),
        told={"body": {"outcome": label, "succeeded": success}},
    )


@transaction.atomic
def refuse_late(held: StepRun, outcome: Outcome) -> None:
    """Record that a worker came too late: its fence had passed, and nothing of it was written."""
    body = {"fence": held.fence, "came_to": type(outcome).__name__.lower()}
    record("steprun.late_refused", held, actor=WORKER, body=body)
    Attempt.objects.filter(step_run=held, fence=held.fence, result="").update(result="late", ended_at=HandrailNow())


@transaction.atomic
def take_again(step_run: StepRun) -> None:
    """Make a step ready again whose worker died or hung: its lease has ended."""
    Attempt.objects.filter(step_run=step_run, fence=step_run.fence, result="").update(
        result="lost", ended_at=HandrailNow()
    )
    told = {"body": {"lease_ended": True, "fence": step_run.fence}}
    where = {"fence": step_run.fence, "lease_until__lt": HandrailNow()}
    move(step_run, StepStatus.READY, actor=WORKER, where=where, told=told, not_before=None)
    queue.ring(step_run.run_id)


@transaction.atomic
def resume(step_run: StepRun, answer: dict[str, Any], *, actor: Actor, not_before: datetime | None = None) -> None:
    """Hand a waiting step its answer, and let its run go on, not before that moment."""
    move(step_run, StepStatus.READY, actor=actor, answer=answer, not_before=not_before)
    if not_before is None:
        queue.ring(step_run.run_id)


@transaction.atomic
def take_back(step_run: StepRun, *, actor: Actor) -> None:
    """Take an answer back while nothing has followed from it. Raises `LostRace` once something has."""
    where = {"not_before__gt": HandrailNow()}
    move(step_run, StepStatus.WAITING, actor=actor, where=where, answer=None, not_before=None)
