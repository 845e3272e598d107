"""Agents drawn up in a test, and what they said and were told."""

import json
from copy import deepcopy
from typing import Any

from orchestration.models import Run, StepRun
from tests.cast import Cast
from tests.fenced import plain
from tests.flow.drawn import REVIEW, Spec, carry_on, start, step
from tests.loopback import Provider

ANSWER = {"content": json.dumps({"found": "it is on its way"})}
DESK: Spec = deepcopy(REVIEW)


def agent(**more: Any) -> Spec:
    """An agent that may say, and with an approval keep."""
    plain: Spec = {
        "model": "openai/agent",
        "prompt": "Find out.",
        "tools": ["test.say", "test.keyed"],
        "call_review": deepcopy(DESK),
        "input": {"question": "'Where is my card?'"},
        "output": {"type": "object", "required": ["found"]},
        "retry": {"tries": 1},
    }
    return step("ask", "agent", **plain | more)


def asks(*calls: tuple[str, dict[str, Any]], text: str | None = None) -> dict[str, Any]:
    """A message of a model that asks for calls."""
    functions = [{"name": name, "arguments": json.dumps(arguments)} for name, arguments in calls]
    told = [{"id": f"{n}-{one['name']}", "type": "function", "function": one} for n, one in enumerate(functions)]
    return {"content": text, "tool_calls": told}


def work(cast: Cast, **more: Any) -> Run:
    """A run of the agent alone, as far as it comes by itself."""
    return carry_on(start(cast, agent(**more)))


def asker(run: Run) -> StepRun:
    """The agent's own step."""
    return StepRun.objects.get(run=run, step__key="ask")


def calls(run: Run) -> list[StepRun]:
    """Its calls, in their order."""
    return list(StepRun.objects.filter(run=run, given__isnull=False).order_by("part"))


def stand(run: Run) -> list[str]:
    """How each call stands, and what it waits for."""
    return [one.awaits if one.status == "waiting" else str(one.status) for one in calls(run)]


def told(said: Provider) -> list[Any]:
    """What the model was last told of its calls."""
    return results(said.heard[-1]["messages"])


def results(messages: list[dict[str, Any]]) -> list[Any]:
    """What calls came to, without the fences that stand around what others wrote."""
    return [json.loads(plain(one["content"])) for one in messages if one["role"] == "tool"]


def forty(end: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """What a model says in forty turns with sixty calls, of which `end` is the last turn if there is one."""
    pairs = [[f"{turn} first", f"{turn} second"][: 2 - turn % 2] for turn in range(40)]
    texts = [f"Turn {turn}: I look at the next cards of the customer, and at what was sent." for turn in range(40)]
    told = [asks(*[("test_say", {"word": word}) for word in words]) for words in pairs]
    said = [{**one, "content": text} for one, text in zip(told, texts, strict=True)]
    return [*said[: 39 if end else 40], *([end] if end else [])]


MANY: Spec = {"turns": 60, "calls": 90}  # limits under which they are said
