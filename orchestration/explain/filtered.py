"""Every model at every filter: what it has, what the call needs, and at what it fell."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _

from audit import dates
from audit.templatetags.figures import money
from orchestration.models import RoutingDecision
from orchestration.routing.candidates import Candidate
from orchestration.routing.filters import FILTERS, SENTENCES, Fell, Filter
from orchestration.routing.replaying import Replay
from orchestration.states import DataClass, ModelStatus

ALWAYS = {"not_approved", "class_over_ceiling", "cannot", "context", "budget", "cooling"}  # columns that always stand
TELLING = {"rule", "no_credentials"}  # codes that come with a sentence of their own
OF_FILTER = {"approval_over": "not_approved", "price_unknown": "budget"}  # codes under another filter's column


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
    why: str = ""


class Column(NamedTuple):
    """One filter: what it is called, and what this call needs there."""

    title: str
    need: str


def columns(shown: list[Filter], again: Replay) -> list[Column]:
    """The filters of a table, with what this call needs at each."""
    return [Column(str(one.title), NEEDS[one.code](again) if one.code in NEEDS else "") for one in shown]


def shown_filters(decision: RoutingDecision, again: Replay) -> list[Filter]:
    """The filters that say something here: those that always do, those that are asked for, those at which one fell."""
    told = {OF_FILTER.get(one[0], one[0]) for _name, codes in decision.fell for one in codes}
    policy = again.asked.policy
    told |= {code for code, named in (("region_outside", policy.regions), ("language", policy.languages)) if named}
    return [one for one in FILTERS if one.code in ALWAYS | told]


def lines(decision: RoutingDecision, again: Replay, shown: list[Filter]) -> list[Line]:
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
    why = fell[0].needs if code in TELLING else ""
    return Line(name, model.title if model else "", cells, chosen, not fell, says, code, why)


def _has(code: str, model: Candidate | None, again: Replay) -> str:
    """What a model has of what a filter asks."""
    return HAS[code](model, again) if model is not None and code in HAS else ""


def _approved(model: Candidate) -> str:
    if model.status != ModelStatus.APPROVED:
        return str(ModelStatus(model.status).label)
    return _("to %s") % dates.of_year(model.until) if model.until else _("yes")


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


def _thousands(tokens: int | None) -> str:
    return _("unknown") if tokens is None else f"{tokens // 1000}k" if tokens >= 1000 else str(tokens)
