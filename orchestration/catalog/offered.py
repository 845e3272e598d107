"""What a server offers, taken into the catalog: new tools are proposals, and none is on by that.

A tool that is declared otherwise than it was signed is called no more, until somebody has looked at the difference.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from queue import Empty
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from audit.actors import WORKER, Actor
from audit.clock_time import now
from audit.moves import Batch
from orchestration import callables, tools
from orchestration.catalog.looking import forget
from orchestration.models import Connection, Tool
from orchestration.states import ToolStatus
from orchestration.tools.mcp import calling
from orchestration.tools.mcp.calling import Listed
from orchestration.tools.mcp.declaring import LARGEST, MOST, fingerprint
from orchestration.tools.mcp.results import size_of

LONGEST = 120  # characters of a name
GONE: dict[str, Any] = {}  # what is offered in the place of a tool that is offered no more
STOPS = (ToolStatus.APPROVED, ToolStatus.OFF)


@dataclass(slots=True)
class Taken:
    """What came of a listing: names of tools, and of what was refused the reason."""

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)

    @property
    def trouble(self) -> str:
        """What was refused, in sentences."""
        return "\n".join(f"{name[:80]}: {told}" for name, told in self.refused)


def look_after() -> None:
    """Take in what calls of this process have noticed. For the worker's main thread."""
    while True:
        try:
            listed = calling.noticed.get_nowait()
        except Empty:
            return
        try:
            take_up(listed)
        except Exception:
            calling.noticed.put(listed)
            raise


@transaction.atomic
def take_up(listed: Listed, *, actor: Actor = WORKER, whole: bool = True) -> Taken:
    """Bring the rows of a connection in line with what its server says now. The first of two alike is taken.

    Unless that is the `whole` of it, tools that it does not speak of stay as they are.
    """
    connection = Connection.objects.select_for_update(of=("self",)).filter(pk=listed.reach.pk).first()
    taken = Taken()
    if connection is None:
        return taken
    rows = {str(row.declaration.get("name")): row for row in connection.tools.select_for_update(of=("self",))}
    names = {callables.spelled(name) for name in [*tools.TOOLS.load(), *Tool.objects.values_list("name", flat=True)]}
    for doubled in listed.doubled:
        taken.refused.append((doubled, _("The server gives this name to two tools; the first one counts.")))
    batch = Batch()
    for there, said in list(listed.offered.items())[:MOST]:
        if there in rows:
            _compared(rows[there], said, taken, batch, actor)
        elif (row := _new(connection, said, names, taken)) is not None:
            body = {"fingerprint": row.fingerprint, "connection": connection.name}
            batch.begin(row, actor=actor, body=body)
    for there, row in rows.items():
        if whole and there not in listed.offered:
            _compared(row, GONE, taken, batch, actor)
    batch.write()
    Connection.objects.filter(pk=connection.pk).update(looked_at=now(), trouble=taken.trouble)
    forget()
    transaction.on_commit(forget)
    return taken


def _new(connection: Connection, said: dict[str, Any], names: set[str], taken: Taken) -> Tool | None:
    """The row of a tool that was not known, not yet saved; None where it is refused."""
    name = f"{connection.name}.{re.sub(r'[^A-Za-z0-9_-]', '_', said['name'])}"
    if told := unusable(said, name):
        taken.refused.append((said["name"], told))
        return None
    if (spelled := callables.spelled(name)) in names:
        told = _("Another tool has this name, or one that models would take for it.")
        taken.refused.append((said["name"], told))
        return None
    names.add(spelled)
    taken.new.append(name)
    return Tool(
        name=name,
        title=(said.get("title") or said["name"])[:120],
        kind=connection.kind,
        connection=connection,
        owner=connection.owner,
        declaration=said,
        fingerprint=fingerprint(said),
    )


def _compared(row: Tool, said: dict[str, Any], taken: Taken, batch: Batch, actor: Actor) -> None:
    """A tool that is known already, beside what is declared of it now."""
    if said and fingerprint(said) == row.fingerprint:
        if row.offered is not None:
            Tool.objects.filter(pk=row.pk).update(offered=None)
            batch.record("tool.again", row, actor=actor, body={"fingerprint": row.fingerprint})
        return
    if row.offered == said:
        return
    (taken.changed if said else taken.gone).append(row.name)
    body = {"was": row.fingerprint, "now": fingerprint(said) if said else ""}
    if row.status in STOPS:
        batch.move(row, ToolStatus.CHANGED, actor=actor, told={"body": body, "wake": True}, offered=said)
        return
    batch.record("tool.declared", row, actor=actor, body=body)
    if said and not row.approved_hash and not unusable(said, row.name):
        now_said: Mapping[str, Any] = {"declaration": said, "fingerprint": fingerprint(said), "offered": None}
        Tool.objects.filter(pk=row.pk).update(**now_said, version=row.version + 1)
    else:
        Tool.objects.filter(pk=row.pk).update(offered=said)


def unusable(said: dict[str, Any], name: str) -> str:
    """Why a declaration cannot be used, in a sentence; ""."""
    if len(name) > LONGEST or not said["name"].isprintable():
        return _("Its name is too long, or cannot be shown.")
    if size_of(said) > LARGEST:
        return _("It says more of itself than is kept.")
    if not fingerprint(said):
        return _("It holds numbers that cannot be kept exactly.")
    for schema in (said.get("arguments"), said.get("result")):
        if schema is None:
            continue
        if not isinstance(schema, dict):
            return _("Its schema is none.")
        try:
            Draft202012Validator.check_schema(schema)
        except (SchemaError, RecursionError) as error:
            return _("Its schema is none: %s") % str(getattr(error, "message", error))[:200]
        if _leads_away(schema):
            return _("Its schema refers to something outside of it.")
    return ""


def _leads_away(part: Any) -> bool:
    if isinstance(part, dict):
        return any(
            (name in ("$ref", "$dynamicRef") and isinstance(value, str) and not value.startswith("#"))
            or _leads_away(value)
            for name, value in part.items()
        )
    return isinstance(part, list) and any(map(_leads_away, part))
