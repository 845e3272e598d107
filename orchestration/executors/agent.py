"""Steps of kind agent: a model that may use tools and ask people, turn by turn, until it answers.

One try is one turn: the model is asked once, and what it asks for begins as steps of their own. The agent waits for
them, and its next turn reads what they came to. Nothing of it is kept in memory, so it can wait for years.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from orchestration import call, callables, handing, tools
from orchestration.call import Reply, ToolCall
from orchestration.contents import open_up
from orchestration.executors import answers, handed
from orchestration.executors.history import History, fingerprint
from orchestration.executors.model import opening, seconds
from orchestration.executors.pen import looked_on
from orchestration.executors.talk import Talk
from orchestration.executors.task import Act, Place, Task
from orchestration.models import AgentTurn, Step
from orchestration.outcomes import Done, Failed, Outcome, Spent, Waiting
from orchestration.plans import plan_of
from orchestration.routing import calling
from orchestration.starts import problems
from orchestration.states import Awaits

SECONDS = 300  # time limit of a turn, where the step's limits do not say
MISFITS = 3  # calls that do not fit, in a talk
TAKEN = "taken_over"  # in an answer: what a person wrote who finished the step by hand
BYTES_A_TOKEN = 3  # rather too many tokens than too few
ASKING = {
    "type": "object",
    "required": ["question"],
    "properties": {"question": {"type": "string", "minLength": 1, "description": "What you need to know."}},
    "additionalProperties": False,
}
TASK = {
    "type": "object",
    "required": ["task"],
    "properties": {"task": {"type": "string", "minLength": 1, "description": "What is to be done, with all it needs."}},
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far an agent may go: what its step says, else the usual."""

    turns: int
    calls: int
    repeats: int
    fan_out: int
    tokens: int | None
    minutes: float | None

    @classmethod
    def of(cls, task: Task) -> "Bounds":
        """Those of a step."""
        said = {**callables.USUAL, **task.limits}
        return cls(
            int(said["turns"]),
            int(said["calls"]),
            int(said["repeats"]),
            int(said["fan_out"]),
            said.get("tokens"),
            said.get("minutes"),
        )

    def reached(self, history: History, estimate: int) -> str:
        """Why the model is asked no more, before the next time, which takes so many tokens; or ""."""
        if history.turns >= self.turns:
            return f"It gave no answer in {self.turns} turns."
        if self.tokens is not None and history.tokens + estimate > self.tokens:
            return f"Another turn could pass its {self.tokens:,} tokens; it took {history.tokens:,} until now."
        if self.minutes is not None and history.seconds > self.minutes * 60:
            return f"It has worked for {history.seconds / 60:.0f} minutes; {self.minutes:g} is the most."
        return ""

    def passed(self, history: History, asked: list[ToolCall]) -> str:
        """Why what the model asks for is not begun; or ""."""
        if len(asked) > self.fan_out:
            return f"It asked for {len(asked)} calls at once; {self.fan_out} is the most."
        if history.calls + len(asked) > self.calls:
            return f"It asked for more than {self.calls} calls."
        return ""


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
            return Failed(_("There is no tool called %s here.") % missing[0], code="refused")
        references = [tools.get(name).reference for name in named]
        return {"model": task.step.spec["model"], "messages": opening(task, inputs), "tools": references}

    async def act(self, task: Task, act: Act) -> Outcome:
        """Ask the model once: its answer is the step's, or what it asks for begins."""
        assert task.route is not None
        history, bounds = task.history, Bounds.of(task)
        if history.over is not None:
            return Done({"said": history.over})
        kept = len(act["messages"]) + history.kept if history.turns else 0
        talk = Talk.on(task.route, task.messages(act), kept=kept)
        if told := bounds.reached(history, _estimate(talk)):
            return Failed(told, spent=talk.spent, code="limit")
        offered = _offered(task)
        try:
            async with looked_on(task) as heard:
                left = seconds(task, SECONDS)
                reply = await calling.complete(talk.route, talk.messages, seconds=left, tools=offered, heard=heard)
        except call.CallFailed as error:
            return answers.failed(error, talk.spent)
        talk.heard(reply)
        return _came_to(task, talk, reply, bounds)


def heard(task: Task, act: Act, reply: Reply) -> Outcome:
    """What an answer comes to that is given in the model's place: held to the same limits as one of its own."""
    assert task.route is not None
    if task.history.over is not None:
        return Done({"said": task.history.over})
    talk, bounds = Talk.on(task.route, task.messages(act)), Bounds.of(task)
    if told := bounds.reached(task.history, _estimate(talk)):
        return Failed(told, spent=talk.spent, code="limit")
    talk.heard(reply)
    return _came_to(task, talk, reply, bounds)


def taken_over(task: Task) -> Done | None:
    """What a person came to who finished the step by hand."""
    taken = (task.held.answer or {}).get(TAKEN)
    return Done(open_up(taken["output"])) if taken else None


