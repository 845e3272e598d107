"""What a review section may say of who decides: its places, how many are enough, in which order, and who is named."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from orchestration.expressions import BadExpression, evaluate
from orchestration.scopes import Scope

CEL = {"type": "string", "minLength": 1, "maxLength": 2000}
MOST_PLACES = 10
KINDS = ("group", "person", "holds", "manager", "expr")
HELD = ("decide", "manage", "start")
ASSIGNS = ("least_loaded", "in_turn")
MUST = "must"  # of a place that rules add: it is filled whatever number would be enough
NAME = {"type": "string", "minLength": 1, "maxLength": 150}
PLACE: dict[str, Any] = {
    "description": "Who fills a place: exactly one of group, person, holds, manager and expr.",
    "type": "object",
    "additionalProperties": False,
    "minProperties": 1,
    "properties": {
        "group": {**NAME, "description": "The name of a group."},
        "person": {**NAME, "description": "A login."},
        "holds": {"enum": list(HELD), "description": "Whoever holds that permission on the workflow."},
        "manager": {"const": True, "description": "The manager of the workflow's owner."},
        "expr": {**CEL, "description": "Comes to a login, a group's name, or a list of them."},
        "if": {**CEL, "description": "Only where this holds."},
        "skill": {"type": "string", "minLength": 1, "maxLength": 60, "description": "Only those who have this skill."},
    },
}
KEYS: dict[str, Any] = {
    "who": {**PLACE, "description": "Who fills the first place, where a group alone does not say it."},
    "then": {
        "description": "Who fills the other places: each another person.",
        "type": "array",
        "minItems": 1,
        "maxItems": MOST_PLACES - 1,
        "items": PLACE,
    },
    "of": {"type": "integer", "minimum": 1, "maximum": MOST_PLACES, "description": "So many places are enough."},
    "side_by_side": {"type": "boolean", "description": "The places are filled in any order."},
    "assign": {"enum": list(ASSIGNS), "description": "Who is named: the one with the fewest, or whose turn it is."},
}


class Wanted(NamedTuple):
    """A place as the section has it; `number` counts those of the section from 1. `names` is what it names.

    Of kind group, person and holds it names one; of kind expr what its expression came to, none where that failed.
    """

    number: int
    kind: str
    names: tuple[str, ...]
    skill: str = ""
    must: bool = False

    @property
    def group(self) -> str:
        """The group, where it is one that is named outright; else ""."""
        return self.names[0] if self.kind == "group" else ""


def entries(review: dict[str, Any]) -> list[dict[str, Any]]:
    """The places as they are written, the first among them; what cannot be read as one is left out."""
    first = review["who"] if isinstance(review.get("who"), dict) else {"group": review.get("group")}
    later = review.get("then") if isinstance(review.get("then"), list) else []
    return [first, *(one for one in later or [] if isinstance(one, dict))]


def kind_of(entry: dict[str, Any]) -> str:
    """Which kind of place it is, or "" where that is not said."""
    return next((kind for kind in KINDS if entry.get(kind)), "")


def expressions(review: dict[str, Any]) -> list[str]:
    """Every expression of the places."""
    return [str(entry[name]) for entry in entries(review) for name in ("if", "expr") if entry.get(name)]


def problems(review: dict[str, Any], step: dict[str, Any]) -> Iterator[str]:
    """What the shape alone does not tell."""
    if "who" in review and review.get("group"):
        yield "group and who both say who fills the first place. Keep one of them."
    found = entries(review)
    for number, entry in enumerate(found, start=1):
        kinds = [kind for kind in KINDS if entry.get(kind)]
        if len(kinds) != 1:
            said = " and ".join(kinds) or "nobody"
            yield f"place {number} names {said}: say exactly one of group, person, holds, manager and expr."
    if "of" in review and review["of"] > len(found):
        yield f"of: {review['of']} is more than the {len(found)} places that there are."


def wanted(review: dict[str, Any], scope: Scope) -> tuple[Wanted, ...]:
    """The places that are to be filled. A condition that cannot be worked out counts as met: rather one more."""
    found = [
        _wanted(number, entry, scope)
        for number, entry in enumerate(entries(review), start=1)
        if _value(entry.get("if"), scope) is not False
    ]
    return tuple(found) or (_wanted(1, entries(review)[0], scope),)  # somebody decides in any case


def enough(review: dict[str, Any], places: tuple[Wanted, ...]) -> int:
    """How many of these places have to be filled."""
    must = sum(place.must for place in places)
    return min(int(review["of"]) + must, len(places)) if "of" in review else len(places)


def _wanted(number: int, entry: dict[str, Any], scope: Scope) -> Wanted:
    kind = kind_of(entry)
    names = _names(_value(entry["expr"], scope)) if kind == "expr" else (str(entry.get(kind, "")),)
    return Wanted(number, kind, names, str(entry.get("skill", "")).lower(), bool(entry.get(MUST)))


def _names(value: Any) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else [value]
    return tuple(dict.fromkeys(one for one in listed[:MOST_PLACES] if isinstance(one, str) and one))


def _value(text: Any, scope: Scope) -> Any:
    try:
        return evaluate(text, scope) if text else None
    except BadExpression:
        return None
