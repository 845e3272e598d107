"""Rows for whatever models and tools there are here, in line with what the code says of them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from audit.actors import CLOCK, Actor
from audit.ledger import record
from audit.moves import begin
from audit.ticks import tick
from orchestration import credentials, providers, tools
from orchestration.models import KeptKey, Model, Tool
from orchestration.models.catalog import BUILT_IN, Entry
from orchestration.states import DataClass, ModelStatus, RiskTier, ToolKind, ToolStatus

BRINGING = 0x43415441  # advisory lock of those who bring the rows in line
MILLION = 1_000_000
BATCH = 500
KEYS = {  # the variables in which litellm looks for the keys of the commonest providers
    "anthropic": "ANTHROPIC_API_KEY",
    "gemini": "GEMINI_API_KEY",
    "groq": "GROQ_API_KEY",
    "mistral": "MISTRAL_API_KEY",
    "openai": "OPENAI_API_KEY",
    "openrouter": "OPENROUTER_API_KEY",
}


@tick("catalog", every=60)
def keep_in_line() -> None:
    """What the clock does: new tools, and a model that was named since, get their rows; kept keys a new lock."""
    bring_in_line(actor=CLOCK)
    _renew_keys()


@transaction.atomic
def bring_in_line(*, actor: Actor) -> int:
    """Rows for every model and tool that there is here; what a tool's code says of it follows the code.

    Returns how many were made or changed. What was switched off stays off, and no row goes.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [BRINGING])
    models, known = {row.name: row for row in Model.objects.all()}, {row.name: row for row in Tool.objects.all()}
    made: list[Entry] = [_approved(name, said) for name, said in _models().items() if name not in models]
    made += [_built_in(name, said) for name, said in _said().items() if name not in known]
    for row in made:
        begin(row, actor=actor)
    changed = _changed(known, _said(), actor) + _changed(models, _prices(), actor)
    return len(made) + changed


def _approved(name: str, said: dict[str, Any]) -> Model:
    """What the code brings along, and what the host was started with, needs no second person here."""
    row = Model(name=name, status=ModelStatus.APPROVED, tiers=list(RiskTier.values), **said)
    row.approved_hash = row.content_hash
    return row


def _built_in(name: str, said: dict[str, Any]) -> Tool:
    """What lives in this process may be used by everybody, until somebody says otherwise."""
    return Tool(name=name, status=ToolStatus.APPROVED, kind=ToolKind.BUILT_IN, for_all=True, **said)


def _changed(rows: Mapping[str, Any], said: dict[str, dict[str, Any]], actor: Actor) -> int:
    """Let rows follow what code says of them."""
    unlike = [(rows[name], now) for name, now in said.items() if name in rows and _unlike(rows[name], now)]
    for row, now in unlike:
        was = {name: getattr(row, name) for name in now}
        type(row)._base_manager.filter(pk=row.pk).update(**now)
        body = {"was": _plain(was), "now": _plain(now)}
        record("tool.changed" if isinstance(row, Tool) else "model.changed", row, actor=actor, body=body)
    return len(unlike)


def _unlike(row: Entry, said: dict[str, Any]) -> bool:
    return any(getattr(row, name) != value for name, value in said.items())


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in values.items()}


def _models() -> dict[str, dict[str, Any]]:
    """The built-in models, and the one that `HANDRAIL_MODEL` names."""
    own: dict[str, Any] = {"ceiling": DataClass.SPECIAL, "region": "own", "retention_days": 0}
    priced = _prices()
    built_in = {
        f"{BUILT_IN}{name}": {"title": name.capitalize(), **own, **priced[f"{BUILT_IN}{name}"]}
        for name in providers.names()
    }
    named = settings.HANDRAIL_MODEL
    if not named or named in built_in:
        return built_in
    variable = KEYS.get(named.partition("/")[0])
    secret = f"env:{variable}" if variable else ""
    return {**built_in, named: {"title": named[:120], "secret": secret, "ceiling": DataClass.PERSONAL}}


def _prices() -> dict[str, dict[str, Any]]:
    """What built-in models say that they cost, in USD a million tokens."""
    found = {}
    for name in providers.names():
        price = providers.PROVIDERS[name].price
        found[f"{BUILT_IN}{name}"] = {"price_in": _million(price.input), "price_out": _million(price.output)}
    return found


def _million(each: float) -> Decimal:
    return (Decimal(str(each)) * MILLION).quantize(Decimal("0.000001"))


def _said() -> dict[str, dict[str, Any]]:
    """What each tool's code says of it."""
    return {
        name: {
            "title": tool.title[:120],
            "version": tool.version,
            "effect": tool.effect,
            "leaves_house": tool.leaves_house,
            "repeatability": tool.repeatability,
        }
        for name, tool in tools.TOOLS.load().items()
    }


@transaction.atomic
def _renew_keys() -> None:
    """After another secret key was given to Handrail: what stands under the old one goes under the new."""
    for row in KeptKey.objects.select_for_update(skip_locked=True)[:BATCH]:
        if (closed := credentials.renewed(row.closed)) is not None:
            KeptKey.objects.filter(pk=row.pk).update(closed=closed)
