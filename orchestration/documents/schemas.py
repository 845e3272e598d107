"""JSON schemas inside a document: that they are schemas, and lead nowhere else."""

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from orchestration.documents.problems import Path, Problem

LONGEST = 300  # characters of a problem
REFERENCES = ("$ref", "$dynamicRef")


def problems(where: str, schema: dict[str, Any], path: Path, step: str = "") -> Iterator[Problem]:
    """What is wrong with a schema that stands at `path`."""
    if (wrong := _wrong(json.dumps(schema, sort_keys=True))) is not None:
        at, message = wrong
        yield Problem(f"The JSON schema of {where} is wrong: {message}", (*path, *at), step)
        return
    for at, reference in _references(schema, ()):
        if not _is_here(schema, reference):
            told = f"The JSON schema of {where} refers to {reference[:LONGEST]!r}, which is not in it."
            yield Problem(told, (*path, *at), step, mend="Write out what it refers to, or put it under $defs.")


@lru_cache(maxsize=1024)
def _wrong(schema: str) -> tuple[Path, str] | None:
    """Where a schema is none, and why. Asked once a schema: an editor looks at the same ones at each change."""
    try:
        Draft202012Validator.check_schema(json.loads(schema))
    except SchemaError as error:
        return tuple(error.absolute_path), error.message[:LONGEST]
    return None


def _references(part: Any, path: Path) -> Iterator[tuple[Path, str]]:
    inner = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for name, value in inner:
        if name in REFERENCES and isinstance(value, str):
            yield (*path, name), value
        else:
            yield from _references(value, (*path, name))


def _is_here(schema: Any, reference: str) -> bool:
    """Whether `#/a/b` leads to a part of the schema."""
    if reference == "#":
        return True
    if not reference.startswith("#/"):
        return False
    for part in reference[2:].split("/"):
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(schema, dict) and name in schema:
            schema = schema[name]
        elif isinstance(schema, list) and name.isdecimal() and int(name) < len(schema):
            schema = schema[int(name)]
        else:
            return False
    return True
