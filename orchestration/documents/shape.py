"""Whether a document has the shape that its schema asks for, told by step and in words."""

import json
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from orchestration.documents.problems import Problem

SCHEMA: dict[str, Any] = json.loads((Path(__file__).parent.parent / "document.schema.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA)
MOST_STEPS: int = SCHEMA["properties"]["steps"]["maxItems"]
AROUND, STEP = "around", "step"
PARTS = {  # the document without its steps, and one step
    AROUND: Draft202012Validator({**SCHEMA, "properties": {**SCHEMA["properties"], "steps": {"type": "array"}}}),
    STEP: Draft202012Validator({"$ref": "#/$defs/step", "$defs": SCHEMA["$defs"]}),
}
LONGEST = 300  # characters of a problem
FEW, NAME = 5, 60  # names in one problem, and characters of a name that are repeated
MOST = 100  # problems that are told: nobody reads more, and a hostile document has a million


def problems(document: Any) -> list[Problem]:
    """Where `document` does not have the shape of a workflow."""
    if _fits(document):
        return []
    found = islice(VALIDATOR.iter_errors(document), MOST)
    told = [_told(document, error) for error in sorted(found, key=lambda error: _order(error.absolute_path))]
    return list(dict.fromkeys(told))


def _fits(document: Any) -> bool:
    """Whether it has its shape, looking again only at those steps that were not seen before: an editor changes one."""
    if not isinstance(document, dict) or not isinstance(document.get("steps"), list):
        return False
    steps = document["steps"]
    return (
        0 < len(steps) <= MOST_STEPS
        and _has_shape(json.dumps({**document, "steps": []}), AROUND)
        and all(_has_shape(json.dumps(step), STEP) for step in steps)
    )


@lru_cache(maxsize=2048)
def _has_shape(written: str, part: str) -> bool:
    return PARTS[part].is_valid(json.loads(written))


def _order(path: Iterable[str | int]) -> list[tuple[int, str]]:
    return [(part, "") if isinstance(part, int) else (-1, part) for part in path]


def _told(document: Any, error: ValidationError) -> Problem:
    step, where = _place(document, error.absolute_path)
    what = _unknown(error) or _plainly(error) or error.message[:LONGEST]
    missing = _missing(error)
    path = (*error.absolute_path, *filter(None, [missing or _stray(error)]))
    return Problem(what, path, step, where or ("" if step else "The document"), missing=missing)


def _missing(error: ValidationError) -> str:
    """The key that is not there, where that is the problem."""
    if error.validator != "required":
        return ""
    wanted: list[str] = error.validator_value  # type: ignore[assignment]
    return next((name for name in wanted if error.message.startswith(repr(name))), "")


def _stray(error: ValidationError) -> str:
    """The key that is there and should not be, where that is the problem: the first of them."""
    if "propertyNames" in error.absolute_schema_path:
        return str(error.instance)
    return next(iter(_strays(error)), "")


def _strays(error: ValidationError) -> list[str]:
    schema: dict[str, Any] = dict(error.schema) if isinstance(error.schema, Mapping) else {}
    if error.validator != "additionalProperties" or schema["additionalProperties"] is not False:
        return []
    return [name for name in dict(error.instance) if name not in schema["properties"]]  # type: ignore[arg-type]


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
        case "const" | "enum" if len(error.message) > LONGEST:
            return f"is none of {said!r}."
        case "maxItems":
            return f"holds more than {said}."
        case "maxLength":
            return f"is longer than {said} characters."
        case "not" if isinstance(said, dict) and "notErrorMessage" in said:
            return str(said["notErrorMessage"])
        case "pattern":
            schema: dict[str, Any] = dict(error.schema) if isinstance(error.schema, Mapping) else {}
            return str(schema["patternErrorMessage"])
    return ""


def _unknown(error: ValidationError) -> str:
    """The sentence for a key that is not known here: most often it is misspelt."""
    schema: dict[str, Any] = dict(error.schema) if isinstance(error.schema, Mapping) else {}
    if "propertyNames" in error.absolute_schema_path:
        return _meant(str(error.instance), schema["enum"])
    strays = _strays(error)
    more = [f"And {len(strays) - FEW} more."] if len(strays) > FEW else []
    return " ".join([*(_meant(name, list(schema["properties"])) for name in strays[:FEW]), *more])


def _meant(name: str, known: list[str]) -> str:
    near = get_close_matches(name[:NAME], known, n=1)
    said = repr(name) if len(name) <= NAME else f"{name[:NAME]!r} …"
    return f"{said} is not known here" + (f"; is {near[0]!r} meant?" if near else ".")


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
