"""Steps of kind tool: one call of a registered tool, with exactly the arguments that were prepared or approved."""

from dataclasses import replace
from datetime import timedelta

from django.utils.translation import gettext as _

from orchestration import catalog, files, rates, tools
from orchestration.contents import open_up
from orchestration.executors import identity, pausing, unknown
from orchestration.executors.task import Act, Place, Task
from orchestration.outcomes import Done, Failed, Outcome, Waiting
from orchestration.states import Awaits
from orchestration.tools.asking import Told

CHANGED = "The tool was changed just before it was called, so nothing was done."
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
            return Failed(
                _("The arguments do not fit %(tool)s: %(where)s %(why)s")
                % {"tool": tool.title, "where": found[0][0], "why": found[0][1]},
                code="input",
            )
        return tool.act(arguments)

    def refusal(self, task: Task, act: Act) -> Failed | Waiting | None:
        """Why the call is not made: another version stands here, the edit does not fit, an outcome is unknown."""
        tool = tools.get(act["tool"].partition("@")[0])
        if act["tool"] != tool.reference:
            return Failed(
                _("%(tool)s is not the version that stands here now (%(here)s).")
                % {"tool": act["tool"], "here": tool.reference},
                code="refused",
            )
        if not tool.is_meant(act):
            return Failed(_("%s is reached otherwise than what was approved.") % tool.title, code="refused")
        if found := tool.problems(act["arguments"]):
            return Failed(
                _("The arguments do not fit %(tool)s: %(where)s %(why)s")
                % {"tool": tool.title, "where": found[0][0], "why": found[0][1]},
                code="input",
            )
        if told := identity.not_permitted(task, tool.name):
            return Failed(told, code="refused")
        if self.is_unsafe(act) and unknown.died_before(task):
            return unknown.ask(task, act, DIED)
        return None

    def too_often(self, act: Act) -> Failed | None:
        """That it was called as often as it may be in a minute, which is no try; else the call is counted."""
        tool = tools.get(act["tool"].partition("@")[0])
        most = catalog.per_minute(tool.name)
        if wait := rates.take(tool.name, most):
            told = f"{tool.title} may be called {most} times in a minute, and was."
            return Failed(told, retry=True, code="busy", after=wait, counted=False)
        return None

    def with_answers(self, task: Task, act: Act) -> Task | Failed | Waiting:
        """The task with what people have said to its server's questions; or what comes first. It asks the database."""
        told = pausing.told(task, act, unsafe=self.is_unsafe(act))
        return replace(task, told=told) if isinstance(told, Told) else told

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
        tool = tools.known(act["tool"].partition("@")[0])
        if not tool.is_meant(act):
            return Failed(CHANGED, retry=True, code="changed", counted=False)
        try:
            return Done(tool.make(act["arguments"], task.key, task.files, task.told))
        except tools.Paused as paused:
            return pausing.ask(task, act, paused, unsafe=tool.repeatability == tools.UNSAFE)
        except tools.AnsweredLater as later:
            within = timedelta(hours=later.hours)
            return Waiting({"sent": later.sent}, awaits=Awaits.EVENT, event=later.event, within=within)
        except tools.ToolFailed as error:
            unknown_outcome = error.unknown and tool.repeatability == tools.UNSAFE
            code = "unknown" if unknown_outcome else "tool"
            return Failed(str(error), retry=error.retry, code=code, after=getattr(error, "after", None))


def answered_later(task: Task) -> Done | Failed | None:
    """What a call comes to whose answer was waited for; None where none was, or it has not come."""
    came = task.woken
    if task.step.kind != "tool" or came is None or came["awaits"] != Awaits.EVENT:
        return None
    if came.get("timed_out"):
        return Failed(_("No answer came in time."), code="timeout")
    return Done({**open_up(task.held.question or {}), "answer": came.get("event")})
