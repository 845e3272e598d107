"""Scores of what is left after the filters: quality, cost and speed, each from 0 to 1, weighed by the step."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from orchestration.routing.asked import ENOUGH, Asked, Figure
from orchestration.routing.candidates import Candidate
from orchestration.routing.policy import Weights

NONE = Figure()
UNKNOWN_SPEED = 0.5
DIGITS = 4


class Scored(NamedTuple):
    """What a model scores. `cost` is the US dollars that are expected, None where its price is unknown."""

    name: str
    quality: float
    thrift: float
    speed: float
    whole: float
    cost: Decimal | None
    own: bool  # whether its quality is what the step's own metrics say


def rank(
    models: Sequence[Candidate], asked: Asked, figures: Mapping[str, Figure], weights: Weights | None = None
) -> list[Scored]:
    """The models from the best to the last: by score, then by cost, then by name."""
    by = weights or asked.policy.weights
    costs = {model.name: _cost(model, asked, figures.get(model.name, NONE)) for model in models}
    waits = {model.name: _seconds(figures.get(model.name, NONE)) for model in models}
    cheapest = min((cost for cost in costs.values() if cost is not None), default=Decimal(0))
    quickest = min((wait for wait in waits.values() if wait is not None), default=None)
    scored = []
    for model in models:
        figure = figures.get(model.name, NONE)
        share = figure.share
        quality = model.quality if share is None else share
        thrift, speed = _thrift(costs[model.name], cheapest), _speed(waits[model.name], quickest)
        whole = round(by.quality * quality + by.cost * thrift + by.speed * speed, DIGITS)
        parts = (round(quality, DIGITS), round(thrift, DIGITS), round(speed, DIGITS))
        scored.append(Scored(model.name, *parts, whole, costs[model.name], share is not None))
    return sorted(scored, key=lambda one: (-one.whole, one.cost is None, one.cost or Decimal(0), one.name))


def expected(model: Candidate, asked: Asked, figure: Figure) -> int:
    """How many tokens an answer will have: what they had here, else half of what it may have."""
    if figure.runs >= ENOUGH and figure.tokens_out is not None:
        return round(figure.tokens_out)
    return asked.output // 2


def _cost(model: Candidate, asked: Asked, figure: Figure) -> Decimal | None:
    return model.price(asked.tokens_in, expected(model, asked, figure))


def _seconds(figure: Figure) -> float | None:
    """What a call takes: p50, and a quarter of what the slow ones take longer."""
    if figure.runs < ENOUGH or figure.p50 is None or figure.p95 is None:
        return None
    return figure.p50 + (figure.p95 - figure.p50) / 4


def _thrift(cost: Decimal | None, cheapest: Decimal) -> float:
    if cost is None:
        return 0.0
    return 1.0 if cost == 0 else float(cheapest / cost)


def _speed(wait: float | None, quickest: float | None) -> float:
    if wait is None or quickest is None:
        return UNKNOWN_SPEED
    return 1.0 if wait <= 0 else quickest / wait
