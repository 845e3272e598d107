"""What a review section may say of when people are asked, and whether at all."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from orchestration import leaving
from orchestration.lapses import ALWAYS_THERE, goes_on, own
from orchestration.states import ToolEffect

MOST = 10
LONGEST = 525_600  # minutes: a year of them
MINUTES: dict[str, Any] = {"type": "integer", "minimum": 0, "maximum": LONGEST}
SOME_MINUTES: dict[str, Any] = {**MINUTES, "minimum": 1}
SHARE: dict[str, Any] = {"type": "number", "exclusiveMinimum": 0, "maximum": 1}
KEYS: dict[str, Any] = {
    "hours": {
        "description": "The calendar whose business minutes all minutes here are.",
        "type": "string",
        "minLength": 1,
        "maxLength": 60,
    },
    "reminders": {
        "description": "So many minutes before it is due, those who are asked are told again.",
        "type": "array",
        "minItems": 1,
        "maxItems": MOST,
        "uniqueItems": True,
        "items": SOME_MINUTES,
    },
    "escalate": {
        "description": "So many minutes after it was due, others may decide too.",
        "type": "array",
        "minItems": 1,
        "maxItems": MOST,
        "items": {
            "type": "object",
            "required": ["after", "group"],
            "additionalProperties": False,
            "properties": {"after": MINUTES, "group": {"type": "string", "minLength": 1}},
        },
    },
    "default": {
        "description": "What comes of it where nobody has decided so many minutes after it was due.",
        "type": "object",
        "required": ["after", "outcome"],
        "additionalProperties": False,
        "properties": {"after": MINUTES, "outcome": {"type": "string", "minLength": 1, "maxLength": 80}},
    },
    "only": {
        "description": "When a person is asked at all; without it always. One of them is enough.",
        "type": "object",
        "minProperties": 1,
        "additionalProperties": False,
        "properties": {
            "if": {"type": "string", "minLength": 1, "maxLength": 2000},
            "below": SHARE,
            "effects": {"type": "array", "minItems": 1, "uniqueItems": True, "items": {"enum": ToolEffect.values}},
            "sample": SHARE,
        },
    },
    "second": {**SHARE, "description": "The share of decisions that another person takes too, blindly."},
}


class Default(NamedTuple):
    """What comes of a question that nobody answers, and so many minutes after it was due."""

    after: int
    outcome: str

    @classmethod
    def of(cls, review: dict[str, Any]) -> "Default | None":
        """That of a review section, if it has one."""
        said = review.get("default")
        return cls(said["after"], said["outcome"]) if said else None


def expressions(review: dict[str, Any]) -> list[str]:
    """The expressions in these keys."""
    return [review["only"]["if"]] if "if" in review.get("only", {}) else []


def problems(review: dict[str, Any], step: dict[str, Any]) -> list[str]:
    """What is wrong with these keys in a section whose shape is right."""
    return list(_problems(review, step))


def _problems(review: dict[str, Any], step: dict[str, Any]) -> Iterator[str]:
    if "hours" in review and any(one["due_minutes"] > LONGEST for one in review["why"]):
        yield f"counts business minutes, so nothing may be due in more than {LONGEST} of them."
    default = Default.of(review)
    if default is not None:
        yield from _of_default(default, review, step)
        late = [str(one["after"]) for one in review.get("escalate", []) if one["after"] >= default.after]
        if late:
            yield f"asks others {late[0]} minutes after it was due, when the clock has ended it already."
    if "only" in review and step.get("releases"):
        yield "lets later steps act, so somebody is always asked: it cannot say only."
    if "only" in review and step.get("kind") == "person" and step.get("output"):
        yield "waits for what somebody fills in, so somebody is always asked: it cannot say only."


def _of_default(default: Default, review: dict[str, Any], step: dict[str, Any]) -> Iterator[str]:
    if default.outcome not in ALWAYS_THERE and default.outcome not in own(review):
        known = ", ".join((*ALWAYS_THERE, *own(review)))
        yield f"comes to {default.outcome!r} in the end, which is none of: {known}."
    elif goes_on(default.outcome, review) and (what := leaving.of_step(step, review)):
        yield f"would go on by the clock, where {what}. Let it be rejected in the end, or stay."
