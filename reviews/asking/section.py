"""The keys `form`, `outcomes` and `back` of a review section: their shape, expressions, and what is wrong with them."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from orchestration.documents.reviews import MEANT
from orchestration.files import LARGEST

type Spec = dict[str, Any]

CEL: Spec = {"type": "string", "minLength": 1, "maxLength": 2000}
NAME: Spec = {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}$"}
WORDS: Spec = {"type": "string", "minLength": 1, "maxLength": 200}
USUAL = ("approved", "rejected", "sent_back")
TAKEN = "aerbjku"  # keys of the item's page
MOST_BACK = 3  # times, where a section does not say

CHOICES: Spec = {
    "description": "What is chosen from: values, or values with labels.",
    "type": "array",
    "minItems": 1,
    "maxItems": 100,
    "items": {
        "type": ["string", "object"],
        "minLength": 1,
        "maxLength": 200,
        "required": ["value", "label"],
        "additionalProperties": False,
        "properties": {"value": WORDS, "label": WORDS},
    },
}
OF_A_VALUE: Spec = {
    "name": NAME,
    "label": WORDS,
    "required": {"type": "boolean"},
    "choices": CHOICES,
    "min": {"type": "number", "description": "The least: of a text the characters, of several and tables how many."},
    "max": {"type": "number"},
    "unit": {"type": "string", "minLength": 1, "maxLength": 20},
    "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
}
COLUMN: Spec = {
    "type": "object",
    "required": ["name", "label", "type"],
    "additionalProperties": False,
    "properties": {**OF_A_VALUE, "type": {"enum": ["text", "number", "money", "date", "choice"]}},
}
FIELD: Spec = {
    "type": "object",
    "required": ["name", "label", "type"],
    "additionalProperties": False,
    "properties": {
        **OF_A_VALUE,
        "type": {"enum": ["text", "number", "money", "date", "choice", "several", "file", "table"]},
        "help": {"type": "string", "minLength": 1, "maxLength": 500},
        "shown_when": {**CEL, "description": "Reads form (the answers before it), act, output, and the run."},
        "prefill": {**CEL, "description": "What stands there at first: reads act, output, and the run."},
        "columns": {"type": "array", "minItems": 1, "maxItems": 12, "items": COLUMN},
        "accept": {"type": "array", "minItems": 1, "items": {"type": "string", "pattern": "^\\.[A-Za-z0-9]{1,12}$"}},
        "max_size": {"type": "integer", "minimum": 1, "maximum": LARGEST},
    },
}
KEYS: Spec = {
    "form": {
        "description": "What whoever decides fills in. Later steps read it as steps.key.form.name.",
        "type": "array",
        "minItems": 1,
        "maxItems": 40,
        "items": FIELD,
    },
    "outcomes": {
        "description": "Own outcomes beside approving and rejecting; each may go on at a later step of the sequence.",
        "type": "array",
        "minItems": 1,
        "maxItems": 8,
        "items": {
            "type": "object",
            "required": ["name", "title", "counts_as"],
            "additionalProperties": False,
            "properties": {
                "name": NAME,
                "title": {"type": "string", "minLength": 1, "maxLength": 60},
                "counts_as": {"enum": ["approved", "rejected"]},
                "to": {"type": "string", "minLength": 1, "maxLength": 80},
                "needs_reason": {"type": "boolean"},
                "shortcut": {"type": "string", "pattern": "^[a-z0-9]$"},
            },
        },
    },
    "back": {
        "description": "Where the work may be sent back: to the model with a note, or to earlier steps.",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "model": {"type": "boolean"},
            "to": {"type": "array", "minItems": 1, "maxItems": 20, "items": {"type": "string", "minLength": 1}},
            "most": {"type": "integer", "minimum": 1, "maximum": 20},
        },
    },
}


def expressions(review: Mapping[str, Any]) -> list[str]:
    """Its expressions."""
    fields = review.get("form", [])
    return [field[name] for field in fields for name in ("shown_when", "prefill") if name in field]


def problems(review: Mapping[str, Any], step: Mapping[str, Any]) -> list[str]:
    """What is wrong with a section that has its shape."""
    return [*_form(review.get("form", []), step), *_outcomes(review, step), *_back(review.get("back"))]


def _form(fields: list[Spec], step: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"form has the field {name!r} twice." for name in _twice(field["name"] for field in fields))
    for field in fields:
        where = f"form {field['name']}"
        yield from (f"{where} {told}" for told in _value(field))
        if field["type"] == "table" and "columns" in field:
            columns = field["columns"]
            yield from (f"{where} has the column {name!r} twice." for name in _twice(one["name"] for one in columns))
            yield from (f"{where} {one['name']} {told}" for one in columns for told in _value(one))
    if fields and "form" in _given(step):
        yield "asks a form, and the step has a field called form already."


def _value(field: Spec) -> Iterator[str]:
    kind = field["type"]
    strange = sorted(name for name, kinds in MEANT.items() if name in field and kind not in kinds)
    if strange:
        yield f"is of the type {kind}, to which {strange[0]} does not belong."
    if kind in MEANT["choices"] and not field.get("choices"):
        yield f"is of the type {kind}, so it says what to choose from: choices."
    if kind == "table" and not field.get("columns"):
        yield "is a table, so it says its columns."
    if field.get("min", float("-inf")) > field.get("max", float("inf")):
        yield "has a least that is more than its most."


def _outcomes(review: Mapping[str, Any], step: Mapping[str, Any]) -> Iterator[str]:
    outcomes: list[Spec] = review.get("outcomes", [])
    yield from (f"outcomes has {name!r} twice." for name in _twice(one["name"] for one in outcomes))
    yield from (
        f"outcomes calls one {one['name']!r}, which there is already." for one in outcomes if one["name"] in USUAL
    )
    keys = [one["shortcut"] for one in outcomes if "shortcut" in one]
    yield from (f"outcomes gives the key {key!r} to two." for key in _twice(keys))
    yield from (f"outcomes takes the key {key!r}, which means something already." for key in keys if key in TAKEN)
    if outcomes and "outcome" in _given(step):
        yield "has own outcomes, and the step has a field called outcome already."


def _back(back: Spec | None) -> Iterator[str]:
    if back is not None and not back.get("model") and not back.get("to"):
        yield "back says where to: to the model (model: true), or to earlier steps (to)."


def _given(step: Mapping[str, Any]) -> set[str]:
    """The fields that a step's output or, where a person is shown it, its input has of itself."""
    output = step.get("output")
    fields = set(output.get("properties") or {}) if isinstance(output, dict) else set()
    return fields | (set(step.get("input") or {}) if step.get("kind") == "person" else set())


def _twice(names: Any) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]
