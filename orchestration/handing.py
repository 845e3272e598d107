"""Handing over: an agent gives the work to a later step, which goes on with what is handed along. Pure.

It is a way out of the agent's step that its model takes by a call; nothing in between is carried out.
"""

from collections.abc import Mapping
from typing import Any

from orchestration import callables

type Spec = dict[str, Any]

CALL = "hand_over_to_"
TO, WHY, GIVEN = "handed_to", "why", "given"  # in the output of an agent that has handed over
WITH: Spec = {
    "type": "object",
    "required": [WHY],
    "properties": {WHY: {"type": "string", "minLength": 1, "maxLength": 4000, "description": "Why, in a sentence."}},
    "additionalProperties": False,
}


def ways(spec: Spec) -> dict[str, Spec]:
    """Where an agent may hand over, by the names that its model calls."""
    return {called(way["to"]): way for way in spec.get("hands_over", [])}


def called(key: str) -> str:
    """What a model calls to hand over to a step."""
    return callables.spelled(callables.key_of(CALL[:-1], key).replace("-", "_"))


def output(way: Spec, why: str) -> Spec:
    """What an agent comes to that hands over; what goes along is worked out later."""
    return {TO: way["to"], WHY: why}


def handed_to(spec: Spec, output: Mapping[str, Any] | None) -> str:
    """The key of the step to which an agent's output hands over; "" where it does not, or not to one that is named."""
    to = output.get(TO) if output is not None else None
    return str(to) if any(way["to"] == to for way in spec.get("hands_over", [])) else ""
