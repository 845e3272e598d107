"""Steps of kind repeat: the steps inside them, round after round, until what a round came to is good enough.

Each round ends with a try of this step, which looks at it and begins the next one or hands on what the last came to.
"""

from typing import Any

from django.utils.translation import gettext as _

from orchestration import frames, scopes
from orchestration.contents import open_up
from orchestration.executors.task import Act, Place, Task
from orchestration.expressions import BadExpression, evaluate
from orchestration.joins import MET
from orchestration.models import StepRun
from orchestration.outcomes import Done, Failed, Outcome, Waiting
from orchestration.plans import plan_of
from orchestration.routing import classes
from orchestration.scopes import CLASSES, Scope
from orchestration.states import Awaits, StepStatus

FAIL = "fail"  # what becomes of it where no round met its condition; else it goes on


class RepeatExecutor:
    """The same steps again, at most so many times."""

    place: Place = "here"

    def prepare(self, task: Task) -> Act | Failed:
        """How many rounds are over, and whether the last of them is the last."""
        if task.woken is None:
            return {"rounds": 0}
        rounds = task.held.parts
        if task.woken["joined"] != MET:
            return Failed(_("Round %(n)s failed: %(why)s") % {"n": rounds, "why": _why(task.held)}, code="parts")
        read = _read(task, rounds - 1)
        try:
            met = bool(evaluate(task.step.spec["until"], scopes.opened(read, task.step.spec)))
        except BadExpression as error:
            return Failed(
                _("Whether round %(n)s was the last cannot be worked out: %(why)s") % {"n": rounds, "why": error},
                code="input",
            )
        return {"rounds": rounds, "met": met}

    def act(self, task: Task, act: Act) -> Outcome:
        """Begin the next round; or hand on what the last came to."""
        most, rounds = int(task.step.spec["rounds"]), int(act["rounds"])
        if rounds == 0 or (not act["met"] and rounds < most):
            return Waiting({"round": rounds + 1, "of": most}, awaits=Awaits.STEPS, parts=rounds + 1)
        if not act["met"] and task.step.spec.get("otherwise") == FAIL:
            return Failed(_("None of its %s rounds came to what it was to.") % most, code="parts")
        read = _read(task, rounds - 1)
        inside = {step.key for step in plan_of(task.held.run.version).inside(task.step)}
        outputs = {key: output for key, output in read["steps"].items() if key in inside}
        task.held.data_class = _class(task, read, inside)
        return Done({"outputs": open_up(outputs), "rounds": rounds, "met": act["met"]})


def _read(task: Task, number: int) -> Scope:
    """What the steps of a round could read at its end."""
    frame = frames.round_of(task.held.frame, task.held.pk, number)
    return scopes.scope_of(task.held.run, frame)


def _class(task: Task, read: Scope, inside: set[str]) -> str:
    """The data class of what it hands on: the highest of what it declares and of what the last round wrote."""
    written: dict[str, Any] = read.get(CLASSES, {})
    own = [task.held.data_class] if task.held.data_class else []
    said = [*own, *(name for key, name in written.items() if key in inside)]
    return classes.highest(said) if said else ""


def _why(repeat: StepRun) -> str:
    failed = StepRun.objects.filter(parent=repeat, undoes=None, status=StepStatus.FAILED).order_by("-id")
    return failed.values_list("error", flat=True).first() or "it was stopped."
