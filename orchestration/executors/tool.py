"""Steps of kind tool: one call of a registered tool, with exactly the arguments that were prepared or approved."""

from orchestration import tools
from orchestration.executors.task import Act, Place, Task
from orchestration.models import Attempt
from orchestration.outcomes import Done, Failed, Outcome


class ToolExecutor:
    """Calls a tool by its name; the version is part of the act."""

    place: Place = "thread"

    def prepare(self, task: Task) -> Act | Failed:
        """The tool, its version and its arguments."""
        arguments = task.inputs()
        if isinstance(arguments, Failed):
            return arguments
        tool = tools.get(task.step.spec["tool"])
        if found := tool.problems(arguments):
            return Failed(f"The arguments do not fit {tool.title}: {found[0][0]} {found[0][1]}", code="input")
        return {"tool": tool.reference, "arguments": arguments}

    def refusal(self, task: Task, act: Act) -> Failed | None:
        """Why the call is not made: another version stands here, the edit does not fit, an outcome is unknown."""
        tool = tools.get(act["tool"].partition("@")[0])
        if act["tool"] != tool.reference:
            return Failed(f"{act['tool']} is not the version that stands here now ({tool.reference}).", code="refused")
        if found := tool.problems(act["arguments"]):
            return Failed(f"The arguments do not fit {tool.title}: {found[0][0]} {found[0][1]}", code="input")
        if tool.repeatability == tools.UNSAFE and _died_before(task):
            return Failed(
                "Outcome unknown: an earlier try died while it called, and this call cannot be repeated.",
                code="unknown",
            )
        return None

    def announces(self, act: Act) -> bool:
        """Whether the call is recorded before it is made, so that a death in the middle is known."""
        return tools.get(act["tool"].partition("@")[0]).repeatability != tools.SAFE

    def act(self, task: Task, act: Act) -> Outcome:
        """Call it, under a key that stays the same over retries."""
        tool = tools.get(act["tool"].partition("@")[0])
        try:
            return Done(tool.call(act["arguments"], task.key))
        except tools.ToolFailed as error:
            return Failed(str(error), retry=error.retry, code="tool")


def _died_before(task: Task) -> bool:
    """Whether an earlier try began the call and nobody knows how it ended."""
    earlier = Attempt.objects.filter(step_run=task.held, fence__lt=task.held.fence)
    return earlier.filter(acting=True, result__in=("lost", "late", "back")).exists()