def _came_to(task: Task, talk: Talk, reply: Reply, bounds: Bounds) -> Outcome:
    """What one answer of the model comes to."""
    asked, ways = list(reply.tool_calls), handing.ways(task.step.spec)
    if len(asked) == 1 and asked[0].name in ways:
        came = handed.heard(asked[0], ways[asked[0].name], talk)
        return came if isinstance(came, Done) else _misfits(task, [came], talk) or _turn(task, talk, reply, [came])
    if task.step.spec.get("talks"):
        if ended := next((one for one in asked if one.name == callables.FINISH), None):
            return handed.answered(task, talk.plain(ended.arguments or "{}"), talk.spent)
        if not asked:
            return _turn(task, talk, reply, [_spoken(task, talk.plain(reply.text))])
    if not asked:
        return handed.answered(task, talk.plain(reply.text), talk.spent)
    if told := bounds.passed(task.history, asked):
        return Failed(f"{told} {_undone(asked)}", spent=talk.spent, code="limit")
    calls = [_call(task, one, talk) for one in asked]
    return _misfits(task, calls, talk) or _looped(task, calls, bounds, talk.spent) or _turn(task, talk, reply, calls)


def _call(task: Task, asked: ToolCall, talk: Talk) -> dict[str, Any]:
    """A call as the model asks for it, or why it is none."""
    told: dict[str, Any] = {"id": asked.id, "name": asked.name[:80], "arguments": asked.arguments}
    step = plan_of(task.held.run.version).calls(task.step).get(asked.name)
    if asked.name in handing.ways(task.step.spec):
        return {**told, "error": "Hand over by itself, once nothing else is asked for."}
    if step is None:
        return {**told, "error": "There is no such tool."}
    try:
        arguments = answers.read(talk.plain(asked.arguments or "{}"))
    except answers.NoAnswer as error:
        return {**told, "error": f"What you gave as arguments {error}."}
    told["arguments"] = arguments
    schema = _parameters(step)
    if step.kind == "person" and not problems(schema, arguments):
        return {**told, "arguments": {**arguments, "answer": ""}}
    found = problems(schema, arguments)
    return {**told, "error": f"The arguments do not fit: {found[0][0]} {found[0][1]}"} if found else told


def _spoken(task: Task, text: str) -> dict[str, Any]:
    """What an agent that talks says to a person, as the question that it is."""
    arguments = {"question": text, "answer": "", "over": False}
    return {"id": "", "name": callables.ASK, "arguments": arguments, "said": True}


def _looped(task: Task, calls: list[dict[str, Any]], bounds: Bounds, spent: Spent) -> Failed | None:
    """The failure that the same call once too often is. What an agent says to people may repeat itself."""
    counted = task.history.asked.copy()
    for one in calls:
        counted[same := fingerprint(one["name"], one["arguments"])] += 1
        if counted[same] >= bounds.repeats:
            told = f"It asked for {one['name']} with the same arguments {counted[same]} times over."
            return Failed(f"{told} {_left([each['name'] for each in calls])}", spent=spent, code="loop")
    return None


def _misfits(task: Task, calls: list[dict[str, Any]], talk: Talk) -> Failed | None:
    bad = [one for one in calls if "error" in one]
    if not bad or task.history.misfits + len(bad) < MISFITS:
        return None
    last = bad[-1]
    told = f"It asked {MISFITS} times for calls that do not fit, at last of {last['name']}: {last['error']}"
    return Failed(told, retry=True, spent=talk.spent, code="answer")


def _turn(task: Task, talk: Talk, reply: Reply, calls: list[dict[str, Any]]) -> Waiting:
    """The agent waits for what it asked for."""
    first = task.history.calls
    numbers = iter(range(first, first + len(calls)))
    numbered = [one if "error" in one else {**one, "part": next(numbers)} for one in calls]
    turn = AgentTurn(
        step_run=task.held,
        number=task.history.turns + 1,
        fence=task.held.fence,
        model=reply.model,
        message=talk.messages[-1],
        calls=numbered,
    )
    return Waiting({"turn": turn}, talk.spent, awaits=Awaits.CALLS, parts=first + len(calls))


def _undone(asked: list[ToolCall]) -> str:
    return _left([one.name for one in asked])


def _left(names: list[str]) -> str:
    return f"Left undone: {', '.join(name[:80] for name in names)}."


def _estimate(talk: Talk) -> int:
    """Tokens that the next question and its answer may take."""
    return sum(len(str(one)) for one in talk.messages) // BYTES_A_TOKEN + talk.route.asked.output


def _offered(task: Task) -> list[dict[str, Any]] | None:
    """What the model is told that it may call."""
    spec, offered = task.step.spec, plan_of(task.held.run.version).calls(task.step)
    told = [_schema(name, step) for name, step in offered.items() if not (step.kind == "person" and spec.get("talks"))]
    if spec.get("talks"):
        told.append(_function(callables.FINISH, "End the work with its result.", spec["output"]))
    told += [_function(name, _when(way), handing.WITH) for name, way in handing.ways(spec).items()]
    return told or None


def _when(way: dict[str, Any]) -> str:
    return f"Hand the work over for good; yours ends with it. {way.get('title', '')}".strip()


def _schema(name: str, step: Step) -> dict[str, Any]:
    match step.kind:
        case "person":
            told = "Ask a person, and wait for the answer."
        case "agent":
            told = step.purpose
        case _:
            tool = tools.get(step.spec["tool"])
            told = tool.purpose or tool.title
    return _function(name, told, _parameters(step))


def _parameters(step: Step) -> dict[str, Any]:
    """What a call is given, as a JSON schema."""
    match step.kind:
        case "person":
            return ASKING
        case "agent":
            return TASK
    return tools.get(step.spec["tool"]).schema


def _function(name: str, told: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "description": told, "parameters": schema}}
