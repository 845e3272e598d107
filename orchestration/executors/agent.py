"""Steps of kind agent: a model that may use tools, turn by turn, until it answers."""

import asyncio
import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from audit.canonical import NotCanonical, canonical, clean
from orchestration import call, catalog, tools
from orchestration.executors import answers, ruled
from orchestration.executors.model import opening, seconds
from orchestration.executors.talk import Talk
from orchestration.executors.task import Act, Place, Task
from orchestration.models import Step
from orchestration.outcomes import Failed, Outcome
from orchestration.routing import calling
from orchestration.tools import Tool, lent

SECONDS = 300  # time limit of a try, where the step's limits do not say
TURNS = 8  # answers of the model in one try, likewise
MISFITS = 3  # calls that do not fit, after which the try has failed
MOST_CALLS = 32  # in one turn
LONGEST = 50_000  # characters of what a tool gave back that the model is told

_threads = ThreadPoolExecutor(MOST_CALLS, thread_name_prefix="agent")  # none of them runs before the first call


@dataclass(slots=True)
class ToolTalk(Talk):
    """A talk in which the model may ask for tools."""

    misfits: int = 0
    offered: dict[str, Tool] = field(default_factory=dict)

    def told(self, asked: call.ToolCall, value: dict[str, Any]) -> None:
        """Tell the model what a call came to."""
        text = _text(value)
        text = self.cover.over(text) if self.cover else text
        if len(text) > LONGEST:
            text = _text({"cut": True, "beginning": text[:LONGEST]})
        self.messages.append({"role": "tool", "tool_call_id": asked.id, "content": text})


class AgentExecutor:
    """Lets a model use the tools that its step names."""

    place: Place = "loop"

    def prepare(self, task: Task) -> Act | Failed:
        """The model, the first messages, and the tools with their versions."""
        inputs = task.inputs()
        if isinstance(inputs, Failed):
            return inputs
        named = task.step.spec["tools"]
        if missing := [name for name in named if name not in tools.TOOLS]:
            return Failed(f"There is no tool called {missing[0]} here.", code="refused")
        references = [tools.get(name).reference for name in named]
        return {"model": task.step.spec["model"], "messages": opening(task, inputs), "tools": references}

    async def act(self, task: Task, act: Act) -> Outcome:
        """Ask, carry out what it asks for, tell it, and ask again."""
        assert task.route is not None
        talk = ToolTalk.on(task.route, act["messages"])
        for reference in act["tools"]:
            tool = tools.get(reference.partition("@")[0])
            if tool.reference != reference:
                told = f"{reference} is not the version that stands here now ({tool.reference})."
                return Failed(told, spent=talk.spent, code="refused")
            talk.offered[_spelled(tool.name)] = tool
        try:
            async with asyncio.timeout(seconds(task, SECONDS)):
                return await _talk(task, talk)
        except TimeoutError:
            return Failed("There was no answer in time.", retry=True, spent=talk.spent, code="timeout")
        except call.CallFailed as error:
            return answers.failed(error, talk.spent)


async def _talk(task: Task, talk: ToolTalk) -> Outcome:
    turns = int(task.limits.get("turns", TURNS))
    schemas = [_schema(name, tool) for name, tool in talk.offered.items()]
    for turn in range(1, turns + 1):
        reply = await calling.complete(talk.route, talk.messages, seconds=seconds(task, SECONDS), tools=schemas)
        talk.heard(reply)
        if not reply.tool_calls:
            return answers.outcome(task, talk.plain(reply.text), talk.spent)
        if len(reply.tool_calls) > MOST_CALLS:
            told = f"It asked for {len(reply.tool_calls)} calls at once; {MOST_CALLS} is the most."
            return Failed(told, retry=True, spent=talk.spent, code="answer")
        for number, asked in enumerate(reply.tool_calls):
            if failed := await _carry_out(task, talk, asked, f"{task.key}-turn-{turn}-{number}"):
                return failed
    return Failed(f"It gave no answer in {turns} turns.", spent=talk.spent, code="answer")


async def _carry_out(task: Task, talk: ToolTalk, asked: call.ToolCall, key: str) -> Failed | None:
    """One call that the model asks for, and its result told to it; or why the step ends here."""
    tool = talk.offered.get(asked.name)
    if tool is not None and (why := lent.refusal(tool)):
        return Failed(f"It asked for {tool.name}, which {why}.", spent=talk.spent, code="refused")
    if tool is not None and catalog.is_off("tool", tool.name):
        return Failed(catalog.told_off("tool", tool.name), spent=talk.spent, code="refused")
    arguments = _arguments(tool, replace(asked, arguments=talk.plain(asked.arguments)))
    if tool is None or isinstance(arguments, str):
        talk.misfits += 1
        if talk.misfits == MISFITS:
            told = f"It asked {MISFITS} times for calls that do not fit, at last of {asked.name[:80]}: {arguments}"
            return Failed(told, retry=True, spent=talk.spent, code="answer")
        talk.told(asked, {"error": arguments})
        return None
    if why := ruled.refusal_of_tool(task, tool, arguments):
        return Failed(why, spent=talk.spent, code="rule")
    talk.called.append(tool.name)
    try:
        came_to = await asyncio.get_running_loop().run_in_executor(_threads, partial(tool.call, arguments, key))
    except tools.ToolFailed as error:
        came_to = {"error": str(error)}
    talk.told(asked, came_to)
    return None


def _arguments(tool: Tool | None, asked: call.ToolCall) -> dict[str, Any] | str:
    """The arguments of a call, or a sentence for the model that says why they are none."""
    if tool is None:
        return "There is no such tool."
    try:
        arguments = answers.read(asked.arguments or "{}")
    except answers.NoAnswer as error:
        return f"What you gave as arguments {error}."
    found = tool.problems(arguments)
    return f"The arguments do not fit: {found[0][0]} {found[0][1]}" if found else arguments


def _schema(name: str, tool: Tool) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "description": tool.title, "parameters": tool.schema}}


def _spelled(name: str) -> str:
    """A tool's name in the letters that providers allow."""
    return re.sub(r"[^a-zA-Z0-9_-]", "_", name)[:64]


def _text(value: dict[str, Any]) -> str:
    cleaned = clean(value)[0]
    try:
        return canonical(cleaned).decode()
    except NotCanonical:
        return json.dumps(cleaned, default=str)


def problems(step: Step) -> list[str]:
    """What is wrong with the tools of an agent's step."""
    return lent.problems(step.spec, dict(tools.TOOLS))
