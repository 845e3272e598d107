"""What other weights or other rules would have made of the last decisions of a step."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from audit.models import User
from orchestration.explain.scored import wanted
from orchestration.models import RoutingDecision, RuleSet, Step
from orchestration.policies.activating import may_look
from orchestration.routing import replaying
from orchestration.routing.policy import Policy, Weights
from orchestration.routing.ruled_otherwise import otherwise
from orchestration.states import RuleSetStatus
from orchestration.views.routing import sliders

LAST, MOST_LAST = 200, 500  # decisions that are worked out again: usually, and at the most
MOST_SETS = 30  # that can be chosen from


class Count(NamedTuple):
    """How often a model came first, as it was and otherwise; "" where nobody was left."""

    name: str
    was: int
    would: int


def of_last(step: Step, given: Mapping[str, str], user: User) -> dict[str, Any]:
    """The last decisions of the step, whatever its version, with the weights or the rules that the address gives."""
    number = given.get("last", "")
    most = min(max(int(number), 1), MOST_LAST) if number.isascii() and number.isdecimal() and len(number) < 9 else LAST
    weights, sets = wanted(given), _sets(user)
    chosen = next((one for one in sets if str(one.pk) == given.get("rules", "")), None)
    return {
        "last": most,
        "most_last": MOST_LAST,
        "sliders": sliders(Policy.of(step.spec).weights, weights),
        "others": _weighed(_decisions(step)[:most], weights) if weights else None,
        "sets": [(one, _called(one)) for one in sets],
        "chosen_set": chosen,
        "ruled": _ruled(_decisions(step)[:most], chosen.pk) if chosen else None,
    }


def _decisions(step: Step) -> QuerySet[RoutingDecision]:
    same = Step.objects.filter(version__workflow=step.version.workflow_id, key=step.key)
    return RoutingDecision.objects.filter(step_run__step__in=same).order_by("-id").defer("calls", "fell", "why")


def _sets(user: User) -> list[RuleSet]:
    """The draft, what is in force, and the sets before; for those who may look at rules."""
    if not may_look(user):
        return []
    found = RuleSet.objects.only("number", "status")
    draft = found.filter(status=RuleSetStatus.DRAFT)
    return [*draft, *found.exclude(status=RuleSetStatus.DRAFT).order_by("-number")[:MOST_SETS]]


def _called(row: RuleSet) -> str:
    if row.status == RuleSetStatus.DRAFT:
        return _("the draft")
    told = _("set %d, in force") if row.status == RuleSetStatus.ACTIVE else _("set %d")
    return told % (row.number or 0)


def _weighed(decisions: QuerySet[RoutingDecision], weights: Weights) -> dict[str, Any]:
    whole = replaying.others(decisions, weights)
    return {"all": whole, "counts": _counts(whole.was, whole.would)}


def _ruled(decisions: QuerySet[RoutingDecision], pk: int) -> dict[str, Any]:
    rows = (
        decisions.defer(None)
        .defer("calls", "why")
        .select_related("step_run__run", "step_run__step", "step_run__workflow")
    )
    large = ("question", "answer", "output", "run__input", "run__result")
    rows = rows.defer("calls", "why", *(f"step_run__{name}" for name in large))
    whole = otherwise(list(rows), RuleSet.objects.values_list("rules", flat=True).get(pk=pk))
    return {"all": whole, "counts": _counts(whole.was, whole.would)}


def _counts(was: Counter[str], would: Counter[str]) -> list[Count]:
    names = sorted(was.keys() | would.keys(), key=lambda name: (name == "", -was[name], name))
    return [Count(name, was[name], would[name]) for name in names]
