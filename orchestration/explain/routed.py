"""Why this model: a routing decision in tables, as people read it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.templatetags.figures import money
from orchestration.models import RoutingDecision
from orchestration.routing import sentences
from orchestration.routing.asked import Figure
from orchestration.routing.candidates import Candidate
from orchestration.routing.filters import FILTERS, SENTENCES, Fell, Filter
from orchestration.routing.policy import PARTS, Weights
from orchestration.routing.replaying import Replay, replay, scored_of
from orchestration.routing.scores import Scored, expected
from orchestration.states import DataClass, ModelStatus

ALWAYS = {"not_approved", "class_over_ceiling", "cannot", "context", "budget", "cooling"}  # columns that always stand
OF_FILTER = {"approval_over": "not_approved", "price_unknown": "budget"}  # codes under another filter's column


CALLS = {
    "busy": gettext_lazy("Busy"),
    "server": gettext_lazy("The server failed"),
    "timeout": gettext_lazy("Took too long"),
    "connection": gettext_lazy("Cannot be reached"),
    "refused": gettext_lazy("Refused the call"),
    "answer": gettext_lazy("Its answer cannot be read"),
}


class Cell(NamedTuple):
    """One model at one filter: whether it passed, what it has, and whether this is what decided."""

    passed: bool
    has: str
    decided: bool = False


class Line(NamedTuple):
    """One model at every filter."""

    name: str
    title: str
    cells: list[Cell]
    chosen: bool
    passed: bool
    says: str
    code: str


class Column(NamedTuple):
    """One filter: what it is called, and what this call needs there."""

    title: str
    need: str


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


@dataclass(frozen=True, slots=True)
class Compared:
    """What was estimated, and what it came to."""

    what: str
    kind: str
    estimate: float | None
    actual: float | None

    @property
    def off(self) -> float | None:
        """By which share the actual is above the estimate."""
        if not self.estimate or self.actual is None:
            return None
        return self.actual / self.estimate - 1

    @property
    def scale(self) -> float:
        """What the whole width of its bar stands for."""
        return 1.5 * max(self.estimate or 0.0, self.actual or 0.0)

    @property
    def bar(self) -> float:
        """How far its bar reaches."""
        return _share(self.actual or 0.0, self.scale)

    @property
    def tick(self) -> float | None:
        """Where the estimate stands on it."""
        return None if self.estimate is None else _share(self.estimate, self.scale)


@dataclass(frozen=True, slots=True)
class Routed:
    """A decision as its page shows it."""

    decision: RoutingDecision
    replay: Replay | None
    columns: list[Column]
    passed: list[str]  # filters that stopped nobody and have no column
    lines: list[Line]
    scores: list[Score]
    sources: list[str]
    compared: list[Compared]
    took: int  # milliseconds of all calls

    @property
    def calls(self) -> list[dict[str, Any]]:
        """Every call, as `calls` tells it."""
        return calls(self.decision)

    @property
    def seconds(self) -> float:
        """What all calls took."""
        return self.took / 1000

    @property
    def own(self) -> list[str]:
        """The models whose quality is what the step's own metrics say."""
        return [one.name for one in self.scores if one.own]

    @property
    def fell(self) -> int:
        """How many models fell at a filter."""
        return len(self.decision.fell)

    @property
    def asked(self) -> str:
        """The model that answered, else the one that came first; "" where nobody was left."""
        return self.decision.answered or self.decision.chosen

    @property
    def after(self) -> str:
        """What became of the calls, in a sentence; "" where the first one answered, or none was made."""
        made = [call for call in self.decision.calls if not call.get("skipped")]
        failed = [call for call in made if call.get("code")]
        if not failed:
            return ""
        first = _says(failed[0])
        told = _("Its first call came to nothing: %s.") % (first[0].lower() + first[1:])
        if not self.decision.answered:
            return told + " " + _("No call was answered.")
        if self.decision.answered == self.decision.chosen:
            return told + " " + _("It answered when it was asked again.")
        return told + " " + _("%s, the next on the list, answered.") % self.decision.answered

    @property
    def weights(self) -> Weights:
        """Those of the step."""
        return _weights(self.decision)


