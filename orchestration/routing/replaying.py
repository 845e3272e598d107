"""A decision worked out again from what was stored with it: the same order and scores, or other weights."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date
from decimal import Decimal
from statistics import fmean
from typing import Any, NamedTuple

from orchestration.models import CatalogState, RoutingDecision
from orchestration.routing.asked import Asked, Classed, Figure, Seen
from orchestration.routing.candidates import Candidate, Snapshot
from orchestration.routing.deciding import Decided, decide
from orchestration.routing.filters import Fell
from orchestration.routing.policy import Policy, Weights
from orchestration.routing.scores import Scored, rank

MONEY = ("price_in", "price_out", "month_budget")
MISSING = "not_in_catalog"
SETS = ("capabilities", "languages", "tiers", "tags")


class Replay(NamedTuple):
    """What a decision was worked out from, and what that comes to now."""

    asked: Asked
    seen: Seen
    snapshot: Snapshot
    decided: Decided
    same: bool

    def weighed(self, weights: Weights) -> list[Scored]:
        """The same models, weighed otherwise."""
        passed = [self.snapshot.by_name[one.name] for one in self.decided.ranked]
        return rank(passed, self.asked, self.seen.figures, weights)


def replay(decision: RoutingDecision) -> Replay | None:
    """Work a decision out again; None where the catalog that it saw is not kept."""
    state = CatalogState.objects.filter(hash=decision.catalog).first()
    if state is None:
        return None
    asked, seen, snapshot = asked_of(decision.asked), seen_of(decision.seen), snapshot_of(state.facts)
    decided = decide(asked, snapshot, seen)
    return Replay(asked, seen, snapshot, decided, snapshot.hash == decision.catalog and _agrees(decided, decision))


def _agrees(decided: Decided, decision: RoutingDecision) -> bool:
    """Whether the same models fell at the same filters, and the others have the same order and scores."""
    ranked = [list(one[:5]) for one in decided.ranked] == [one[:5] for one in decision.ranked]
    fell = [(name, [one.code for one in codes]) for name, codes in decided.fell]
    fell += [(name, [MISSING]) for name in decided.unknown]
    return ranked and fell == [(name, [one[0] for one in codes]) for name, codes in decision.fell]


def decided_of(decision: RoutingDecision) -> Decided:
    """What a decision came to, from what was stored of it."""
    fell = [(name, tuple(Fell(*one) for one in codes)) for name, codes in decision.fell]
    known = tuple(pair for pair in fell if pair[1][0].code != MISSING)
    missing = tuple(name for name, codes in fell if codes[0].code == MISSING)
    return Decided(tuple(scored_of(one) for one in decision.ranked), known, missing)


class Others(NamedTuple):
    """What other weights would have made of many decisions: of those where somebody was left to choose.

    Cost and quality are what was expected of who came first, at the mean; cost where every price was known.
    """

    looked: int
    changed: int
    cost_was: Decimal | None
    cost_would: Decimal | None
    quality_was: float | None
    quality_would: float | None
    was: Counter[str]
    would: Counter[str]


def others(decisions: Iterable[RoutingDecision], weights: Weights) -> Others:
    """Weigh many decisions otherwise. One query, for the states of the catalog that they saw."""
    chosen = [one for one in decisions if one.ranked]
    kept = CatalogState.objects.filter(hash__in={one.catalog for one in chosen})
    states = {row.hash: snapshot_of(row.facts) for row in kept}
    known = [one for one in chosen if one.catalog in states]
    pairs = [(scored_of(one.ranked[0]), _first(one, states, weights)) for one in known]
    priced = [(was.cost, would.cost) for was, would in pairs if was.cost is not None and would.cost is not None]
    return Others(
        len(pairs),
        sum(was.name != would.name for was, would in pairs),
        mean([was for was, _ in priced]),
        mean([would for _, would in priced]),
        fmean(was.quality for was, _ in pairs) if pairs else None,
        fmean(would.quality for _, would in pairs) if pairs else None,
        Counter(was.name for was, _ in pairs),
        Counter(would.name for _, would in pairs),
    )


def scored_of(said: list[Any]) -> Scored:
    """A score, from what was stored of it."""
    name, quality, thrift, speed, whole, cost, own = said
    return Scored(name, quality, thrift, speed, whole, _amount(cost), own)


def _first(decision: RoutingDecision, states: Mapping[str, Snapshot], weights: Weights) -> Scored:
    models = states[decision.catalog].by_name
    passed = [models[one[0]] for one in decision.ranked]
    return rank(passed, asked_of(decision.asked), seen_of(decision.seen).figures, weights)[0]


def mean(amounts: Sequence[Decimal]) -> Decimal | None:
    """The mean of amounts; None where there are none."""
    return sum(amounts, Decimal(0)) / len(amounts) if amounts else None


def snapshot_of(facts: list[dict[str, Any]]) -> Snapshot:
    """The catalog as it was."""
    return Snapshot(tuple(_candidate(one) for one in facts))


def _candidate(said: dict[str, Any]) -> Candidate:
    known = {field.name for field in fields(Candidate)}
    values = {name: value for name, value in said.items() if name in known}
    values |= {name: frozenset(values[name]) for name in SETS}
    values |= {name: _amount(values[name]) for name in MONEY}
    return Candidate(**{**values, "until": date.fromisoformat(values["until"]) if values["until"] else None})


def asked_of(said: Mapping[str, Any]) -> Asked:
    """What a call needed, from what was stored of it."""
    policy = Policy(
        said.get("named", ""),
        tuple(said.get("among", ())),
        tuple(said.get("tags", ())),
        tuple(said.get("needs", ())),
        tuple(said.get("languages", ())),
        tuple(said.get("regions", ())),
        Weights(*said["weights"]),
        _amount(said.get("most")),
    )
    return Asked(
        policy,
        Classed(said["data"], tuple(said["sources"])),
        said["risk"],
        said["tokens_in"],
        said["output"],
        today=date.fromisoformat(said["today"]) if said["today"] else None,
    )


def seen_of(said: Mapping[str, Any]) -> Seen:
    """How things stood, from what was stored of it."""
    return Seen(
        said.get("cooling", {}),
        {name: Decimal(left) for name, left in said.get("months", {}).items()},
        {name: _figure(one) for name, one in said.get("figures", {}).items()},
        said.get("busy", {}),
        said.get("refused", {}),
        said.get("keyless", {}),
        _amount(said.get("left")),
    )


def _figure(said: list[Any]) -> Figure:
    runs, measured, met, p50, p95, tokens_out, cost = said
    return Figure(runs, measured, met, p50, p95, tokens_out, Decimal(cost))


def _amount(text: str | None) -> Decimal | None:
    return Decimal(text) if text else None
