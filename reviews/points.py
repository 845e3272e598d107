"""Review points: what the review section of a step may say, and what it comes to for one question."""

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from orchestration import pauses
from orchestration.contents import open_up
from orchestration.documents.reviews import checks_reviews, describe
from orchestration.expressions import BadExpression, evaluate, read
from orchestration.models import StepRun
from orchestration.scopes import Scope
from orchestration.starts import problems

CEL = {"type": "string", "minLength": 1, "maxLength": 2000}
MOST_PLACES = 10
WAIVER: dict[str, Any] = {
    "description": "Why nobody decides here: a reason, and the last day on which it holds. Once it was a text alone.",
    "type": ["string", "object"],
    "if": {"type": "string"},
    "then": {"minLength": 10},
    "else": {
        "required": ["reason", "until"],
        "additionalProperties": False,
        "properties": {
            "reason": {"type": "string", "minLength": 10, "maxLength": 1000},
            "until": {"type": "string", "format": "date"},
        },
    },
}
SCHEMA: dict[str, Any] = {
    "oneOf": [
        {
            "type": "object",
            "required": ["waiver"],
            "additionalProperties": False,
            "properties": {"waiver": WAIVER},
        },
        {
            "type": "object",
            "required": ["when", "group", "title", "why"],
            "additionalProperties": False,
            "properties": {
                "when": {"enum": ["before", "after"]},
                "group": {"type": "string"},
                "then": {
                    "description": "Who approves after that group, one after the other: each another person.",
                    "type": "array",
                    "minItems": 1,
                    "maxItems": MOST_PLACES - 1,
                    "items": {
                        "type": "object",
                        "required": ["group"],
                        "additionalProperties": False,
                        "properties": {"group": {"type": "string", "minLength": 1}, "if": CEL},
                    },
                },
                "title": CEL,
                "summary": CEL,
                "confidence": CEL,
                "evidence": {"type": "object", "additionalProperties": CEL},
                "undo_seconds": {"type": "integer", "minimum": 0, "maximum": 3600},
                "why": {
                    "type": "array",
                    "minItems": 1,
                    "items": {
                        "type": "object",
                        "required": ["rule", "sentence", "priority", "due_minutes"],
                        "additionalProperties": False,
                        "properties": {
                            "if": CEL,
                            "rule": {"type": "string", "maxLength": 80},
                            "sentence": {"type": "string"},
                            "priority": {"enum": [0, 1, 2]},
                            "due_minutes": {"type": "integer", "minimum": 1},
                        },
                    },
                },
            },
        },
    ]
}
describe(SCHEMA)


class Place(NamedTuple):
    """A place that somebody of a group fills with an approval; `number` counts those of the review section from 1."""

    number: int
    group: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What a review point comes to: who is asked what, why, how urgently and until when.

    Every one of `places` is filled by another person; the first is that of the section's own group.
    """

    places: tuple[Place, ...]
    title: str
    summary: str
    confidence: float | None
    evidence: dict[str, Any]
    rule: str
    why: str
    priority: int
    due_minutes: int
    undo_seconds: int


@checks_reviews
def check(review: dict[str, Any], step: dict[str, Any]) -> list[str]:
    """The problems of a review section: its shape, and each expression."""
    return list(_wrong(json.dumps(review)))


@lru_cache(maxsize=1024)
def _wrong(section: str) -> tuple[str, ...]:
    """Asked once a section: an editor looks at the same ones at each change."""
    return tuple(_problems(json.loads(section)))


def _problems(review: dict[str, Any]) -> list[str]:
    if "waiver" not in review and "when" not in review:
        return ["say when a person decides (before or after), or give a waiver with its reason."]
    if "when" in review and not review.get("group"):
        rest = _problems({**review, "group": "?"})
        return ["which group decides is not said yet. Choose one.", *rest]
    found = [f"{where} {told}".strip() for where, told in problems(SCHEMA["oneOf"]["when" in review], review)]
    for text in _expressions(review) if not found else []:
        try:
            read(text)
        except BadExpression as error:
            found.append(str(error))
    if "when" in review and not found and "if" in review["why"][-1]:
        found.append("the last entry of why must hold for everything else, so it has no condition.")
    return found


def _expressions(review: dict[str, Any]) -> list[str]:
    texts = [review[name] for name in ("title", "summary", "confidence") if name in review]
    return [
        *texts,
        *(entry["if"] for entry in review.get("then", []) if "if" in entry),
        *review.get("evidence", {}).values(),
        *(w["if"] for w in review.get("why", []) if "if" in w),
    ]


def section(step_run: StepRun) -> dict[str, Any]:
    """The review section that a step's question goes by: what rules made of it, or its own."""
    asked = open_up(step_run.question) or {}
    return dict(pauses.asked_now(asked).get("review") or step_run.step.review)


def ask(review: dict[str, Any], scope: Scope) -> Asked:
    """Work a review point out. What cannot be worked out counts as the careful case, never as a pass."""
    why = next(entry for entry in review["why"] if "if" not in entry or _holds(entry["if"], scope))
    confidence = _value(review.get("confidence"), scope)
    return Asked(
        places=places(review, scope),
        title=str(_value(review["title"], scope) or "")[:200],
        summary=str(_value(review.get("summary"), scope) or "")[:300],
        confidence=float(confidence) if isinstance(confidence, int | float) else None,
        evidence={name: _value(text, scope) for name, text in review.get("evidence", {}).items()},
        rule=why["rule"],
        why=why["sentence"],
        priority=why["priority"],
        due_minutes=why["due_minutes"],
        undo_seconds=review.get("undo_seconds", 0),
    )


def places(review: dict[str, Any], scope: Scope) -> tuple[Place, ...]:
    """Who has to approve. A condition that cannot be worked out counts as met: rather one person more than one less."""
    later = enumerate(review.get("then", []), start=2)
    asked = (Place(number, entry["group"]) for number, entry in later if not _fails(entry.get("if"), scope))
    return Place(1, review["group"]), *asked


def _value(text: str | None, scope: Scope) -> Any:
    try:
        return evaluate(text, scope) if text else None
    except BadExpression:
        return None


def _holds(text: str, scope: Scope) -> bool:
    return _value(text, scope) is True


def _fails(text: str | None, scope: Scope) -> bool:
    return _value(text, scope) is False
