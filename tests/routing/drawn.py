"""A decision between six models, as rows: three fell at a filter, and the first call met a busy server."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from audit.actors import COMMAND
from audit.clock_time import now
from audit.grants import grant
from audit.ledger import record
from orchestration.models import Attempt, ModelFigure, RoutingDecision, StepRun
from orchestration.routing import keeping, sentences
from orchestration.routing.asked import Asked, Classed, Figure, Seen
from orchestration.routing.candidates import Candidate, Snapshot
from orchestration.routing.deciding import decide
from orchestration.routing.policy import Policy, Weights
from orchestration.routing.route import Called, Route
from tests.cast import Cast
from tests.pages.rows import Sheet, spec

ALL = frozenset({"minimal", "limited", "high"})
GERMAN = frozenset({"de", "en"})


def model(name: str, title: str, quality: float, prices: tuple[str, str], **more: object) -> Candidate:
    """A model of the drawn catalog."""
    usual = Candidate(
        name,
        title,
        route=f"openai/{name}",
        region="eu",
        ceiling="personal",
        capabilities=frozenset({"schema", "tools"}),
        languages=GERMAN,
        context=128_000,
        tiers=ALL,
        quality=quality,
        price_in=Decimal(prices[0]),
        price_out=Decimal(prices[1]),
    )
    return replace(usual, **more)  # type: ignore[arg-type]


CATALOG = Snapshot(
    (
        model("atlas-xl", "Meridian", 0.95, ("30", "110"), region="us", context=400_000),
        model("large-2026-09", "Aster", 0.9, ("4", "26"), context=200_000),
        model("local-70b", "Own machine", 0.52, ("0.5", "2"), ceiling="special", region="own", context=32_000),
        model("medium-2026-07", "Aster", 0.71, ("1.6", "9")),
        model("nova-preview", "Meridian", 0.7, ("1", "8"), status="proposed", ceiling="public", context=64_000),
        model("scribe-1", "Quill", 0.6, ("0.6", "3"), ceiling="internal", context=4_000),
    )
)
ASKED = Asked(
    Policy(
        needs=("schema",),
        languages=("de",),
        regions=("eu", "own"),
        weights=Weights(0.8, 0.1, 0.1),
        most=Decimal("0.20"),
    ),
    Classed("personal", ("declared", "found:email")),
    "limited",
    6000,
    1040,
)
SEEN = Seen(
    cooling={"scribe-1": 38.0},
    figures={
        "large-2026-09": Figure(200, 180, 166, 8.0, 14.0, 520.0, Decimal("0.038")),
        "medium-2026-07": Figure(120, 110, 78, 5.0, 9.0, 480.0, Decimal("0.015")),
        "local-70b": Figure(60, 50, 26, 12.0, 24.0, 510.0, Decimal("0.004")),
    },
)


@transaction.atomic
def draw(cast: Cast) -> tuple[RoutingDecision, StepRun]:
    """The decision of a step that is done; and a step that no model may do."""
    step = spec(
        "draft", "model", name="Draft letter", model="any", prompt="Write it.", limits={"seconds": 30, "tries": 2}
    )
    sheet = Sheet(cast, [step, spec("send", tool="email.send")], "letters")
    workflow = sheet.version.workflow
    workflow.name, workflow.current = "Letters", sheet.version
    workflow.save()
    for group in ("reviewer", "admin", "manager"):
        grant("view_workflow", cast.groups[group], workflow, actor=COMMAND)
    grant("manage_workflow", cast.groups["admin"], workflow, actor=COMMAND)
    for name, figure in SEEN.figures.items():
        told: dict[str, Any] = {
            "runs": figure.runs,
            "measured": figure.measured,
            "met": figure.met,
            "cost": figure.cost,
        }
        one = [8000, 520, str(figure.cost)]  # the clock counts on from these
        told["recent"] = [[*one, number < figure.met] for number in range(figure.measured)]
        times = {"p50": figure.p50, "p95": figure.p95, "tokens_out": figure.tokens_out}
        ModelFigure.objects.get_or_create(workflow=workflow, step="draft", model=name, defaults={**told, **times})
    return _done(sheet), _nobody(sheet)


def _done(sheet: Sheet) -> RoutingDecision:
    held = sheet.began(sheet.run(title="A letter to M. Haas"), "draft", claimed_at=now() - timedelta(minutes=4))
    calls = [
        Called("large-2026-09", "busy", "The provider is busy (429).", 5000),
        Called("large-2026-09", "", "", 9300, 6212, 488, Decimal("0.037536"), "large-2026-09-preview"),
    ]
    asked = replace(ASKED, today=now().date())
    route = Route(asked, CATALOG, SEEN, decide(asked, CATALOG, SEEN), calls=calls, answered="large-2026-09")
    ended = now() - timedelta(minutes=3)
    Attempt.objects.create(
        step_run=held, fence=1, worker="drawer", ended_at=ended, result="done", model="large-2026-09", tokens_in=6212,
        tokens_out=488, cost=calls[1].cost,
    )  # fmt: skip
    return _kept(held, route, "steprun.done")


def _nobody(sheet: Sheet) -> StepRun:
    asked = replace(ASKED, data=Classed("special", ("declared", "found:national_id")))
    catalog = Snapshot(CATALOG.models[:2])
    route = Route(asked, catalog, Seen(), decide(asked, catalog, Seen()))
    told = sentences.nobody(route.decided)
    question = {"step": "draft", "act": {}, "unknown": told, "nobody": True}
    waits = {"awaits": "outcome", "waiting_since": now(), "question": question}
    held = sheet.began(sheet.run(title="A letter to J. Falk"), "draft", "waiting", **waits)
    Attempt.objects.create(step_run=held, fence=1, worker="drawer", ended_at=now(), result="waiting")
    _kept(held, route, "steprun.waiting")
    return held


def _kept(held: StepRun, route: Route, kind: str) -> RoutingDecision:
    row = keeping.row(held, route)
    keeping.forget()
    keeping.keep_catalogs([route])
    row.save()
    record(kind, held, actor=COMMAND, body={"routing": row.hash})
    return row
