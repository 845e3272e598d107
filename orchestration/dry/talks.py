"""What a test case says of an agent's talk: what its model answers, turn by turn, and what becomes of each call."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from orchestration import callables
from orchestration.documents.cases import REJECTED
from orchestration.models import StepRun
from orchestration.plans import plan_of
from orchestration.replies import Reply, ToolCall

APART = "-"  # in a call's id, between the turn and its place

type Turn = Mapping[str, Any]
type Talks = Mapping[str, Sequence[Turn]]


def reply(turn: Turn, number: int) -> Reply:
    """A turn as the answer of a model; turns count from 1."""
    asked = [_call(one, f"{number}{APART}{place}") for place, one in enumerate(turn.get("calls", []))]
    text = json.dumps(turn["answer"], ensure_ascii=False) if "answer" in turn else str(turn.get("says", ""))
    message: dict[str, Any] = {"role": "assistant", "content": text or None}
    if asked:
        functions = [{"name": one.name, "arguments": one.arguments} for one in asked]
        pairs = zip(asked, functions, strict=True)
        message["tool_calls"] = [{"id": one.id, "type": "function", "function": told} for one, told in pairs]
    return Reply(text, "", 0, 0, Decimal(0), 0, message, tuple(asked))


def of_call(talks: Talks, held: StepRun) -> Turn | None:
    """What the case says of a call; None where it says nothing. What an agent says to a person is the turn itself."""
    if held.given is None or (caller := plan_of(held.run.version).caller(held.step)) is None:
        return None
    turns, number = talks.get(caller.key, ()), int(held.given["turn"])
    if not 0 < number <= len(turns):
        return None
    turn, (_, _, place) = turns[number - 1], str(held.given["id"]).partition(APART)
    calls = turn.get("calls", [])
    if not place:
        return turn
    return calls[int(place)] if int(place) < len(calls) else None


def decision(said: Turn) -> tuple[str, Mapping[str, Any]] | None:
    """A verdict with an edit, as the case says it of a call; None where it says none."""
    if "reply" in said:
        over = {"over": True} if said.get("over") else {}
        return "approved", {"answer": said["reply"], **over}
    told = said.get("decision")
    if told is None:
        return None
    if isinstance(told, str):
        return told, {}
    return told["verdict"], {} if told["verdict"] == REJECTED else told.get("edit", {})


def _call(said: Mapping[str, Any], number: str) -> ToolCall:
    """A call: by the tool's own name, or as the model knows it."""
    return ToolCall(number, callables.spelled(str(said["call"])), json.dumps(said.get("with", {}), ensure_ascii=False))
