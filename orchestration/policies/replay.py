"""What other rules would have said of what was asked before: the last checks are judged again. It changes nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from orchestration.models import RuleCheck
from orchestration.policies.facts import of_kept
from orchestration.policies.matching import judge
from orchestration.policies.ready import Rules
from orchestration.policies.verdicts import STRICTNESS, Obligations, Verdict
from orchestration.states import Effect

LAST = 500  # checks that are looked at


class Change(NamedTuple):
    """A check that other rules would have answered in another way."""

    check: RuleCheck
    was: str
    verdict: Verdict

    @property
    def is_stricter(self) -> bool:
        """Whether more would have been stopped or asked for."""
        return STRICTNESS[self.verdict.effect] >= STRICTNESS[self.was]


@dataclass(slots=True)
class Replayed:
    """What became of so many checks; `unjudged` are those of which too little was kept."""

    looked: int = 0
    changes: list[Change] = field(default_factory=list)
    unjudged: int = 0

    @property
    def same(self) -> int:
        """How many would have come to the same."""
        return self.looked - len(self.changes) - self.unjudged

    @property
    def stricter(self) -> int:
        """How many changes ask for more."""
        return sum(change.is_stricter for change in self.changes)

    @property
    def milder(self) -> int:
        """How many changes ask for less."""
        return len(self.changes) - self.stricter


def of_last(rules: Iterable[Mapping[str, Any]], most: int = LAST) -> Replayed:
    """The last checks under these rules, newest first."""
    return of(RuleCheck.objects.order_by("-pk")[:most], rules)


def of(checks: Iterable[RuleCheck], rules: Iterable[Mapping[str, Any]]) -> Replayed:
    """These checks under these rules."""
    made, came = Rules(rules), Replayed()
    for check in checks:
        came.looked += 1
        verdict = judge(made, check.point, of_kept(check.facts, check.conditions))
        if _lacks(check, verdict):
            came.unjudged += 1
        elif _differs(check, verdict):
            came.changes.append(Change(check, check.effect, verdict))
    return came


def _lacks(check: RuleCheck, verdict: Verdict) -> bool:
    """Whether a rule could not be judged only because what the act was about is not kept."""
    if "input" not in check.facts or any(one.effect == Effect.DENY and not one.error for one in verdict.matched):
        return False
    return any(one.error and one.lacks_input for one in verdict.matched)


def _differs(check: RuleCheck, verdict: Verdict) -> bool:
    was = Obligations.of_json(check.obligations)
    if verdict.effect != check.effect:
        return True
    return verdict.effect != Effect.DENY and not (was.covers(verdict.obligations) and verdict.obligations.covers(was))
