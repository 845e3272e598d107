"""The typed form of a review: which fields are shown, what stands in them at first, and what answers must be like."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from orchestration import files
from orchestration.documents.reviews import fills_forms
from orchestration.expressions import BadExpression, evaluate
from orchestration.scopes import Scope, opened, scope_of
from orchestration.starts import problems
from reviews.asking.section import Spec
from reviews.models import Review

LONGEST = 4000  # characters of a text
MOST_ROWS = 200
MONEY = r"^-?[0-9]{1,12}\.[0-9]{2}\Z"
DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}\Z"

type Answers = dict[str, Any]
type Problems = list[tuple[str, str]]


def scope_for(review: Review, section: Mapping[str, Any], content: Mapping[str, Any] | None = None) -> Scope:
    """What the expressions of a form read, apart from the answers."""
    act = dict(review.content if content is None else content)
    scope = opened(scope_of(review.run, review.step_run.frame), dict(section))
    return {**scope, "act": act, "output": act}


def shown(fields: Sequence[Spec], answers: Mapping[str, Any], scope: Scope) -> list[Spec]:
    """The fields that are asked with these answers. Each reads those before it; what is not answered is null.

    A condition that cannot be worked out is not met.
    """
    known: Answers = {field["name"]: None for field in fields}
    found = []
    for field in fields:
        if "shown_when" in field and _value(field["shown_when"], {**scope, "form": known}) is not True:
            continue
        found.append(field)
        known[field["name"]] = answers.get(field["name"])
    return found


def prefilled(fields: Sequence[Spec], scope: Scope) -> Answers:
    """What stands in the fields at first. What does not fit a field is left out."""
    found: Answers = {}
    for field in fields:
        value = _value(field["prefill"], scope) if "prefill" in field else None
        value = _as_typed(field, value)
        if value is not None and not problems(_schema(field), value):
            found[field["name"]] = value
    return found


def misfits(
    fields: Sequence[Spec], answers: Mapping[str, Any], scope: Scope, came: Sequence[files.Reference]
) -> Problems:
    """What is wrong with answers, by the names of fields. `came` are the files that may be named.

    What is shown and required is not left out, and what is hidden or was never asked is not sent.
    """
    asked = shown(fields, answers, scope)
    schema = schema_of(asked)
    if found := [*files.problems(schema, dict(answers), came), *problems(schema, dict(answers))]:
        return found
    return [told for field in asked for told in _amounts(field, answers.get(field["name"]), field["name"])]


@fills_forms
def filled(section: Spec, answers: Answers, scope: Scope) -> tuple[Answers, str]:
    """A form with these answers, elsewhere what stands there at first; and the first thing that is wrong with it."""
    fields = section.get("form", [])
    made = {**prefilled(fields, scope), **answers}
    asked = {field["name"] for field in shown(fields, made, scope)}
    made = {name: value for name, value in made.items() if name in asked or name in answers}
    found = misfits(fields, made, scope, [one for one in files.within(made) if files.is_reference(one)])
    return made, " ".join(found[0]).strip() if found else ""


def schema_of(fields: Sequence[Spec]) -> Spec:
    """The JSON schema of the answers to these fields."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [field["name"] for field in fields if field.get("required")],
        "properties": {field["name"]: _schema(field) for field in fields},
    }


def values_of(field: Spec) -> list[str]:
    """What is chosen from."""
    return [one if isinstance(one, str) else str(one["value"]) for one in field.get("choices", [])]


def _schema(field: Spec) -> Spec:
    least, most = field.get("min"), field.get("max")
    match field["type"]:
        case "text":
            return _bounded(
                {"type": "string"}, "minLength", least or (1 if field.get("required") else 0), most or LONGEST
            )
        case "number":
            return _bounded({"type": "number"}, "minimum", least, most)
        case "money":
            return {"type": "string", "pattern": MONEY}
        case "date":
            return {"type": "string", "format": "date", "pattern": DAY}
        case "choice":
            return {"type": "string", "enum": values_of(field)}
        case "several":
            item = {"type": "string", "enum": values_of(field)}
            found = {"type": "array", "items": item, "uniqueItems": True}
            return _bounded(found, "minItems", least or (1 if field.get("required") else 0), most)
        case "file":
            said = {"accept": field.get("accept", []), "maxSize": field.get("max_size", files.LARGEST)}
            return {"type": "object", "format": "file", **said}
    row = schema_of(field["columns"])
    found = {"type": "array", "items": row}
    return _bounded(found, "minItems", least or (1 if field.get("required") else 0), min(most or MOST_ROWS, MOST_ROWS))


def _amounts(field: Spec, value: Any, where: str) -> Problems:
    """Which amounts of money, in a field or in the rows of a table, are less or more than they may be."""
    if field["type"] == "table":
        rows = enumerate(value or [])
        inner = (
            (one, row.get(one["name"]), f"{where}.{place}.{one['name']}")
            for place, row in rows
            for one in field["columns"]
        )
        return [told for one, amount, at in inner for told in _amounts(one, amount, at)]
    if field["type"] != "money" or value is None:
        return []
    least, most = field.get("min", "-Infinity"), field.get("max", "Infinity")
    if Decimal(str(least)) <= Decimal(value) <= Decimal(str(most)):
        return []
    return [(where, _("The amount is not between what it may be at least and at most."))]


def _bounded(schema: Spec, least_is: str, least: float | None, most: float | None) -> Spec:
    found = dict(schema)
    if least is not None:
        found[least_is] = least if least_is == "minimum" else int(least)
    if most is not None:
        found[least_is.replace("min", "max")] = most if least_is == "minimum" else int(most)
    return found


def _as_typed(field: Spec, value: Any) -> Any:
    """A value of a run as the field holds it: amounts are texts with two places, rows have the columns alone."""
    if field["type"] == "table" and isinstance(value, list):
        rows = [row for row in value if isinstance(row, dict)]
        return [
            {one["name"]: _as_typed(one, row[one["name"]]) for one in field["columns"] if one["name"] in row}
            for row in rows
        ]
    if field["type"] == "money" and isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:.2f}"
    if field["type"] in {"text", "date", "choice"} and value is not None and not isinstance(value, str):
        return str(value)
    return value


def _value(text: str, scope: Scope) -> Any:
    try:
        return evaluate(text, scope)
    except BadExpression:
        return None
