"""JSON schemas inside a document: that they are schemas, and lead nowhere else."""

from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from orchestration.documents.problems import Path, Problem

LONGEST = 300  # characters of a problem
REFERENCES = ("$ref", "$dynamicRef")


def problems(where: str, schema: dict[str, Any], path: Path, step: str = "") -> Iterator[Problem]:
    """What is wrong with a schema that stands at `path`."""
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        told = f"The JSON schema of {where} is wrong: {error.message[:LONGEST]}"
        yield Problem(told, (*path, *error.absolute_path), step)
        return
    for at, reference in _references(schema, ()):
        if not _is_here(schema, reference):
            told = f"The JSON schema of {where} refers to {reference[:LONGEST]!r}, which is not in it."
            yield Problem(told, (*path, *at), step, mend="Write out what it refers to, or put it under $defs.")


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
