"""A step that asks whichever model fits, and models between which it can choose: all answer as the scripted one."""

from decimal import Decimal
from typing import Any

from orchestration import catalog
from orchestration.models import Model, RoutingDecision, Run
from orchestration.routing import candidates, figures
from orchestration.states import RiskTier
from tests.cast import Cast, carry_out_all
from tests.flow.drawn import start, step

LARGE, SMALL, ABROAD, OPEN = "house/large", "house/small", "house/abroad", "house/open"
LETTER = {"type": "object", "required": ["subject", "body"], "properties": {"subject": {"type": "string"}}}
INPUT = {"type": "object", "required": ["letter"], "properties": {"letter": {"type": "string", "maxLength": 5000}}}


def models() -> None:
    """A good dear one, a cheap one, one in another region, and one that may see public data alone."""
    usual: dict[str, Any] = {
        "route": "handrail/scripted",
        "status": "approved",
        "tiers": RiskTier.values,
        "region": "eu",
        "ceiling": "personal",
        "context": 100_000,
    }
    rows = (
        {"name": LARGE, "title": "Large", "quality": 0.9, "price_in": Decimal(5), "price_out": Decimal(20)},
        {"name": SMALL, "title": "Small", "quality": 0.6, "price_in": Decimal("0.5"), "price_out": Decimal(2)},
        {
            "name": ABROAD,
            "title": "Abroad",
            "quality": 0.95,
            "region": "us",
            "price_in": Decimal(1),
            "price_out": Decimal(4),
        },
        {"name": OPEN, "title": "Open", "ceiling": "public", "price_in": Decimal("0.1"), "price_out": Decimal("0.1")},
    )
    Model.objects.bulk_create(Model(**{**usual, **row}) for row in rows)
    forget()


def forget() -> None:
    """Look at everything anew."""
    catalog.forget()
    candidates.forget()
    figures.forget()


def letter(**more: Any) -> dict[str, Any]:
    """The step."""
    routing = {
        "among": [LARGE, SMALL, ABROAD, OPEN],
        "regions": ["eu"],
        "weights": {"quality": 80, "cost": 10, "speed": 10},
    }
    usual = {"model": "any", "routing": routing, "prompt": "Answer the letter.", "input": {"letter": "input.letter"}}
    return step("letter", "model", **{**usual, "output": LETTER, **more})


def asked(cast: Cast, text: str = "Where is my card?", **more: Any) -> Run:
    """A run whose step has asked."""
    run = start(cast, letter(**more), given={"letter": text}, input=INPUT)
    carry_out_all()
    return run


def decided(cast: Cast, text: str = "Where is my card?", **more: Any) -> RoutingDecision:
    """The decision of such a run."""
    return RoutingDecision.objects.get(step_run__run=asked(cast, text, **more))
