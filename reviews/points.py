"""Review points: what the review section of a step may say, and what it comes to for one question."""

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from orchestration import pauses
from orchestration.contents import open_up
from orchestration.documents.reviews import checks_reviews, describe
from orchestration.expressions import BadExpression, evaluate, read
from orchestration.models import StepRun
from orchestration.scopes import Scope
from orchestration.starts import problems
from reviews.asking import section as asking
from reviews.notices import section as notices
from reviews.signing import section as signing
from reviews.when import section as when
from reviews.who import section as who

CEL = {"type": "string", "minLength": 1, "maxLength": 2000}
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
            "required": ["when", "title", "why"],
            "additionalProperties": False,
            "properties": {
                "when": {"enum": ["before", "after"]},
                "group": {"type": "string"},
                **who.KEYS,
                "title": CEL,
                "summary": CEL,
                "confidence": CEL,
                "evidence": {"type": "object", "additionalProperties": CEL},
                **asking.KEYS,
                "undo_seconds": {"type": "integer", "minimum": 0, "maximum": 3600},
                **when.KEYS,
                **signing.KEYS,
                **notices.KEYS,
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


@dataclass(frozen=True, slots=True)
class Asked:
    """What a review point comes to: who is asked what, why, how urgently and until when.

    So many of `places` are `needed`, each filled by another person, in order or `side_by_side`. `assign` says who is
    named, if anybody is.
    """

    places: tuple[who.Wanted, ...]
    needed: int
    side_by_side: bool
    assign: str
    title: str
    summary: str
    confidence: float | None
    evidence: dict[str, Any]
    rule: str
    why: str
    priority: int
    due_minutes: int
    undo_seconds: int
    signs: str = ""


@checks_reviews
def check(review: dict[str, Any], step: dict[str, Any]) -> list[str]:
    """The problems of a review section: its shape, and each expression."""
    if found := list(_wrong(json.dumps(review))):
        return found
    timed = when.problems(review, step) if "when" in review else []
    return [*timed, *asking.problems(review, step), *signing.problems(review, step)]


@lru_cache(maxsize=1024)
def _wrong(section: str) -> tuple[str, ...]:
    """Asked once a section: an editor looks at the same ones at each change."""
    return tuple(_problems(json.loads(section)))


def _problems(review: dict[str, Any]) -> list[str]:
    if "waiver" not in review and "when" not in review:
        return ["say when a person decides (before or after), or give a waiver with its reason."]
    if "when" in review and not review.get("group") and not review.get("who"):
        rest = _problems({**review, "group": "?"})
        return ["which group decides is not said yet. Choose one.", *rest]
    found = [f"{where} {told}".strip() for where, told in problems(SCHEMA["oneOf"]["when" in review], review)]
    if "when" in review and not found:
        found += who.problems(review, {})
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
        *who.expressions(review),
        *review.get("evidence", {}).values(),
        *(w["if"] for w in review.get("why", []) if "if" in w),
        *when.expressions(review),
        *asking.expressions(review),
    ]


def section(step_run: StepRun) -> dict[str, Any]:
    """The review section that a step's question goes by: what rules made of it, or its own."""
    asked = open_up(step_run.question) or {}
    return dict(pauses.asked_now(asked).get("review") or step_run.step.review)


def ask(review: dict[str, Any], scope: Scope) -> Asked:
    """Work a review point out. What cannot be worked out counts as the careful case, never as a pass."""
    why = next(entry for entry in review["why"] if "if" not in entry or _holds(entry["if"], scope))
    confidence = _value(review.get("confidence"), scope)
    places = who.wanted(review, scope)
    return Asked(
        places=places,
        needed=who.enough(review, places),
        side_by_side=bool(review.get("side_by_side")),
        assign=review.get("assign", ""),
        title=str(_value(review["title"], scope) or "")[:200],
        summary=str(_value(review.get("summary"), scope) or "")[:300],
        confidence=float(confidence) if isinstance(confidence, int | float) else None,
        evidence={name: _value(text, scope) for name, text in review.get("evidence", {}).items()},
        rule=why["rule"],
        why=why["sentence"],
        priority=why["priority"],
        due_minutes=why["due_minutes"],
        undo_seconds=review.get("undo_seconds", 0),
        signs=signing.meaning(review),
    )


def _value(text: str | None, scope: Scope) -> Any:
    try:
        return evaluate(text, scope) if text else None
    except BadExpression:
        return None


def _holds(text: str, scope: Scope) -> bool:
    return _value(text, scope) is True
