"""Steps of kind parallel and map: they wait for the steps inside them, and hand on what those came to."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from orchestration.contents import open_all
from orchestration.executors.task import Act, Place, Task
from orchestration.expressions import BadExpression
from orchestration.joins import MET
from orchestration.models import StepRun
from orchestration.outcomes import Done, Failed, Outcome, Waiting
from orchestration.states import Awaits, StepStatus

MOST_ITEMS = 100_000
MOST_TOLD = 1000  # failures that the output of a map lists


class ParallelExecutor:
    """Branches side by side."""

    place: Place = "here"

    def prepare(self, task: Task) -> Act | Failed:
        """The branches, by name."""
        return {"branches": [branch["name"] for branch in task.step.spec["branches"]]}

    def act(self, task: Task, act: Act) -> Outcome:
        """Wait for them; then say what each came to."""
        if task.woken is None:
            return Waiting({"branches": act["branches"]}, awaits=Awaits.STEPS, parts=len(act["branches"]))
        came_to = {part: status for part, status, _, _ in _last_of_parts(task.held)}
        branches = {name: came_to.get(number, "cancelled") for number, name in enumerate(act["branches"])}
        if task.woken["joined"] != MET:
            failed = ", ".join(name for name, status in branches.items() if status == StepStatus.FAILED)
            return Failed(_("Not enough branches came to an end: %s failed.") % failed, code="parts")
        return Done({"branches": branches})


class MapExecutor:
    """The same steps for each element of a list."""

    place: Place = "here"

    def prepare(self, task: Task) -> Act | Failed:
        """The list."""
        if task.woken is not None:
            return {}
        try:
            items = task.value(task.step.spec["over"])
        except BadExpression as error:
            return Failed(_("The list cannot be worked out: %s") % error, code="input")
        if not isinstance(items, list):
            return Failed(_("What it goes over is no list."), code="input")
        if len(items) > MOST_ITEMS:
            return Failed(
                _("The list has %(n)s items; %(most)s is the most.") % {"n": len(items), "most": MOST_ITEMS},
                code="input",
            )
        return {"items": items}

    def act(self, task: Task, act: Act) -> Outcome:
        """Wait for the items; then hand their outputs on, in the order of the list."""
        if task.woken is None:
            if not act["items"]:
                return Done({"items": [], "done": 0, "failed": 0, "failures": []})
            return Waiting({"items": act["items"]}, awaits=Awaits.STEPS, parts=len(act["items"]))
        outputs: list[Any] = [None] * task.held.parts
        failures = []
        done = 0
        for part, status, output, error in _last_of_parts(task.held):
            if status == StepStatus.DONE:
                outputs[part], done = output, done + 1
            elif status == StepStatus.FAILED:
                failures.append({"index": part, "error": error})
        if task.woken["joined"] != MET:
            return Failed(
                _("%(n)s of %(all)s items failed: %(why)s")
                % {"n": len(failures), "all": task.held.parts, "why": failures[0]["error"]},
                code="parts",
            )
        return Done(
            {"items": open_all(outputs), "done": done, "failed": len(failures), "failures": failures[:MOST_TOLD]}
        )


def _last_of_parts(container: StepRun) -> Iterator[tuple[int, str, Any, str]]:
    """The part, status, output and error of the step with which each branch or item ended."""
    inside = StepRun.objects.filter(parent=container, undoes=None).order_by("part", "-id").distinct("part")
    return iter(inside.values_list("part", "status", "output", "error"))
