"""Queries of another database: they read, in a transaction that may only read, with so many rows and no more.

A declaration's `own` is `{"query": "SELECT … WHERE id = :id", "rows": 100}`. The connection names the address of a
PostgreSQL database as its secret, or an SQLite file by `folder` and `file` in its options.
"""

import json
import math
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from audit.canonical import SAFE, clean
from orchestration.tools.kinds import sql_postgres, sql_sqlite, statements
from orchestration.tools.kinds.shapes import Declared, Misdeclared, own_of
from orchestration.tools.tool import ToolFailed

ROWS, MOST_ROWS = 100, 10_000


def call(declared: Declared, arguments: dict[str, Any], key: str) -> dict[str, Any]:
    """Ask once. Raises `ToolFailed`."""
    query, most = _declared(declared)
    for name, value in arguments.items():
        if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(one, dict | list) for one in value)):
            told = _("The argument %(name)s is no single value, and no list of them.")
            raise ToolFailed(told % {"name": name}, retry=False)
    values = {name: arguments.get(name) for name in statements.names_of(query)}
    reads = sql_sqlite.rows if "file" in declared.reach.options else sql_postgres.rows
    with closing(reads(declared, query, values)) as found:
        return _bounded(found, most, declared.result_bytes)


def effects(declared: Declared, arguments: dict[str, Any]) -> list[str]:
    """What a call does, for the person who approves it."""
    return [_("It reads at most %(rows)d rows, and changes nothing.") % {"rows": _declared(declared)[1]}]


def problems(own: Mapping[str, Any], schema: Mapping[str, Any]) -> list[str]:
    """Why a declaration cannot be carried out, in sentences."""
    try:
        query = statements.statement_of(own.get("query"))
        _rows(own)
    except Misdeclared as error:
        return [str(error)]
    apart = statements.names_of(query) ^ set(schema.get("properties") or {})
    told = _("%(name)s is a parameter of the query or an argument, and not both.")
    return [told % {"name": name} for name in sorted(apart)]


def _declared(declared: Declared) -> tuple[str, int]:
    try:
        own = own_of(declared)
        return statements.statement_of(own.get("query")), _rows(own)
    except Misdeclared as error:
        raise ToolFailed(f"{declared.name}: {error}", retry=False) from None


def _rows(own: Mapping[str, Any]) -> int:
    rows = own.get("rows", ROWS)
    if not isinstance(rows, int) or isinstance(rows, bool) or not 1 <= rows <= MOST_ROWS:
        raise Misdeclared(_("It reads 1 to %(most)d rows.") % {"most": MOST_ROWS})
    return rows


def _bounded(found: Generator[tuple[Sequence[str], Sequence[Any]]], most: int, largest: int) -> dict[str, Any]:
    """The rows that fit; `more` says whether there are others."""
    rows, size = list[dict[str, Any]](), 0
    for names, values in found:
        if len(set(names)) != len(names):
            raise ToolFailed(_("Two columns of the answer have one name. Name them apart in the query."), retry=False)
        row = {name: _plain(value) for name, value in zip(names, values, strict=True)}
        size += len(json.dumps(row, ensure_ascii=False).encode(errors="replace"))
        if len(rows) >= most or size > largest:
            return {"rows": clean(rows)[0], "count": len(rows), "more": True}
        rows.append(row)
    return {"rows": clean(rows)[0], "count": len(rows), "more": False}


def _plain(value: Any) -> Any:
    """A value of a database as JSON has it: what would lose anything by that becomes a text."""
    match value:
        case None | bool() | str():
            return value
        case int():
            return value if abs(value) <= SAFE else str(value)
        case float():
            return value if math.isfinite(value) else str(value)
        case Decimal() | UUID() | timedelta():
            return str(value)
        case datetime() | date() | time():
            return value.isoformat()
        case bytes() | memoryview():
            return _("(%(bytes)d bytes)") % {"bytes": len(value)}
        case dict():
            return {str(name): _plain(one) for name, one in value.items()}
        case list() | tuple():
            return [_plain(one) for one in value]
        case _:
            return str(value)
