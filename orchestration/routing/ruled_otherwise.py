"""What another rule set would have made of decisions: who would have fallen, to whom the call would have gone.

It is worked out from what was kept: the decision, and the checks of the rules at that try. Of what the call was about
nothing but its hash is kept, so what a new condition says of it cannot be told: such decisions are counted apart.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from statistics import fmean
from typing import Any, NamedTuple

from audit.models import User
from orchestration import callables
from orchestration.models import CatalogState, RoutingDecision, RuleCheck
from orchestration.policies.facts import Facts, of_kept
from orchestration.policies.matching import judge, judge_each
from orchestration.policies.ready import Rules
from orchestration.policies.verdicts import Verdict
from orchestration.routing.candidates import Candidate, Snapshot
from orchestration.routing.deciding import decide
from orchestration.routing.replaying import asked_of, mean, scored_of, seen_of, snapshot_of
from orchestration.routing.scores import Scored, rank
from orchestration.states import Effect, Point

MOST_CHECKS = 20_000  # checks of all these decisions that are read
MOST_LINES = 20  # decisions that are named
RULE = "rule"  # the code of the filter


class Moved(NamedTuple):
    """A decision that would have come to something else. `would` is "" where nobody would have been left."""

    decision: RoutingDecision
    was: str
    would: str
    why: str


class Otherwise(NamedTuple):
    """Many decisions under other rules. Cost and quality are the means of what was expected, where both sides chose.

    `asks`: a person would have been asked first. `unjudged`: too little was kept to say.
    """

    looked: int
    unjudged: int
    moved: int
    nobody: int
    asks: int
    cost_was: Decimal | None
    cost_would: Decimal | None
    quality_was: float | None
    quality_would: float | None
    was: Counter[str]
    would: Counter[str]
    lines: list[Moved]


class _One(NamedTuple):
    """One decision under other rules; `verdicts` by model."""

    decision: RoutingDecision
    was: Scored | None
    would: Scored | None
    verdicts: Mapping[str, Verdict]

    @property
    def unjudged(self) -> bool:
        return any(_lacks(verdict) for verdict in self.verdicts.values())

    @property
    def moved(self) -> bool:
        return (self.was and self.was.name) != (self.would and self.would.name)

    def line(self) -> Moved:
        """The same as people read it: the sentence is that of what the first choice fell at, else of who came back."""
        was, would = (one.name if one else "" for one in (self.was, self.would))
        about = self.verdicts.get(was) or self.verdicts.get(would)
        return Moved(self.decision, was, would, about.why if about else "")


def otherwise(decisions: Sequence[RoutingDecision], rules: Iterable[Mapping[str, Any]]) -> Otherwise:
    """These decisions under these rules. Four queries, whatever their number; it changes nothing."""
    made, kept = Rules(rules), _Kept(decisions)
    every = [one for decision in decisions if (one := _judged(decision, made, kept)) is not None]
    known = [one for one in every if not one.unjudged]
    moved = [one for one in known if one.moved]
    pairs = [(one.was, one.would) for one in known if one.was and one.would]
    priced = [(was.cost, would.cost) for was, would in pairs if was.cost is not None and would.cost is not None]
    firsts = [one.verdicts[one.would.name] for one in known if one.would]
    return Otherwise(
        looked=len(known),
        unjudged=len(every) - len(known),
        moved=len(moved),
        nobody=sum(one.would is None for one in moved),
        asks=sum(bool(verdict.asks) for verdict in firsts),
        cost_was=mean([was for was, _ in priced]),
        cost_would=mean([would for _, would in priced]),
        quality_was=fmean(was.quality for was, _ in pairs) if pairs else None,
        quality_would=fmean(would.quality for _, would in pairs) if pairs else None,
        was=Counter(one.was.name if one.was else "" for one in known),
        would=Counter(one.would.name if one.would else "" for one in known),
        lines=[one.line() for one in moved[:MOST_LINES]],
    )


class _Kept:
    """What is known of these decisions beside themselves: catalogs, checks of the rules, groups of who started."""

    def __init__(self, decisions: Sequence[RoutingDecision]) -> None:
        states = CatalogState.objects.filter(hash__in={one.catalog for one in decisions})
        self.states: dict[str, Snapshot] = {row.hash: snapshot_of(row.facts) for row in states}
        ids = [one.step_run_id for one in decisions]
        found = RuleCheck.objects.filter(point=Point.MODEL, step_run_id__in=ids).order_by("-pk")
        self.checks: dict[int, dict[str, RuleCheck]] = {}
        for check in found.only("facts", "conditions", "step_run_id")[:MOST_CHECKS]:
            self.checks.setdefault(check.step_run_id or 0, {}).setdefault(str(check.facts.get("model", "")), check)
        starters = {one.step_run.run.started_by_id for one in decisions}
        rows = User.objects.filter(pk__in=starters).values_list("pk", "username", "groups__name")
        self.names = {pk: name for pk, name, _group in rows}
        self.groups: dict[int, list[str]] = {}
        for pk, _name, group in rows:
            self.groups.setdefault(pk, []).extend([group] if group else [])

    def facts(self, decision: RoutingDecision) -> Facts:
        """What is known of the call, whichever model is asked: as it was checked then, else as the decision has it."""
        if checks := self.checks.get(decision.step_run_id):
            return of_kept(next(iter(checks.values())).facts, {})
        held = decision.step_run
        return Facts(
            workflow=held.workflow.slug,
            step=held.step.key,
            agent=callables.named(held.step.spec) or (held.step.key if held.step.kind == "agent" else None),
            data_class=decision.asked["data"],
            risk=decision.asked["risk"],
            groups=tuple(sorted(self.groups.get(held.run.started_by_id, ()))),
            starter=self.names.get(held.run.started_by_id, ""),
            amount=None,
            known={},
        )

    def conditions(self, decision: RoutingDecision) -> dict[str, Mapping[str, bool]]:
        """What conditions came to that read the input, by the model that they were asked about."""
        checks = self.checks.get(decision.step_run_id, {})
        return {name: check.conditions for name, check in checks.items() if check.conditions}


def _judged(decision: RoutingDecision, rules: Rules, kept: _Kept) -> _One | None:
    """One decision under other rules; None where its catalog is not kept, or no model could have been asked anyway."""
    snapshot = kept.states.get(decision.catalog)
    if snapshot is None or not (decision.ranked or _fell_at_a_rule(decision)):
        return None
    asked, seen = asked_of(decision.asked), replace(seen_of(decision.seen), refused={})
    passed = [snapshot.by_name[one.name] for one in decide(asked, snapshot, seen).ranked]
    verdicts = _said(rules, decision, passed, kept)
    left = [model for model in passed if not verdicts[model.name].denies]
    ranked = rank(left, asked, seen.figures)
    was = scored_of(decision.ranked[0]) if decision.ranked else None
    return _One(decision, was, ranked[0] if ranked else None, verdicts)


def _said(rules: Rules, decision: RoutingDecision, models: Sequence[Candidate], kept: _Kept) -> dict[str, Verdict]:
    """What the rules say to each model; all of them together but for those about which more was kept."""
    facts, conditions = kept.facts(decision), kept.conditions(decision)
    if not models:
        return {}
    ways = [{"model": model.name, "region": model.region} for model in models]
    names = [model.name for model in models]
    said = dict(zip(names, judge_each(rules, Point.MODEL, facts, ways), strict=True))
    for model in models:
        if model.name in conditions:
            about = replace(facts, model=model.name, region=model.region, known=conditions[model.name])
            said[model.name] = judge(rules, Point.MODEL, about)
    return said


def _fell_at_a_rule(decision: RoutingDecision) -> bool:
    return any(code == RULE for _name, codes in decision.fell for code, *_more in codes)


def _lacks(verdict: Verdict) -> bool:
    """Whether it cannot be said only because what the call was about is not kept."""
    if any(one.effect == Effect.DENY and not one.error for one in verdict.matched):
        return False
    return any(one.lacks_input for one in verdict.matched)
