"""How models that passed were weighed: their parts, and what other weights would have made."""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from orchestration.models import RoutingDecision
from orchestration.routing.policy import PARTS, Weights
from orchestration.routing.replaying import Replay
from orchestration.routing.scores import Scored


class Score(NamedTuple):
    """One model's scores; the parts are weighed for the bar of all together."""

    name: str
    quality: float
    thrift: float
    speed: float
    whole: float
    shares: tuple[float, float, float]
    own: bool
    cost: Decimal | None
    chosen: bool

    @property
    def pieces(self) -> list[tuple[str, float, float]]:
        """The weighed parts one after the other: which, where it begins, how wide."""
        quality, thrift, speed = self.shares
        return [("q", 0.0, quality), ("c", quality, thrift), ("s3", quality + thrift, speed)]


def weighed(decision: RoutingDecision, again: Replay, weights: Weights) -> list[Score]:
    """What other weights would have made of it."""
    scored = again.weighed(weights)
    return scores(scored, weights, scored[0].name if scored else "")


def weights_of(decision: RoutingDecision) -> Weights:
    return Weights(*decision.asked["weights"])


def scores(scored: list[Scored], by: Weights, chosen: str) -> list[Score]:
    return [
        Score(
            one.name,
            one.quality,
            one.thrift,
            one.speed,
            one.whole,
            (by.quality * one.quality, by.cost * one.thrift, by.speed * one.speed),
            one.own,
            one.cost,
            one.name == chosen,
        )
        for one in scored
    ]


def wanted(asked: Mapping[str, str]) -> Weights | None:
    """The weights that a form sends, or None where it sends none that can be read."""
    try:
        given = {part: float(asked[part]) for part in PARTS}
    except (KeyError, ValueError):
        return None
    held = all(0 <= weight <= 100 for weight in given.values())  # which no NaN is
    return Weights.of(given) if held and sum(given.values()) > 0 else None