def calls(decision: RoutingDecision) -> list[dict[str, Any]]:
    """Every call of a decision, with what became of it, and with the share of the whole time before it and its own."""
    whole = sum(call.get("ms", 0) for call in decision.calls)
    before, found = 0, []
    for number, call in enumerate(decision.calls, start=1):
        ms = call.get("ms", 0)
        at = {"at": _share(before, whole), "wide": _share(ms, whole), "seconds": ms / 1000}
        found.append({**call, **at, "number": number, "cost": Decimal(call.get("cost") or 0), "says": _says(call)})
        before += ms
    return found


def routed(decision: RoutingDecision) -> Routed:
    """All that the page shows of a decision."""
    return tables(decision, replay(decision))


def tables(decision: RoutingDecision, again: Replay | None) -> Routed:
    """The same, with what it was worked out from at hand; without it there is no table of filters."""
    shown = _columns(decision, again) if again else []
    return Routed(
        decision,
        again,
        [Column(str(one.title), NEEDS[one.code](again) if one.code in NEEDS else "") for one in shown] if again else [],
        [str(one.title) for one in FILTERS if one not in shown] if again else [],
        _lines(decision, again, shown) if again else [],
        _scores([scored_of(one) for one in decision.ranked], _weights(decision), decision.chosen),
        sentences.told(decision.asked["sources"]),
        _compared(decision, again),
        sum(call.get("ms", 0) for call in decision.calls),
    )


def _columns(decision: RoutingDecision, again: Replay) -> list[Filter]:
    """The filters that say something here: those that always do, those that are asked for, those at which one fell."""
    told = {OF_FILTER.get(one[0], one[0]) for _name, codes in decision.fell for one in codes}
    policy = again.asked.policy
    told |= {code for code, named in (("region_outside", policy.regions), ("language", policy.languages)) if named}
    return [one for one in FILTERS if one.code in ALWAYS | told]


def weighed(decision: RoutingDecision, again: Replay, weights: Weights) -> list[Score]:
    """What other weights would have made of it."""
    scored = again.weighed(weights)
    return _scores(scored, weights, scored[0].name if scored else "")


def _weights(decision: RoutingDecision) -> Weights:
    return Weights(*decision.asked["weights"])


def _scores(scored: list[Scored], by: Weights, chosen: str) -> list[Score]:
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


def _lines(decision: RoutingDecision, again: Replay, shown: list[Filter]) -> list[Line]:
    fell = {name: [Fell(*one) for one in codes] for name, codes in decision.fell}
    names = [one[0] for one in decision.ranked] + [name for name, _codes in decision.fell]
    return [_line(name, fell.get(name, []), decision, again, shown) for name in names]


def _line(name: str, fell: list[Fell], decision: RoutingDecision, again: Replay, shown: list[Filter]) -> Line:
    model = again.snapshot.by_name.get(name)
    codes = {OF_FILTER.get(one.code, one.code) for one in fell}
    first = OF_FILTER.get(fell[0].code, fell[0].code) if fell else ""
    cells = [Cell(one.code not in codes, _has(one.code, model, again), one.code == first) for one in shown]
    chosen = name == decision.chosen
    code = fell[0].code if fell else ""
    says = _("Chosen") if chosen else _("Passed")
    if fell:
        says = str(SENTENCES.get(code, _("Is not in the catalog")))
    return Line(name, model.title if model else "", cells, chosen, not fell, says, code)


def _has(code: str, model: Candidate | None, again: Replay) -> str:
    """What a model has of what a filter asks."""
    return HAS[code](model, again) if model is not None and code in HAS else ""


def _approved(model: Candidate) -> str:
    if model.status != ModelStatus.APPROVED:
        return str(ModelStatus(model.status).label)
    return _("to %s") % date_format(model.until, "j M Y") if model.until else _("yes")


def _list(names: Iterable[str], none: str) -> str:
    return ", ".join(sorted(names)) or none


def _wanted(again: Replay) -> set[str]:
    """What the model of a call must be able to do."""
    return {*again.asked.policy.needs, *again.asked.needs}


