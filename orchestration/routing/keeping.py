"""The record of a decision: one row a try, written with it and never changed, and the catalog that it saw."""

import json
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import translation

from audit.canonical import digest
from orchestration.models import RoutingDecision, StepRun
from orchestration.routing import sentences
from orchestration.routing.asked import Asked, Figure, Seen
from orchestration.routing.candidates import Snapshot
from orchestration.routing.route import Route
from orchestration.routing.scores import Scored

KEEP = "INSERT INTO orchestration_catalogstate (hash, facts) VALUES (%s, %s::jsonb) ON CONFLICT (hash) DO NOTHING"

_kept: set[str] = set()


def row(held: StepRun, route: Route) -> RoutingDecision:
    """The row of a try's decision, not yet saved."""
    with translation.override(settings.LANGUAGE_CODE):  # what is kept is not in the language of one reader
        why = sentences.why(route.asked.policy, route.decided)
    made = RoutingDecision(
        step_run=held,
        fence=held.fence,
        mode=route.mode,
        chosen=route.decided.chosen,
        answered=route.answered,
        why=why,
        catalog=route.snapshot.hash,
        rules=route.rules,
        asked=asked(route.asked),
        seen=seen(route.seen),
        ranked=[_scored(one) for one in route.decided.ranked],
        fell=[[name, [list(one) for one in fell]] for name, fell in route.decided.fell]
        + [[name, [["not_in_catalog", "", ""]]] for name in route.decided.unknown],
        calls=[called.told() for called in route.calls],
    )
    made.hash = route.hash = digest(made.told())
    return made


def keep_catalogs(routes: Sequence[Route]) -> None:
    """Keep the states of the catalog that these decisions saw, in the caller's transaction; once each."""
    new: dict[str, Snapshot] = {}
    for route in routes:
        if route.snapshot.hash not in _kept:
            new[route.snapshot.hash] = route.snapshot
    for fingerprint, snapshot in new.items():  # as good as always none
        with connection.cursor() as cursor:
            cursor.execute(KEEP, [fingerprint, json.dumps(snapshot.facts)])
        transaction.on_commit(lambda known=fingerprint: _kept.add(known))  # type: ignore[misc]


def forget() -> None:
    """Know of no state that is kept."""
    _kept.clear()


def asked(one: Asked) -> dict[str, Any]:
    """What a call needed, as JSON."""
    policy = one.policy
    pairs: dict[str, Any] = {
        "named": policy.named,
        "among": list(policy.among),
        "tags": list(policy.tags),
        "needs": sorted({*policy.needs, *one.needs}),
        "languages": list(policy.languages),
        "regions": list(policy.regions),
        "most": str(policy.most) if policy.most is not None else "",
    }
    return {
        **{name: value for name, value in pairs.items() if value},
        "weights": [policy.weights.quality, policy.weights.cost, policy.weights.speed],
        "data": one.data.name,
        "sources": list(one.data.sources),
        "risk": one.risk,
        "tokens_in": one.tokens_in,
        "output": one.output,
        "today": one.today.isoformat() if one.today else "",
    }


def seen(one: Seen) -> dict[str, Any]:
    """How things stood, as JSON: only what was not as usual."""
    pairs: dict[str, Any] = {
        "cooling": {name: round(wait, 1) for name, wait in one.cooling.items()},
        "months": {name: str(left) for name, left in one.months.items()},
        "figures": {name: _figure(figure) for name, figure in one.figures.items()},
        "busy": dict(one.busy),
        "refused": dict(one.refused),
        "keyless": dict(one.keyless),
        "left": str(one.left) if one.left is not None else "",
    }
    return {name: value for name, value in pairs.items() if value}


def _figure(one: Figure) -> list[Any]:
    return [one.runs, one.measured, one.met, one.p50, one.p95, one.tokens_out, str(one.cost or 0)]


def _scored(one: Scored) -> list[Any]:
    return [*one[:5], str(one.cost) if one.cost is not None else None, one.own]
