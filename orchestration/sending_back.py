"""Sending back: what a person did not take is done again, by the one step that wrote it or from an earlier step on.

The step at which they said so, the one that is done again and all that came after it are superseded: they stay in the
record, and nothing reads them any more. What a superseded call has done to the world is undone first, backwards, by the
tool that is named for that; only then does the work begin again.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import F

from audit.actors import WORKER
from orchestration import plans, tools, undos, ways
from orchestration.contents import open_up
from orchestration.flow import Flow
from orchestration.models import Run, Step, StepRun
from orchestration.outcomes import SentBack
from orchestration.states import STEP_LIVE, Awaits, RunStatus, StepStatus

UNDO = "undo"  # in what a step is told that is done again: the calls that are undone before it, in order


class CannotSendBack(Exception):
    """The work of a step cannot be sent to that one."""


def check(step_run: StepRun, to: str) -> None:
    """Raise where work cannot be sent from a step to one of that key."""
    plan = plans.plan_of(step_run.run.version)
    step = plan.steps[step_run.step_id]
    known = {one.key for one in plan.back(step)} | ({step.key} if step.kind in plans.THINKING else set())
    if to not in known:
        raise CannotSendBack(f"The work of {step.key} cannot be sent back to {to!r}.")
    step_run.step = step
    for one in _superseded(step_run, plan.by_key[to], plan):
        if _lasts(one):
            raise CannotSendBack(f"What {one.step.key} did cannot be undone, so nothing is sent back past it.")


def carry_out(flow: Flow, held: StepRun, outcome: SentBack) -> None:
    """A step came to it that its work is done again: what came since is superseded, and that step begins anew."""
    if flow.follows_nothing(held):
        return
    run, plan = held.run, plans.plan_of(held.run.version)
    to = plan.by_key[outcome.to]
    gone = _superseded(held, to, plan)
    # From here on what begins in the run tells itself from what began before.
    Run.objects.filter(pk=run.pk).update(sent_back=F("sent_back") + 1)
    run.sent_back = Run.objects.values_list("sent_back", flat=True).get(pk=run.pk)
    StepRun.objects.filter(pk__in=[one.pk for one in gone]).update(superseded_at=flow.hold.now)
    held.superseded_at = flow.hold.now
    calls = [one.pk for one in _to_undo(gone)]
    told = {**outcome.told, "before": _came_to(gone, to, plan), UNDO: calls}
    body = {ways.BACK_TO: to.key, "name": to.name, "superseded": _keys(gone, plan), "undone": len(calls)}
    flow.batch.record("steprun.sent_back", held, actor=WORKER, body=body)
    flow.left_over += [one for one in gone if one.step.kind in plans.CONTAINERS and one.pk != held.pk]
    if not calls:
        flow.begin(run, to, like=held, returned=told)
        return
    _wait(flow, held, to, told)
    _undo_next(flow, run, calls)


def go_on(flow: Flow, run: Run) -> None:
    """Something in the run was undone, or could not be: the next call is undone, or the work begins again.

    Where a call cannot be undone the run fails: nobody goes on as if it had not happened.
    """
    if not run.sent_back:
        return
    waiting = StepRun.objects.filter(run=run, status=StepStatus.WAITING, awaits=Awaits.UNDOING)
    for held in waiting.select_related("step").select_for_update(of=("self",)).order_by("pk"):
        held.run = run
        calls: list[int] = (held.returned or {}).get(UNDO, [])
        by = {one.undoes_id: one for one in StepRun.objects.filter(undoes__in=calls).order_by("pk")}
        if any(one.status in STEP_LIVE for one in by.values()):
            continue
        if not all(_has_undone(one) for one in by.values()):
            flow.end_as(run, RunStatus.FAILED)
        elif left := [pk for pk in calls if pk not in by]:
            _undo_next(flow, run, left)
        else:
            flow.resume(held, {}, actor=WORKER)


def _superseded(held: StepRun, to: Step, plan: plans.Plan) -> list[StepRun]:
    """Every step run of the same part from that step on, with all inside them. A query for each depth."""
    after = [to, *plan.inside(to), *plan.ahead(to)]
    like = {"run": held.run, "parent": held.parent_id, "part": held.part, "frame": held.frame}
    standing = StepRun.objects.standing().filter(undoes=None).select_related("step").order_by("pk")
    found = list(standing.filter(**like, step__in=[one.pk for one in after]))
    inner = found
    while inner := list(standing.filter(parent__in=[one.pk for one in inner])):
        found += inner
    return found


def _to_undo(gone: Iterable[StepRun]) -> Sequence[StepRun]:
    """The calls among them that have happened and that a tool undoes, the last first."""
    done = [one for one in gone if undos.can_be_undone(one)]
    undone = set(StepRun.objects.filter(undoes__in=done).values_list("undoes", flat=True)) if done else set()
    left = [one for one in done if one.pk not in undone]
    return sorted(left, key=lambda one: (one.ended_at is not None, one.ended_at, one.pk), reverse=True)


def _lasts(done: StepRun) -> bool:
    """Whether it has done something that no tool undoes, though one did when the version was published."""
    if done.status != StepStatus.DONE or done.step.kind != "tool" or undos.can_be_undone(done):
        return False
    tool = tools.TOOLS.get(done.step.spec["tool"])
    refused = (open_up(done.output) or {}).get("verdict") == "rejected"
    return not refused and (tool is None or tool.effect != "read") and not StepRun.objects.filter(undoes=done).exists()


def _came_to(gone: Iterable[StepRun], to: Step, plan: plans.Plan) -> Any:
    """What the step had come to, or the one that stood in for it, as its row holds it. A step that asks has its act."""
    fallback = plan.fallback(to)
    own = [one for one in gone if one.step_id == to.pk or (fallback is not None and one.step_id == fallback.pk)]
    for one in reversed(own):
        asked = open_up(one.question or {})
        if isinstance(asked, dict) and asked.get("when") == "after":
            return asked["act"]
        if one.status == StepStatus.DONE and one.output is not None:
            return one.output
    return None


def _keys(gone: Iterable[StepRun], plan: plans.Plan) -> list[str]:
    return sorted({one.step.key for one in gone}, key=lambda key: plan.by_key[key].position)


def _wait(flow: Flow, held: StepRun, to: Step, told: dict[str, Any]) -> None:
    """The step stands there, and begins once all is undone."""
    step_run = StepRun(
        run=held.run,
        step=to,
        workflow_id=held.run.workflow_id,
        parent=held.parent,
        part=held.part,
        frame=held.frame,
        again=held.run.sent_back,
        lane=plans.lane(to),
        priority=held.run.priority,
        status=StepStatus.WAITING,
        awaits=Awaits.UNDOING,
        waiting_since=flow.hold.now,
        ready_at=flow.hold.now,
        returned=told,
    )
    flow.batch.begin(step_run, actor=WORKER, body={"awaits": Awaits.UNDOING})


def _undo_next(flow: Flow, run: Run, calls: Sequence[int]) -> None:
    call = StepRun.objects.select_related("step").get(pk=calls[0])
    call.run = run
    undos.begin(flow, run, call)


def _has_undone(by: StepRun) -> bool:
    return by.status == StepStatus.DONE and (open_up(by.output) or {}).get("verdict") != "rejected"
