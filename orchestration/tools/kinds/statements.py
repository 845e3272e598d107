"""The one statement of a tool of kind sql: it reads, and its parameters are bound, never written into it.

Parameters are named as in `SELECT * FROM orders WHERE customer = :customer`.
"""

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from orchestration.tools.kinds.shapes import Misdeclared

LONGEST = 20_000  # characters
READS = re.compile(r"\s*(select|with|values|table)\b", re.IGNORECASE)
PART = re.compile(
    r"""(?P<other>'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$|--[^\n]*|/\*.*?\*/|::)"""
    r"""|:(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<end>;)""",
    re.DOTALL,
)


def statement_of(query: object) -> str:
    """The query, where it is one that reads. Raises `Misdeclared`."""
    if not isinstance(query, str) or len(query) > LONGEST or "\x00" in query:
        raise Misdeclared(_("It names no query, or one that is too long."))
    query = query.strip().removesuffix(";").strip()
    if not READS.match(_without_comments(query)):
        raise Misdeclared(_("Its query must begin with SELECT, WITH, VALUES or TABLE: it may only read."))
    if any(found["end"] for found in PART.finditer(query)):
        raise Misdeclared(_("Its query is more than one statement."))
    return query


def names_of(query: str) -> set[str]:
    """The parameters of a query."""
    return {found["name"] for found in PART.finditer(query) if found["name"]}


def for_psycopg(query: str) -> str:
    """The query as psycopg binds it."""
    return "".join(_pieces(query))


def _pieces(query: str) -> Iterator[str]:
    last = 0
    for found in PART.finditer(query):
        if found["name"]:
            yield query[last : found.start()].replace("%", "%%")
            yield f"%({found['name']})s"
            last = found.end()
    yield query[last:].replace("%", "%%")


def _without_comments(query: str) -> str:
    return re.sub(r"\A(\s|--[^\n]*(\n|\Z)|/\*.*?\*/)*", "", query, flags=re.DOTALL)