def _of(known: Iterable[str], wanted_here: Iterable[str], anything: str) -> str:
    """What of the wanted a model has; all it has where nothing is wanted."""
    named = set(wanted_here)
    return _list(set(known) & named, _("no")) if named else _list(known, anything)


def _most(model: Candidate, again: Replay) -> str:
    cost = model.price(again.asked.tokens_in, again.asked.output)
    return _("unknown") if cost is None else money(cost)


def _rest(model: Candidate, again: Replay) -> str:
    rests = again.seen.cooling.get(model.name)
    return _("%s s") % round(rests) if rests else _("ready")


HAS: dict[str, Callable[[Candidate, Replay], str]] = {
    "not_approved": lambda model, again: _approved(model),
    "class_over_ceiling": lambda model, again: str(DataClass(model.ceiling).label),
    "region_outside": lambda model, again: model.region or _("unknown"),
    "cannot": lambda model, again: _of(model.capabilities, _wanted(again), _("text")),
    "language": lambda model, again: (
        _of(model.languages, again.asked.policy.languages, "") if model.languages else _("any")
    ),
    "context": lambda model, again: _thousands(model.context),
    "risk_tier": lambda model, again: _list(model.tiers, _("none")),
    "no_credentials": lambda model, again: _("missing") if model.name in again.seen.keyless else _("there"),
    "rule": lambda model, again: _("no") if model.name in again.seen.refused else _("yes"),
    "budget": _most,
    "cooling": _rest,
    "busy": lambda model, again: again.seen.busy.get(model.name, "") or _("free"),
}


NEEDS: dict[str, Callable[[Replay], str]] = {
    "class_over_ceiling": lambda again: str(DataClass(again.asked.data.name).label),
    "region_outside": lambda again: _list(again.asked.policy.regions, _("any")),
    "cannot": lambda again: _list(_wanted(again), _("text")),
    "language": lambda again: _list(again.asked.policy.languages, _("any")),
    "context": lambda again: _thousands(again.asked.tokens_in + again.asked.output),
    "risk_tier": lambda again: again.asked.risk,
    "budget": lambda again: _limit(again),
    "cooling": lambda again: _("none"),
}


def _limit(again: Replay) -> str:
    left = [one for one in (again.seen.left, again.asked.policy.most) if one is not None]
    return money(max(min(left), Decimal(0))) if left else _("none")


def _says(call: Mapping[str, Any]) -> str:
    """What became of a call, in a few words."""
    code = call.get("code", "")
    if not code:
        return _("Answered")
    return str(CALLS.get(code) or call.get("why") or code)


def _thousands(tokens: int | None) -> str:
    return _("unknown") if tokens is None else f"{tokens // 1000}k" if tokens >= 1000 else str(tokens)


def _compared(decision: RoutingDecision, again: Replay | None) -> list[Compared]:
    """Cost, time and tokens of the call that answered, beside what was expected of its model."""
    answered = next(
        (call for call in decision.calls if call["model"] == decision.answered and "code" not in call), None
    )
    if answered is None or again is None or decision.answered not in again.snapshot.by_name:
        return []
    model = again.snapshot.by_name[decision.answered]
    figure = again.seen.figures.get(model.name, Figure())
    wrote = expected(model, again.asked, figure)
    cost = model.price(again.asked.tokens_in, wrote)
    return [
        Compared(_("Cost"), "money", float(cost) if cost is not None else None, float(answered.get("cost") or 0)),
        Compared(_("Time"), "seconds", figure.p50, answered.get("ms", 0) / 1000),
        Compared(_("Read"), "tokens", again.asked.tokens_in, answered.get("in", 0)),
        Compared(_("Wrote"), "tokens", wrote, answered.get("out", 0)),
    ]


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def wanted(asked: Mapping[str, str]) -> Weights | None:
    """The weights that a form sends, or None where it sends none that can be read."""
    try:
        given = {part: float(asked[part]) for part in PARTS}
    except (KeyError, ValueError):
        return None
    held = all(0 <= weight <= 100 for weight in given.values())  # which no NaN is
    return Weights.of(given) if held and sum(given.values()) > 0 else None
