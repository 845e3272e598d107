"""Gates: a person releases later steps. What they would do is worked out, shown and hashed when the gate opens, and
each of them refuses to act on a difference.
"""

from collections.abc import Callable

from django.utils.translation import gettext as _

from audit.canonical import digest
from orchestration.contents import open_up
from orchestration.executors.points import REJECTED, released
from orchestration.executors.task import Act, Executor, Task
from orchestration.frames import around
from orchestration.models import StepRun
from orchestration.outcomes import Done, Failed, Outcome
from orchestration.plans import plan_of
from orchestration.states import StepStatus


def acts_behind(task: Task, executor_of: Callable[[str], Executor]) -> dict[str, Act] | Failed:
    """What each step that this gate releases would do, by its key."""
    plan, acts = plan_of(task.held.run.version), {}
    for key in task.step.spec["releases"]:
        step = plan.by_key[key]
        act = executor_of(step.kind).prepare(task.instead(step))
        if isinstance(act, Failed):
            return Failed(
                _("What %(step)s would do cannot be worked out yet: %(why)s") % {"step": step.name, "why": act.error},
                code="input",
            )
        acts[key] = act
    return acts


def behind_gate(task: Task, act: Act) -> Act | Outcome:
    """The act, if no gate stands before it or the gate released exactly this; or what the step comes to instead.

    Whoever released it may have edited the arguments, and nothing else.
    """
    gate = plan_of(task.held.run.version).gates.get(task.step.key)
    if gate is None:
        return act
    asked = StepRun.objects.standing().filter(run=task.held.run, step=gate, frame__in=around(task.held.frame))
    opened = (
        asked.filter(status=StepStatus.DONE)
        .select_related("run__workflow", "run__version", "step")
        .order_by("-frame")
        .first()
    )
    if opened is None or opened.answer is None or opened.question is None:
        return Failed(_("%s has not released this, so nothing was done.") % gate.name, code="refused")
    shown = open_up(opened.question)["act"]
    content = released(opened, opened.answer, shown)
    if isinstance(content, Done):
        return Done({"verdict": REJECTED, "edited": False})
    if not isinstance(content, dict):
        return content
    approved = content["releases"].get(task.step.key, {})
    edited = {**act, "arguments": approved["arguments"]} if "arguments" in approved else act
    if digest(shown["releases"][task.step.key]) != digest(act) or digest(approved) != digest(edited):
        return Failed(_("What would be done is not what %s released, so nothing was done.") % gate.name, code="refused")
    return edited
