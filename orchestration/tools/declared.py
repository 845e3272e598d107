"""Tools that other systems declare, as plain values: the catalog's rows as they stood a second ago at the most.

The database is asked by whoever may ask it: pages, and the worker's main thread (with the catalog's own look). Event
loops and the threads in which calls are made go by the last look.
"""

import asyncio
import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from audit import hot
from orchestration.models import Connection
from orchestration.models import Tool as Row
from orchestration.states import ToolEffect, ToolKind
from orchestration.tools import kinds
from orchestration.tools.asking import NOTHING, Told
from orchestration.tools.tool import Tool

KEPT = 1.0  # seconds that a look is good for
SECONDS = 60.0  # that a call may take, where nobody says otherwise
RESULT_BYTES = 1024 * 1024  # that a result may have, likewise
# Changes whenever something of a declared tool or of its connection does.
STAMP = """
SELECT coalesce(md5(string_agg(concat_ws('|', t.id, t.name, t.title, md5(t.purpose), t.status, t.version, t.fingerprint,
    t.effect, t.leaves_house, t.repeatability, t.for_all, t.seconds, t.result_bytes, t.undo_id, t.undo_with::text, c.id,
    c.name, c.status, c.address, c.secret, c.private, c.command, array_to_string(c.methods, ','), c.headers::text,
    c.options::text), '/' ORDER BY t.id)), '') FROM orchestration_tool t
JOIN orchestration_connection c ON c.id = t.connection_id
"""


@dataclass(frozen=True, slots=True)
class Reach:
    """How a connection is reached. A header's value stands here only where it is no secret."""

    pk: int
    name: str
    kind: str
    address: str = ""
    methods: tuple[str, ...] = ()
    headers: tuple[tuple[str, str, str], ...] = ()  # name, value, reference to a secret
    secret: str = ""
    private: bool = False
    command: str = ""
    options: Mapping[str, Any] = MappingProxyType({})

    @property
    def host(self) -> str:
        """Where its calls go, for people; "" where it has no address."""
        return urlsplit(self.address).hostname or ""

    @property
    def mark(self) -> str:
        """The same as long as nothing of it changes."""
        said = (self.address, self.methods, self.headers, self.secret, self.private, self.command, self.options)
        return f"{self.pk} {said!r}"


@dataclass(frozen=True, slots=True)
class Declared:
    """A tool as a connection declares it, and what people say of it."""

    name: str
    reach: Reach
    said: Mapping[str, Any]
    fingerprint: str
    effect: str
    leaves_house: bool
    repeatability: str
    seconds: float
    result_bytes: int

    @property
    def there(self) -> str:
        """What it is called where it lives."""
        return str(self.said["name"])


def reach_of(row: Connection) -> Reach:
    """A connection as plain values."""
    headers = tuple((str(one["name"]), str(one.get("value", "")), str(one.get("secret", ""))) for one in row.headers)
    return Reach(
        row.pk,
        row.name,
        row.kind,
        row.address,
        tuple(row.methods),
        headers,
        row.secret,
        row.private,
        row.command,
        row.options,
    )


def of_row(row: Row) -> Declared:
    """A row as a declared tool."""
    assert row.connection is not None
    return Declared(
        row.name,
        reach_of(row.connection),
        row.declaration,
        row.fingerprint,
        row.effect,
        row.leaves_house,
        row.repeatability,
        float(row.seconds or SECONDS),
        row.result_bytes or RESULT_BYTES,
    )


def tool_of(row: Row) -> Tool:
    """A row as a tool that steps may call."""
    one = of_row(row)
    return Tool(
        row.name,
        row.version,
        row.title or row.name,
        row.effect,
        row.leaves_house,
        one.said.get("arguments") or {"type": "object"},
        call=partial(_call, one),
        effects=partial(_effects, one),
        repeats=lambda: one.repeatability,
        purpose=row.purpose or str(one.said.get("description") or ""),
        for_all=row.for_all,
        undo=row.undo.name if row.undo is not None else "",
        undo_with=row.undo_with,
        may_pause=one.reach.kind == ToolKind.MCP,
        untrusted=True,
        target=_target(one),
    )


def _target(one: Declared) -> dict[str, str]:
    """Where a call goes, and a seal over all that it depends on: what is approved for one is done with no other."""
    reach = one.reach
    reached = (reach.pk, reach.kind, reach.address, reach.methods, reach.headers, reach.secret, reach.private)
    said = (reached, reach.command, dict(reach.options), one.name, one.fingerprint, dict(one.said))
    text = json.dumps((said, one.effect, one.leaves_house, one.repeatability), sort_keys=True)
    return {"connection": reach.name, "host": reach.host, "seal": hashlib.sha256(text.encode()).hexdigest()}


def _call(one: Declared, arguments: dict[str, Any], key: str, told: Told = NOTHING) -> dict[str, Any]:
    if one.reach.kind == ToolKind.MCP:
        return dict(kinds.module_of(one.reach.kind).call(one, arguments, key, told))
    return dict(kinds.module_of(one.reach.kind).call(one, arguments, key))


def _effects(one: Declared, arguments: dict[str, Any]) -> list[str]:
    """What a call does, for the person who approves it: what people said of the tool, not what it says of itself."""
    told = {"name": one.there, "connection": one.reach.name, "host": one.reach.host}
    found = [
        _("It calls %(name)s of %(connection)s at %(host)s.") % told
        if one.reach.host
        else _("It calls %(name)s of %(connection)s.") % told
    ]
    if one.effect == ToolEffect.WRITE:
        found.append(_("It changes something there."))
    elif one.effect == ToolEffect.DESTRUCTIVE:
        found.append(_("It may destroy something there."))
    if one.leaves_house:
        found.append(_("Others outside the house see it."))
    more = getattr(kinds.module_of(one.reach.kind), "effects", None)
    return [*found, *(more(one, arguments) if more else [])]


_tools: Mapping[str, Tool] = {}
_stamp: str | None = None
_looked = float("-inf")


def current() -> Mapping[str, Tool]:
    """The tools by name, as of a second ago; of the last look where the database may not be asked."""
    if time.monotonic() - _looked > KEPT and not _on_a_loop():
        ((stamp,),) = hot.rows(STAMP)
        refresh(str(stamp))
    return _tools


def known() -> Mapping[str, Tool]:
    """The tools of the last look, without a new one."""
    return _tools


def refresh(stamp: str) -> None:
    """Take over what somebody has just seen: rows are read only where the stamp is another."""
    global _tools, _stamp, _looked
    if stamp != _stamp:
        rows = Row.objects.exclude(kind=ToolKind.BUILT_IN).select_related("connection", "undo").order_by("name")
        _tools = {row.name: tool_of(row) for row in rows} if stamp else {}
    _stamp, _looked = stamp, time.monotonic()


def forget() -> None:
    """Look again at the next chance."""
    global _stamp, _looked
    _stamp, _looked = None, float("-inf")


def _on_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
