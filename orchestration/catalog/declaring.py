"""Tools that people write down: one by one, or all operations of an OpenAPI document. None is on by that."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from audit.actors import person
from audit.canonical import clean
from audit.models import User
from orchestration.catalog.changing import CannotChange, refuse_others
from orchestration.catalog.offered import Taken, take_up
from orchestration.models import Connection
from orchestration.states import ToolKind
from orchestration.tools import kinds
from orchestration.tools.declared import reach_of
from orchestration.tools.kinds import files, openapi, sources
from orchestration.tools.mcp.calling import Listed

LONGEST = 2_000_000  # characters of what is written
PARTS = {"name", "title", "description", "arguments", "result", "own"}

type Told = list[tuple[str, str]]  # names, each with why it is left out


def declare(connection: Connection, source: str, *, by: User) -> Taken:
    """Take tools in as proposals: of a document, or as they are written. Raises `CannotChange`, `NotAllowed`.

    A tool that is declared otherwise by it than it was signed is called no more, until somebody has looked.
    """
    refuse_others(by)
    if connection.kind == ToolKind.MCP:
        raise CannotChange([("source", _("An MCP server says itself what it offers. Ask it."))])
    if len(source) > LONGEST:
        raise CannotChange([("source", _("It has more than %d characters.") % LONGEST)])
    said, left_out = _read(connection.kind, source)
    fitting = {one["name"]: one for one in said if not _misfit(connection.kind, one, left_out)}
    if not fitting and left_out:
        raise CannotChange([("source", " ".join(f"{name[:80]}: {told}" for name, told in left_out[:5]))])
    if not fitting:
        raise CannotChange([("source", _("It declares no tool."))])
    doubled = [one["name"] for number, one in enumerate(said) if one["name"] in {two["name"] for two in said[:number]}]
    taken = take_up(Listed(reach_of(connection), fitting, tuple(doubled)), actor=person(by), whole=False)
    taken.refused += left_out
    return taken


def _read(kind: str, source: str) -> tuple[list[dict[str, Any]], Told]:
    """The declarations in a text, and what of it is left out."""
    if kind == ToolKind.FILES and not source.strip():
        return [dict(one) for one in files.DECLARATIONS.values()], []
    try:
        value = clean(sources.load(source))[0]
    except sources.Unreadable as error:
        raise CannotChange([("source", str(error))]) from None
    if kind == ToolKind.HTTP and isinstance(value, Mapping) and {"openapi", "swagger"} & set(value):
        try:
            found = openapi.read(source)
        except openapi.BadDocument as error:
            raise CannotChange([("source", str(error))]) from None
        return [draft.declaration for draft in found.drafts], list(found.left_out)
    return [_declaration(one) for one in (value if isinstance(value, list) else [value])], []


def _declaration(said: Any) -> dict[str, Any]:
    """One that was written, in the shape that all have; or `CannotChange`."""
    if not isinstance(said, Mapping) or not isinstance(said.get("name"), str) or not said["name"]:
        raise CannotChange([("source", _("Each tool is an object with a name, arguments (a JSON schema) and own."))])
    if strange := sorted(set(said) - PARTS):
        raise CannotChange([("source", _("%(name)s: it says %(what)s, which no tool does.") % _of(said, strange[0]))])
    if not isinstance(said.get("own"), Mapping):
        raise CannotChange([("source", _("%(name)s: own is missing, which says how it is called.") % _of(said))])
    return {
        "name": said["name"],
        "title": str(said.get("title") or ""),
        "description": str(said.get("description") or ""),
        "arguments": said.get("arguments") or {"type": "object"},
        "result": said.get("result"),
        "own": dict(said["own"]),
    }


def _of(said: Mapping[str, Any], what: str = "") -> dict[str, str]:
    return {"name": str(said["name"])[:80], "what": what[:80]}


def _misfit(kind: str, said: Mapping[str, Any], left_out: Told) -> str:
    """Why a declaration cannot be carried out by its kind; noted then."""
    schema = said["arguments"] if isinstance(said["arguments"], Mapping) else {}
    told = next(iter(kinds.module_of(kind).problems(said["own"], schema)), "")
    if told:
        left_out.append((str(said["name"]), told))
    return told
