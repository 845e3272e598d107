"""Steps of kind tool: one call of a registered tool, with exactly the arguments that were prepared or approved."""

from django.db import transaction

from audit.actors import WORKER
from audit.ledger import record
from orchestration import tools
from orchestration.executors.task import Act, Task
from orchestration.models import Attempt
from orchestration.outcomes import Done, Failed, Outcome


class ToolExecutor:
    """Calls a tool by its name; the version is part of the act."""

    def prepare(self, task: Task) -> Act | Failed:
        """The tool, its version and its arguments."""
        arguments = task.inputs()
        if isinstance(arguments, Failed):
            return arguments
        tool = tools.get(task.step.spec["tool"])
        if found := tool.problems(arguments):
            return Failed(f"The arguments do not fit {tool.title}: {found[0][0]} {found[0][1]}")
        return {"tool": tool.reference, "arguments": arguments}

    def act(self, task: Task, act: Act) -> Outcome:
        """Call it, under a key that stays the same over retries."""
        tool = tools.get(act["tool"].partition("@")[0])
        if act["tool"] != tool.reference:
            return Failed(f"{act['tool']} is not the version that stands here now ({tool.reference}).")
        if found := tool.problems(act["arguments"]):
            return Failed(f"The arguments do not fit {tool.title}: {found[0][0]} {found[0][1]}")
        if tool.repeatability == tools.UNSAFE and _died_before(task):
            return Failed("Outcome unknown: an earlier try died while it called, and this call cannot be repeated.")
        _say_acting(task, act)
        try:
            return Done(tool.call(act["arguments"], task.key))
        except tools.ToolFailed as error:
            return Failed(str(error), retry=error.retry)


def _died_before(task: Task) -> bool:
    """Whether an earlier try began the call and nobody knows how it ended."""
    earlier = Attempt.objects.filter(step_run=task.held, fence__lt=task.held.fence)
    return earlier.filter(acting=True, result__in=("", "lost", "late")).exists()


@transaction.atomic
def _say_acting(task: Task, act: Act) -> None:
    """Committed before the effect, so that a death in the middle is known."""
    Attempt.objects.filter(step_run=task.held, fence=task.held.fence).update(acting=True)
    record("steprun.acting", task.held, actor=WORKER, body={"tool": act["tool"], "key": task.key})
