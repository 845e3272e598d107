"""What a dry run does for real, and what it only records: nothing leaves the house, and nothing is changed."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, cast

from django.db import connections
from django.utils.translation import gettext as _

from orchestration import call, tools
from orchestration.call import CallFailed
from orchestration.dry import talks
from orchestration.dry.course import HERE, RECORDED, Outside, Passed, brief
from orchestration.dry.script import Script, places
from orchestration.executors import Work, agent, answers, chosen
from orchestration.executors.task import Act, Task
from orchestration.outcomes import Done, Failed, Outcome, Spent
from orchestration.plans import DECISION
from orchestration.routing.route import Route
from orchestration.tools import Tool, lent

LONGEST_CALL = 8.0  # seconds of one call of a tool that only reads


class Stops(Exception):
    """Nobody knows how it would go on: a sentence that says why."""


class Late(Stops):
    """The same, since somebody took too long."""


def outcome_of(work: Work, script: Script, passed: Passed, seconds: float) -> Outcome:
    """What an act comes to: as it was recorded, else worked out here; or `Stops`."""
    task, key, where = work.task, work.task.step.key, places(work.task.held.frame)
    script = script.of_step(task.held)
    if key in script.talks:
        return _played(task, work.act, script.talks[key], passed)
    passed.outside += _outside(task, work.act)
    if (why := script.failure(key, where)) is not None:
        passed.made = RECORDED
        return Failed(why, code="tool")
    if (output := script.output(key, where)) is not None:
        passed.made = RECORDED
        return _recorded(task, output)
    if passed.outside:
        raise Stops(_unknown(passed.outside[-1]))
    match task.step.kind:
        case "tool":
            passed.made = HERE
            return _read(tools.get(task.step.spec["tool"]), work.act, task, min(seconds, LONGEST_CALL))
        case "model" | "agent":
            passed.made = HERE
            return _answered(task, work.act)
    return cast(Outcome, work.executor.act(task, work.act))


def _played(task: Task, act: Act, turns: Sequence[talks.Turn], passed: Passed) -> Outcome:
    """The next turn of an agent, as the case says that its model answers."""
    number, came = task.history.turns + 1, chosen.route(task, act)
    if number > len(turns):
        raise Stops(_("Its model would be asked for turn %d, and the test case ends before it.") % number)
    if not isinstance(came, Route):
        raise Stops(came.error if isinstance(came, Failed) else str(getattr(came, "question", {}).get("unknown", "")))
    passed.made = RECORDED
    if asked := [str(one["call"]) for one in turns[number - 1].get("calls", [])]:
        told = {"number": number, "calls": ", ".join(asked)}
        passed.told.append(_("Turn %(number)d: its model asks for %(calls)s.") % told)
    else:
        passed.told.append(_("Turn %d: its model answers.") % number)
    return agent.heard(replace(task, route=came), act, talks.reply(turns[number - 1], number))


def _recorded(task: Task, output: dict[str, Any]) -> Outcome:
    if task.step.kind == DECISION and output.get("branch") not in [one["name"] for one in task.step.spec["branches"]]:
        return Failed(_("The recorded answer names none of its branches."), code="input")
    return Done(output)


def _outside(task: Task, act: Act) -> list[Outside]:
    """The call that is not made, if it is one that leaves the house or changes something."""
    if task.step.kind == "tool":
        tool = tools.get(task.step.spec["tool"])
        return [] if _only_reads(tool) else [Outside("tool", tool.reference, brief(act["arguments"]))]
    if "model" in task.step.spec and not call.is_built_in(name := _asked(task, act)):
        return [Outside("model", name)]
    return []


def _asked(task: Task, act: Act) -> str:
    """The model that would be asked first; or `Stops` with the reasons where none may be."""
    if not act["model"]:
        return ""
    came = chosen.route(task, act)
    if isinstance(came, Route):
        return came.decided.chosen
    raise Stops(came.error if isinstance(came, Failed) else str(getattr(came, "question", {}).get("unknown", "")))


def _only_reads(tool: Tool) -> bool:
    return not tool.leaves_house and lent.only_reads(tool)


def _unknown(outside: Outside) -> str:
    if outside.kind == "tool":
        return _("%s would be called here, and no answer of it is recorded.") % outside.name
    if not outside.name:
        return _("It names no model yet, and no answer is recorded.")
    return _("The model %s would be asked here, and no answer of it is recorded.") % outside.name


def _answered(task: Task, act: Act) -> Outcome:
    """What a built-in model says. None of them asks for tools, so an agent is done with its first answer."""
    model, messages = _asked(task, act), act["messages"]
    try:
        reply = call.complete_here(model, messages)
    except CallFailed as error:
        return answers.failed(error, Spent(model=model))
    spent = Spent(reply.model, reply.tokens_in, reply.tokens_out, reply.cost)
    return answers.outcome(task, reply.text, spent)


def _read(tool: Tool, act: Act, task: Task, seconds: float) -> Outcome:
    """Call a tool that only reads, in a thread and a connection of its own: it sees nothing of the dry run."""
    came: SimpleQueue[Outcome | Exception] = SimpleQueue()
    Thread(target=_call, args=[came.put, tool, act["arguments"], task], daemon=True).start()
    try:
        outcome = came.get(timeout=seconds)
    except Empty:
        raise Late(_("%s was called, since it only reads, and did not answer in time.") % tool.reference) from None
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def _call(tell: Callable[[Outcome | Exception], None], tool: Tool, arguments: dict[str, Any], task: Task) -> None:
    try:
        tell(Done(tool.make(arguments, task.key, task.files)))
    except tools.ToolFailed as error:
        tell(Failed(str(error), retry=error.retry, code="tool"))
    except tools.Paused as error:
        tell(Stops(_("%(tool)s was called, and asks a person: %(what)s") % {"tool": tool.title, "what": error}))
    except tools.AnsweredLater:
        tell(Stops(_("%s was called, and its answer comes later.") % tool.title))
    except Exception as error:
        tell(error)
    finally:
        connections.close_all()
