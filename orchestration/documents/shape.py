"""Whether a document has the shape that its schema asks for, told by step and in words."""

import json
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from orchestration.documents.problems import Problem

SCHEMA: dict[str, Any] = json.loads((Path(__file__).parent.parent / "document.schema.json").read_text())
LONGEST = 300  # characters of a problem


def problems(document: Any) -> list[Problem]:
    """Where `document` does not have the shape of a workflow."""
    found = Draft202012Validator(SCHEMA).iter_errors(document)
    try:
        told = [_told(document, error) for error in sorted(found, key=lambda error: _order(error.absolute_path))]
    except RecursionError:
        return [Problem("The document is nested too deeply to be read.")]
    return list(dict.fromkeys(told))


def _order(path: Iterable[str | int]) -> list[tuple[int, str]]:
    return [(part, "") if isinstance(part, int) else (-1, part) for part in path]


def _told(document: Any, error: ValidationError) -> Problem:
    step, where = _place(document, error.absolute_path)
    what = _unknown(error) or _plainly(error) or error.message[:LONGEST]
    return Problem(what, tuple(error.absolute_path), step, where or ("" if step else "The document"))


def _plainly(error: ValidationError) -> str:
    """The sentence for the commonest mistakes; jsonschema's own repeats what was written, however long that is."""
    said: Any = error.validator_value
    match error.validator:
        case "required":
            return error.message.replace("a required property", "missing") + "."
        case "type":
            return f"must be of type {' or '.join([said] if isinstance(said, str) else said)}."
        case "minItems" | "minLength" | "minProperties" if said == 1:
            return "must not be empty."
        case "maxItems":
            return f"holds more than {said}."
        case "maxLength":
            return f"is longer than {said} characters."
        case "pattern":
            return f"may hold only small letters, digits and {'hyphens' if '-[' in str(said) else 'underscores'}."
    return ""


def _unknown(error: ValidationError) -> str:
    """The sentence for a key that is not known here: most often it is misspelt."""
    schema: dict[str, Any] = dict(error.schema) if isinstance(error.schema, Mapping) else {}
    if "propertyNames" in error.absolute_schema_path:
        return _meant(str(error.instance), schema["enum"])
    if error.validator == "additionalProperties" and schema["additionalProperties"] is False:
        known = list(schema["properties"])
        return " ".join(_meant(name, known) for name in dict(error.instance) if name not in known)  # type: ignore[arg-type]
    return ""


def _meant(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"{name!r} is not known here" + (f"; is {near[0]!r} meant?" if near else ".")


def _place(document: Any, path: Iterable[str | int]) -> tuple[str, str]:
    """`steps.2.limits.seconds` as "send" and "limits.seconds"."""
    step, rest, value = "", [], document
    for part in path:
        value = value[part]
        rest.append(str(part))
        if _is_step(rest) and isinstance(value, dict) and isinstance(value.get("key"), str):
            step, rest = value["key"], []
    return step, ".".join(rest)


def _is_step(rest: list[str]) -> bool:
    return rest[-1] in {"fallback", "compensate"} or (rest[-2:-1] == ["steps"] and rest[-1].isdigit())
