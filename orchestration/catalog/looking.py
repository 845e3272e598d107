"""A quick look at what must not be called, at kept keys and declared tools: one statement a second, whatever comes."""

import time
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings

from audit import hot
from orchestration import credentials
from orchestration.models.catalog import ENDED, UNCONNECTED
from orchestration.states import ModelStatus, ToolStatus
from orchestration.tools import declared, permitted

LOOK = f"""
SELECT 'model:' || name, CASE WHEN status = 'approved' THEN '{ENDED}' ELSE status END FROM orchestration_model
WHERE status <> 'approved' OR approved_until < (handrail_now() AT TIME ZONE %s::text)::date
UNION ALL SELECT 'tool:' || name, status FROM orchestration_tool WHERE status <> 'approved'
UNION ALL SELECT 'tool:' || t.name, '{UNCONNECTED}' FROM orchestration_tool t
JOIN orchestration_connection c ON c.id = t.connection_id WHERE t.status = 'approved' AND c.status <> 'approved'
UNION ALL SELECT 'agent:' || name, status FROM orchestration_agent WHERE status <> 'approved'
UNION ALL SELECT 'kept:' || name, closed FROM orchestration_keptkey
UNION ALL SELECT 'minute:' || name, per_minute::text FROM orchestration_tool WHERE per_minute IS NOT NULL
UNION ALL SELECT 'stamp:', ({declared.STAMP})
"""  # noqa: S608
KEPT = 1.0  # seconds that it is remembered
TOLD = {
    ToolStatus.OFF: "is switched off here",
    ModelStatus.PROPOSED: "is not approved here",
    ModelStatus.SUSPENDED: "is suspended here",
    ModelStatus.RETIRED: "is retired here",
    ENDED: "is approved no longer: its time is over",
    ToolStatus.CHANGED: "is declared otherwise than it was approved, so it is not called",
    UNCONNECTED: "is behind a connection that is not approved here",
}

_off: dict[str, str] = {}  # why, by kind and name
_minutes: dict[str, int] = {}  # calls in a minute, of tools that have such a limit
_looked = float("-inf")
_times = 0


def look(kept: float = KEPT) -> None:
    """See what is off, unless that was seen less than `kept` seconds ago."""
    global _off, _minutes, _looked
    if time.monotonic() - _looked > kept:
        seen = {str(name): str(said) for name, said in hot.rows(LOOK, [settings.TIME_ZONE])}
        credentials.remember({name[5:]: closed for name, closed in seen.items() if name.startswith("kept:")})
        declared.refresh(seen.pop("stamp:"))
        _minutes = {name[7:]: int(most) for name, most in seen.items() if name.startswith("minute:")}
        _off = {name: why for name, why in seen.items() if not name.startswith(("kept:", "minute:"))}
        _looked = time.monotonic()


def forget() -> None:
    """Look again at the next chance."""
    global _off, _minutes, _looked, _times
    _off, _minutes, _looked, _times = {}, {}, float("-inf"), _times + 1
    credentials.forget()
    declared.forget()
    permitted.forget()


def forgotten() -> int:
    """How often it was forgotten here: what else remembers the catalog forgets with it."""
    return _times


def is_off(kind: str, name: str) -> bool:
    """Whether a model or tool was off at the last look. Asks no database."""
    return f"{kind}:{name}" in _off


def why_off(kind: str, name: str) -> str:
    """Why it was off at the last look: a status, or that its approval has ended; "" where it was not."""
    return _off.get(f"{kind}:{name}", "")


def per_minute(tool: str) -> int | None:
    """How many calls of a tool may begin in a minute, as of the last look; None: as many as come."""
    return _minutes.get(tool)


def refusal(act: Mapping[str, Any]) -> str | None:
    """Why an act must not be done: what it calls is off."""
    called = [("tool", str(reference).partition("@")[0]) for reference in _tools(act)]
    if isinstance(act.get("model"), str):
        called.append(("model", act["model"]))
    found = next(((kind, name) for kind, name in called if is_off(kind, name)), None)
    return told_off(*found) if found else None


def told_off(kind: str, name: str) -> str:
    """The sentence that something is off, and how."""
    return f"The {kind} {name} {TOLD.get(why_off(kind, name), TOLD[ToolStatus.OFF])}."


def _tools(act: Mapping[str, Any]) -> Iterable[Any]:
    named = act.get("tools")
    return [*([act["tool"]] if "tool" in act else []), *(named if isinstance(named, list) else [])]
