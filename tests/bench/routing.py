"""Model routing: what a decision costs with 50 models, and what 1,000 calls do with 200 rules and those models."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial

from audit import garbage
from orchestration.models import Model
from orchestration.routing import detectors, keeping
from orchestration.routing.asked import Asked, Classed, Figure, Seen
from orchestration.routing.candidates import Candidate, Snapshot
from orchestration.routing.deciding import decide
from orchestration.routing.policy import Policy
from orchestration.states import RiskTier
from tests.bench import house, provider
from tests.bench.calls import called
from tests.bench.figures import Figure as Row
from tests.bench.figures import Sizes, medians, typical
from tests.bench.policies import come_into_force, of_calls
from tests.bench.workspace import APPROVED

MODELS = 50
TEXT = "Dear Ms Duarte, your order 4711 of 12 March is on its way to Lisbon. " * 30


def routing(sizes: Sizes) -> list[Row]:
    """A decision among 50 models, its record, and the search for what raises a data class in 2 kB."""
    garbage.settle_in()  # as workers do; else a collection of all that is loaded falls into one of these
    snapshot, seen = Snapshot(tuple(_model(number) for number in range(MODELS))), _seen()
    asked = Asked(Policy(regions=("eu", "own")), Classed("personal"), "limited", 800, 400, today=date(2026, 11, 23))
    assert len(decide(asked, snapshot, seen).ranked) > MODELS // 4
    rows: list[Row] = []
    for name, work in (
        ("routing_decision", partial(decide, asked, snapshot, seen)),
        ("routing_told", lambda: (keeping.asked(asked), keeping.seen(seen))),
        ("routing_data_class", partial(detectors.kinds, {"letter": TEXT})),
    ):
        wall, cpu = typical(work)
        rows += [(name, wall, "ms"), (f"{name}_cpu", cpu, "CPU-ms")]
    return rows


def governed(sizes: Sizes) -> list[Row]:
    """`calls`, of a step that leaves the model open, with 50 models in the catalog and 200 rules in force.

    Half of the models lie in a region that the step lets pass, and all of them are the same server.
    """
    with provider.standing(sizes.call_seconds) as model, house.standing(model_url=model.url) as handrail:
        handrail.model_runs(1, model.url, routed=True)
        Model.objects.bulk_create(
            Model(name=f"openai/bench-{number}", **{**APPROVED, "region": ("eu", "us")[number % 2]})
            for number in range(1, MODELS)
        )
        come_into_force(of_calls())
        found = medians(sizes.repeats, lambda: called(handrail, model, sizes, routed=True))
    return [(name.replace("calls", "governed", 1), value, unit) for name, value, unit in found]


def _model(number: int) -> Candidate:
    return Candidate(
        f"house/{number}",
        region=("eu", "us", "own")[number % 3],
        ceiling=("internal", "personal", "special")[number % 3 - 1],
        capabilities=frozenset({"tools", "schema"}),
        languages=frozenset({"en", "de"}),
        context=32_000,
        price_in=Decimal(number + 1) / 4,
        price_out=Decimal(number + 1),
        tiers=frozenset(RiskTier.values),
        quality=0.5 + number / 100,
    )


def _seen() -> Seen:
    figures = {f"house/{number}": Figure(200, 200, 150 + number, 1.0 + number / 10, 3.0, 150.0) for number in range(30)}
    return replace(Seen(), figures=figures, cooling={"house/3": 4.0}, left=Decimal(5))
