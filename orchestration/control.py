"""What people hold back and let go on: everything, a workflow, a run, a step, a model or tool."""

from typing import Any

from django.db import transaction

from audit.actors import Actor
from audit.clock_time import HandrailNow, now
from audit.ledger import record
from audit.models import User
from audit.moves import Batch, move
from orchestration import afterwards, endings, files, inputs, locks, queue, starts
from orchestration.contents import beside, open_up
from orchestration.flow import Flow
from orchestration.launching import accept, new_run
from orchestration.locks import Hold
from orchestration.models import Brake, Limit, Run, Step, StepRun, Workflow
from orchestration.models.definitions import StepRole
from orchestration.plans import attach, plan_of
from orchestration.states import STEP_LIVE, BrakeStatus, RunStatus, StepStatus, WorkflowStatus

THE_BRAKE = 1  # its only row


class CannotControl(Exception):
    """It cannot be done as things stand: a sentence that says why."""


def brake() -> Brake:
    """The stop button as it stands; released while nobody has ever pulled it."""
    return Brake.objects.select_related("by").filter(pk=THE_BRAKE).first() or Brake(pk=THE_BRAKE)


@transaction.atomic
def stop_everything(*, actor: Actor, by: User, why: str) -> None:
    """Pull the brake: from now on no step begins anywhere. Raises `IllegalMove` when it is pulled already."""
    Brake.objects.get_or_create(pk=THE_BRAKE)
    _set_brake(BrakeStatus.PULLED, actor, by, why)


@transaction.atomic
def let_go(*, actor: Actor, by: User, why: str) -> None:
    """Release the brake: steps begin again. Raises `IllegalMove` when it is not pulled."""
    _set_brake(BrakeStatus.RELEASED, actor, by, why)
    queue.ring()


def _set_brake(to: BrakeStatus, actor: Actor, by: User, why: str) -> None:
    row = Brake.objects.select_for_update().filter(pk=THE_BRAKE).first() or Brake(pk=THE_BRAKE)
    move(row, to, actor=actor, told=_because(why), why=why, by=by, at=HandrailNow())


def _because(why: str) -> dict[str, Any]:
    """A reason is somebody's own words, so it stands in the part that can be erased."""
    return {"personal": {"reason": why}} if why else {}


@transaction.atomic
def pause_workflow(workflow: Workflow, *, actor: Actor, why: str = "") -> None:
    """Let no step of its runs begin. Runs are still accepted, and wait."""
    move(workflow, WorkflowStatus.PAUSED, actor=actor, told=_because(why))


@transaction.atomic
def release_workflow(workflow: Workflow, *, actor: Actor) -> None:
    """Let the runs of a paused workflow go on."""
    if workflow.status != WorkflowStatus.PAUSED:
        raise CannotControl(f"{workflow.name} is not paused.")
    move(workflow, WorkflowStatus.ACTIVE, actor=actor)
    queue.ring()


@transaction.atomic
def retire_workflow(workflow: Workflow, *, actor: Actor, why: str) -> None:
    """Take no more runs. Those that are under way go on."""
    move(workflow, WorkflowStatus.RETIRED, actor=actor, told=_because(why))


@transaction.atomic
def use_workflow(workflow: Workflow, *, actor: Actor) -> None:
    """Take runs again, of a workflow that was retired."""
    if workflow.status != WorkflowStatus.RETIRED:
        raise CannotControl(f"{workflow.name} is not retired.")
    move(workflow, WorkflowStatus.ACTIVE, actor=actor)
    queue.ring()


@transaction.atomic
def set_limit(lane: str, at_once: int | None, *, actor: Actor) -> None:
    """Allow so many calls of a model or tool at once; None takes the limit away."""
    locked = Limit.objects.select_for_update()
    if at_once is None:
        if (limit := locked.filter(lane=lane).first()) is not None:
            record("limit.set", limit, actor=actor, body={"was": limit.at_once, "at_once": None})
            limit.delete()
            queue.ring()
        return
    limit, made = locked.get_or_create(lane=lane, defaults={"at_once": at_once})
    was = None if made else limit.at_once
    if was != at_once:
        record("limit.set", limit, actor=actor, body={"was": was, "at_once": at_once})
        Limit.objects.filter(pk=limit.pk).update(at_once=at_once, changed_at=HandrailNow())
        queue.ring()


@transaction.atomic
def pause_run(run: Run, *, actor: Actor, why: str = "") -> None:
    """Let no further step of the run begin. What is running ends, and is kept."""
    run = locks.whole_run(run.pk)
    attach(run, plan_of(run.version))
    batch = Batch()
    batch.move(run, RunStatus.PAUSED, actor=actor, told=_because(why))
    for step_run in _of(run, StepStatus.READY):
        batch.move(step_run, StepStatus.HELD, actor=actor)
    batch.write()


