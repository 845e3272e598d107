"""The catalog of models and tools: rows for whatever there is here, and a quick look at what is switched off."""

import time
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from audit import hot
from audit.actors import CLOCK, Actor
from audit.ledger import record
from audit.moves import begin, move
from audit.ticks import tick
from orchestration import providers, tools
from orchestration.models import Model, Tool
from orchestration.models.catalog import Entry
from orchestration.states import CatalogStatus

OFF = """
SELECT 'model:' || name FROM orchestration_model WHERE status = 'off'
UNION ALL SELECT 'tool:' || name FROM orchestration_tool WHERE status = 'off'
"""
KEPT = 1.0  # seconds that what is off is remembered
BRINGING = 0x43415441  # advisory lock of those who bring the rows in line
KEYS = {  # the variables in which litellm looks for the keys of the commonest providers
    "anthropic": "ANTHROPIC_API_KEY",
    "gemini": "GEMINI_API_KEY",
    "groq": "GROQ_API_KEY",
    "mistral": "MISTRAL_API_KEY",
    "openai": "OPENAI_API_KEY",
    "openrouter": "OPENROUTER_API_KEY",
}

_off: frozenset[str] = frozenset()
_looked = float("-inf")


def look() -> None:
    """See what is off, unless that was seen a moment ago."""
    global _off, _looked
    if time.monotonic() - _looked > KEPT:
        _off = frozenset(name for (name,) in hot.rows(OFF))
        _looked = time.monotonic()


def forget() -> None:
    """Look again at the next chance."""
    global _off, _looked
    _off, _looked = frozenset(), float("-inf")


def is_off(kind: str, name: str) -> bool:
    """Whether a model or tool was off at the last look. Asks no database."""
    return f"{kind}:{name}" in _off


def refusal(act: Mapping[str, Any]) -> str | None:
    """Why an act must not be done: what it calls is switched off."""
    called = [("tool", str(reference).partition("@")[0]) for reference in _tools(act)]
    if isinstance(act.get("model"), str):
        called.append(("model", act["model"]))
    found = next(((kind, name) for kind, name in called if is_off(kind, name)), None)
    return told_off(*found) if found else None


def told_off(kind: str, name: str) -> str:
    """The sentence that something is off."""
    return f"The {kind} {name} is switched off here."


def _tools(act: Mapping[str, Any]) -> Iterable[Any]:
    named = act.get("tools")
    return [*([act["tool"]] if "tool" in act else []), *(named if isinstance(named, list) else [])]


@transaction.atomic
def switch(entry: Entry, to: CatalogStatus, *, actor: Actor) -> None:
    """Let steps use a model or tool, or stop that. What is being called now is not interrupted."""
    move(entry, to, actor=actor)
    forget()
    transaction.on_commit(forget)


@tick("catalog", every=60)
def keep_in_line() -> None:
    """What the clock does: a house's new tools, and a model that was named since, get their rows."""
    bring_in_line(actor=CLOCK)


@transaction.atomic
def bring_in_line(*, actor: Actor) -> int:
    """Rows for every model and tool that there is here; what a tool's code says of it follows the code.

    Returns how many were made or changed. What was switched off stays off, and no row goes.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [BRINGING])
    models, known = {row.name: row for row in Model.objects.all()}, {row.name: row for row in Tool.objects.all()}
    made: list[Entry] = [Model(name=name, **said) for name, said in _models().items() if name not in models]
    made += [Tool(name=name, **said) for name, said in _said().items() if name not in known]
    for row in made:
        begin(row, actor=actor)
    changed = [(known[name], said) for name, said in _said().items() if name in known and _unlike(known[name], said)]
    for row, said in changed:
        was = {name: getattr(row, name) for name in said}
        Tool.objects.filter(pk=row.pk).update(**said)
        record("tool.changed", row, actor=actor, body={"was": was, "now": said})
    return len(made) + len(changed)


def _unlike(row: Tool, said: dict[str, Any]) -> bool:
    return any(getattr(row, name) != value for name, value in said.items())


def _models() -> dict[str, dict[str, str]]:
    """The built-in models, and the one that `HANDRAIL_MODEL` names."""
    built_in = {f"handrail/{name}": {"title": name.capitalize()} for name in providers.names()}
    named = settings.HANDRAIL_MODEL
    if not named or named in built_in:
        return built_in
    variable = KEYS.get(named.partition("/")[0])
    return {**built_in, named: {"title": named[:120], "secret": f"env:{variable}" if variable else ""}}


def _said() -> dict[str, dict[str, Any]]:
    """What each tool's code says of it."""
    return {
        name: {
            "title": tool.title[:120],
            "version": tool.version,
            "effect": tool.effect,
            "leaves_house": tool.leaves_house,
        }
        for name, tool in tools.TOOLS.items()
    }
