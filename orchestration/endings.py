"""How a run ends before its last step: what runs is told to stop, what was done is undone, backwards."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Q

from audit.actors import WORKER, Actor
from audit.clock_time import now
from orchestration import locks, sending_back, undos
from orchestration.contents import open_up
from orchestration.flow import Flow
from orchestration.locks import Hold
from orchestration.models import Run, StepRun
from orchestration.plans import attach, plan_of
from orchestration.signals import step_cancelled
from orchestration.states import RUN_LIVE, RunStatus, StepStatus


def wind_down(flow: Flow) -> None:
    """Take every run that is ending one step further: stop what is live, undo what was done, or close it."""
    while flow.ending:
        _, run = flow.ending.popitem()
        if run.pk not in flow.ended:
            _further(flow, run)
            flow.write()


def _further(flow: Flow, run: Run) -> None:
    live = StepRun.objects.filter(run=run).live()
    # Locked until the commit: of two who settle its last steps at once, the second sees what the first has done.
    locked = Run.objects.select_for_update(no_key=True).filter(pk=run.pk)
    run.ending = locked.values_list("ending", flat=True).get() or run.ending
    if not run.ending:  # its last step is done; others were left over inside a step before it
        sending_back.go_on(flow, run)
        if not live.exists():
            _finish(flow, run)
        return
    Run.objects.filter(pk=run.pk).update(ending=run.ending)
    begun = live.filter(undoes=None).select_related("step").defer(*locks.LARGE)
    stop(flow, begun.select_for_update(of=("self",), no_key=True).order_by("pk"), run)
    if live.exists():
        return
    undone = _next_to_undo(run)
    if undone is None:
        flow.close(run, RunStatus(run.ending))
        return
    compensation = plan_of(run.version).compensation(undone.step)
    if compensation is None:
        undone.run = run
        undos.begin(flow, run, undone)
    else:
        flow.begin(run, compensation, like=undone, undoes=undone)


def _finish(flow: Flow, run: Run) -> None:
    own = StepRun.objects.standing().filter(run=run, step__version=run.version_id, parent=None, undoes=None)
    done = own.filter(status=StepStatus.DONE)
    last = done.latest("step__position")
    flow.finish(run, plan_of(run.version).steps[last.step_id], open_up(last.output or {}))


def stop(flow: Flow, live: Iterable[StepRun], run: Run, *, why: str = "") -> None:
    """Cancel what has not begun or waits; tell what runs, and give it time."""
    told = {"personal": {"reason": why}} if why else {}
    cancelled = []
    for step_run in live:
        step_run.run = run
        if step_run.status != StepStatus.RUNNING:
            flow.batch.move(step_run, StepStatus.CANCELLED, actor=flow.actor, told=told, ended_at=flow.hold.now)
            cancelled.append(step_run)
        elif step_run.stop_asked_at is None:
            flow.batch.record("steprun.stop_asked", step_run, actor=flow.actor, **told)
            StepRun.objects.filter(pk=step_run.pk).update(stop_asked_at=flow.hold.now)
    flow.write()
    for step_run in cancelled:
        step_cancelled.send(StepRun, step_run=step_run, actor=flow.actor)
    flow.cancelled += cancelled


def _next_to_undo(run: Run) -> StepRun | None:
    """The step done last that something undoes and that is not being undone: by a compensation, or by a tool."""
    plan = plan_of(run.version)
    wanted, called = (
        Q(step__in=plan.compensated, superseded_at=None),
        undos.names() if plan.document.get("undo_calls") else [],
    )
    if not plan.compensated and not called:
        return None
    if called:
        refused = Q(output__verdict="rejected", output__verdict__isnull=False)
        wanted |= Q(step__kind="tool", step__spec__tool__in=called) & ~refused
    done = StepRun.objects.filter(
        wanted, run=run, status=StepStatus.DONE, shared_from=None, undone_by=None, undoes=None
    )
    return done.select_related("step").defer(*locks.LARGE).order_by("-ended_at", "-id").first()


@transaction.atomic
def cancel(pk: int, *, actor: Actor = WORKER, why: str = "") -> Flow:
    """Begin to cancel a run; it is cancelled once what runs has stopped and what was done is undone."""
    run = locks.whole_run(pk)
    attach(run, plan_of(run.version))
    flow = Flow(Hold(now()), actor=actor)
    if run.status in RUN_LIVE and not run.ending:
        told = {"reason": why} if why else {}
        flow.batch.record("run.cancel_asked", run, actor=actor, personal=told)
        flow.write()
        flow.end_as(run, RunStatus.CANCELLED)
        wind_down(flow)
    return flow


@transaction.atomic
def go_on_ending(pk: int) -> Flow:
    """Take a run that is ending one step further."""
    run = locks.whole_run(pk)
    attach(run, plan_of(run.version))
    flow = Flow(Hold(now()))
    if run.status in RUN_LIVE and run.ending:
        flow.ending[run.pk] = run
        wind_down(flow)
    return flow


@transaction.atomic
def stop_parts(container: StepRun) -> Flow:
    """Cancel what is left inside a step that has gone on without it."""
    run = locks.whole_run(container.run_id)
    attach(run, plan_of(run.version))
    flow, inside = Flow(Hold(now())), [container.pk]
    while inside:
        parts = StepRun.objects.filter(parent__in=inside, undoes=None).live().select_related("step").defer(*locks.LARGE)
        found = list(parts.select_for_update(of=("self",)).order_by("pk"))
        stop(flow, found, run)
        inside = [part.pk for part in found]
    if run.status in RUN_LIVE:  # its end may have waited for them
        flow.ending[run.pk] = run
        wind_down(flow)
    return flow


@transaction.atomic
def force(step_run: StepRun) -> Flow:
    """Cancel a step that was told to stop, and given its time: whatever it still writes comes too late."""
    run = locks.whole_run(step_run.run_id)
    attach(run, plan_of(run.version))
    flow = Flow(Hold(now()))
    flow.containers = locks.containers({step_run.parent_id} if step_run.parent_id else set())
    standing = locks.steps([step_run.pk])[step_run.pk]
    if (standing.status, standing.fence) == (StepStatus.RUNNING, step_run.fence):
        step_run.run = run
        fields: dict[str, Any] = {"fence": step_run.fence + 1, "ended_at": flow.hold.now}
        told = {"body": {"forced": True, "fence": step_run.fence}}
        flow.batch.move(step_run, StepStatus.CANCELLED, actor=WORKER, told=told, **fields)
        flow.failed(step_run)
        flow.write()
        wind_down(flow)
    return flow
