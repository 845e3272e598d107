"""Which column becomes which field of a workflow's input: a column, a fixed value, or an expression over `row`."""

import re
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from orchestration import files, starts
from orchestration.batches import values
from orchestration.batches.reading import CSV
from orchestration.batches.values import Unfit
from orchestration.expressions import BadExpression, evaluate
from orchestration.models import Upload, Version
from orchestration.starts import BadInput
from orchestration.triggers.mapping import problems as problems_of_expressions

COLUMN, FIXED, EXPRESSION = "column", "fixed", "expression"
ROW = "row"
MOST_TOLD = 5  # problems of one row

type Mapping = dict[str, dict[str, str]]  # field -> how, what
type Schema = dict[str, Any]
type Problems = list[tuple[str, str]]


def fields(schema: Schema) -> list[str]:
    """The fields that a row can give, the required ones first. A file can come from no row."""
    required = [name for name in schema.get("required", []) if name in schema["properties"]]
    names = [*required, *(name for name in schema["properties"] if name not in required)]
    return [name for name in names if not files.is_file(schema["properties"][name])]


def guessed(columns: Sequence[str], schema: Schema) -> Mapping:
    """Columns that are called as fields are, or as their titles; however they are written."""
    by_name = {_plain(column): column for column in reversed(columns)}
    found: Mapping = {}
    for name in fields(schema):
        spec = schema["properties"][name]
        for called in (name, str(spec.get("title") or name)):
            if (column := by_name.get(_plain(called))) is not None:
                found.setdefault(name, {"how": COLUMN, "what": column})
        if name not in found and "default" in spec and name in schema.get("required", []):
            found[name] = {"how": FIXED, "what": values.written(spec["default"])}
    return found


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()


def problems(mapping: Mapping, columns: Sequence[str], schema: Schema) -> Problems:
    """What is wrong with a mapping before any row is read by it: (field, sentence) pairs."""
    found: Problems = []
    expressions = {name: source["what"] for name, source in mapping.items() if source["how"] == EXPRESSION}
    told = "''"  # stands for what is mapped otherwise, so that nothing is said to be missing
    found += problems_of_expressions({**dict.fromkeys(mapping, told), **expressions}, schema, (ROW,))
    for name, source in mapping.items():
        if source["how"] == COLUMN and source["what"] not in columns:
            found.append((name, _("The file has no column “%s”.") % source["what"]))
        elif source["how"] == FIXED:
            try:
                values.of(source["what"], schema["properties"].get(name, {}))
            except Unfit as error:
                found.append((name, str(error)))
    return found


def row_of(upload: Upload, cells: Any) -> dict[str, Any]:
    """A row by the names of its columns."""
    return dict(zip(upload.columns, cells, strict=False)) if upload.form == CSV else dict(cells)


def made(version: Version, mapping: Mapping, row: dict[str, Any]) -> dict[str, Any]:
    """The input that a row comes to; or `BadInput`, which names columns where it can."""
    schema = version.document["input"]
    given: dict[str, Any] = {}
    found: Problems = []
    for name, source in mapping.items():
        spec = schema["properties"].get(name, {})
        try:
            value = _value(source, spec, row)
        except (Unfit, BadExpression) as error:
            found.append((_called(source, name), str(error)))
            continue
        if value is not None or _takes_nothing(spec):
            given[name] = value
        elif name in schema.get("required", []):
            if "default" in spec:
                given[name] = spec["default"]
            else:
                found.append((_called(source, name), _("It is empty, and the workflow asks for it.")))
    if found := found or files.problems(schema, given):
        raise BadInput(found[:MOST_TOLD])
    return given


def _value(source: dict[str, str], spec: Schema, row: dict[str, Any]) -> Any:
    if source["how"] == EXPRESSION:
        return evaluate(source["what"], {ROW: row})
    value = source["what"] if source["how"] == FIXED else row.get(source["what"])
    if not isinstance(value, str):
        return value
    return values.of(value, spec) if value.strip() else None


def _takes_nothing(spec: Schema) -> bool:
    asked = spec.get("type", "string")
    return isinstance(asked, list) and "null" in asked


def _called(source: dict[str, str], name: str) -> str:
    return source["what"] if source["how"] == COLUMN else name


def wrong(version: Version, mapping: Mapping, row: dict[str, Any]) -> Problems:
    """Why a row would start no run now: (column or field, sentence) pairs; none where it fits."""
    try:
        given = made(version, mapping, row)
        starts.title(version, given)
        starts.key(version, given)
    except BadInput as error:
        return told(error, mapping)
    return []


def told(error: BadInput, mapping: Mapping) -> Problems:
    """The problems of an input, by the columns from which its fields came."""
    columns = {name: _called(source, name) for name, source in mapping.items()}
    return [(columns.get(where.partition(".")[0], where), said[:300]) for where, said in error.problems[:MOST_TOLD]]