@transaction.atomic
def release_run(run: Run, *, actor: Actor) -> None:
    """Let a paused run go on."""
    run = locks.whole_run(run.pk)
    attach(run, plan_of(run.version))
    if run.status != RunStatus.PAUSED:
        raise CannotControl(f"{run} is not paused.")
    batch, begun = Batch(), run.step_runs.exclude(fence=0).exists()
    batch.move(run, RunStatus.RUNNING if begun else RunStatus.ACCEPTED, actor=actor)
    for step_run in _of(run, StepStatus.HELD) if not run.waits_turn else ():
        batch.move(step_run, StepStatus.READY, actor=actor)
    batch.write()
    queue.ring(run.pk)


def _of(run: Run, status: StepStatus) -> list[StepRun]:
    found = list(run.step_runs.filter(status=status).select_related("step").defer(*locks.LARGE))
    for step_run in found:
        step_run.run = run
    return found


def cancel_run(run: Run, *, actor: Actor, why: str = "") -> None:
    """End the run: nothing further begins, what is running is told, and what was done is undone where it can be."""
    if not run.is_live:
        raise CannotControl(f"{run} has ended already.")
    afterwards.follow_up(endings.cancel(run.pk, actor=actor, why=why))


def cancel_step(step_run: StepRun, *, actor: Actor, why: str = "") -> None:
    """End one step of a run: at once if it waits, else it is told. Its fallback begins, or its part or run fails."""
    with transaction.atomic():
        run = locks.whole_run(step_run.run_id)
        attach(run, plan_of(run.version))
        step_run = StepRun.objects.select_for_update(of=("self",)).select_related("step").get(pk=step_run.pk)
        if step_run.status not in STEP_LIVE:
            raise CannotControl(f"{step_run} has ended already.")
        flow = Flow(Hold(now()), actor=actor)
        flow.containers = locks.containers({step_run.parent_id} if step_run.parent_id else set())
        endings.stop(flow, [step_run], run, why=why)
        if step_run.status == StepStatus.CANCELLED:
            flow.failed(step_run)
            flow.write()
            endings.wind_down(flow)
            flow.left_over.append(step_run)
    afterwards.follow_up(flow)


@transaction.atomic
def restart(
    run: Run,
    step_key: str,
    *,
    actor: Actor,
    started_by: User,
    given: dict[str, Any] | None = None,
    reads: dict[str, Any] | None = None,
) -> Run:
    """A new run of the same version that begins at a step of this one and shares what came before.

    `given` is its input, if it was edited; `reads` is what that step is to read in place of what it would work out.
    Raises `CannotControl` for a step that the run did not reach, `BadInput` or `BadReads` for what does not fit, and
    `CannotStart` when a waiver of the version has ended.
    """
    plan = attach(run, plan_of(run.version))
    starts.check_waivers(plan.version)
    step = plan.by_key.get(step_key)
    first = run.step_runs.standing().filter(step=step).first()
    if step is None or first is None:
        raise CannotControl(f"The run never came to {step_key!r}.")
    if step.role != StepRole.STEP or first.parent_id is not None:
        raise CannotControl("A run begins again at a step of its own, not at one inside a parallel or map step.")
    before = run.step_runs.standing().filter(step__version=run.version_id, step__position__lt=step.position)
    before = before.filter(status=StepStatus.DONE, undoes=None)
    undone = before.filter(undone_by__status=StepStatus.DONE).select_related("step").order_by("pk").first()
    if undone is not None:
        raise CannotControl(f"{undone.step.name} was undone, so the run can begin again there or before it.")
    given = open_up(run.input) if given is None else given
    again = new_run(run.version, given, started_by=started_by, restarted_from=run)
    if reads is not None:
        again.edited = {"step": step.key, "input": beside(inputs.checked(step, reads))}
    elif run.reads(step.key) is not None:
        again.edited = run.edited
    flow = Flow(Hold(now()), actor=actor)
    accept(flow, again, given, actor=actor)
    for done in before.filter(frame=""):
        shared = _shared(again, plan.steps[done.step_id], done)
        flow.batch.begin(shared, actor=actor, body={"shared_from": done.pk, "run": run.pk})
    flow.begin(again, step)
    flow.write()
    files.hand_on([given, again.edited and open_up(again.edited["input"])], of_run=run, to=again)
    return again


def _shared(run: Run, step: Step, done: StepRun) -> StepRun:
    """What the new run takes over from the old: the same output, and where it came from."""
    shared = StepRun(run=run, step=step, workflow_id=run.workflow_id, status=StepStatus.DONE, shared_from=done)
    shared.output, shared.metrics, shared.untrusted = done.output, done.metrics, done.untrusted
    shared.question, shared.answer, shared.awaits = done.question, done.answer, done.awaits
    shared.ended_at = shared.ready_at = now()
    return shared
