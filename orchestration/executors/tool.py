"""Steps of kind tool: one call of a registered tool, with exactly the arguments that were prepared or approved."""

from dataclasses import replace

from orchestration import files, tools
from orchestration.executors import unknown
from orchestration.executors.task import Act, Place, Task
from orchestration.outcomes import Done, Failed, Outcome, Waiting

DIED = "An earlier try ended while it called, and nobody saw how."


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

    def refusal(self, task: Task, act: Act) -> Failed | Waiting | None:
        """Why the call is not made: another version stands here, the edit does not fit, an outcome is unknown."""
        tool = tools.get(act["tool"].partition("@")[0])
        if act["tool"] != tool.reference:
            return Failed(f"{act['tool']} is not the version that stands here now ({tool.reference}).", code="refused")
        if found := tool.problems(act["arguments"]):
            return Failed(f"The arguments do not fit {tool.title}: {found[0][0]} {found[0][1]}", code="input")
        if self.is_unsafe(act) and unknown.died_before(task):
            return unknown.ask(task, act, DIED)
        return None

    def with_files(self, task: Task, act: Act) -> Task:
        """The task with the files that the call reads, of its own run alone. It asks the database."""
        if not tools.get(act["tool"].partition("@")[0]).takes_files:
            return task
        return replace(task, files=files.read_all(act["arguments"], task.held.run))

    def announces(self, act: Act) -> bool:
        """Whether the call is recorded before it is made, so that a death in the middle is known."""
        return tools.get(act["tool"].partition("@")[0]).repeatability != tools.SAFE

    def is_unsafe(self, act: Act) -> bool:
        """Whether the call may not be repeated, whatever became of it."""
        return tools.get(act["tool"].partition("@")[0]).repeatability == tools.UNSAFE

    def act(self, task: Task, act: Act) -> Outcome:
        """Call it, under a key that stays the same over retries."""
        tool = tools.get(act["tool"].partition("@")[0])
        try:
            return Done(tool.make(act["arguments"], task.key, task.files))
        except tools.ToolFailed as error:
            return Failed(str(error), retry=error.retry, code="tool")
