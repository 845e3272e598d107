"""What the farm shows: the servers' own counts held against the rules, the record and the budgets."""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from audit.models import Event
from orchestration.models import Attempt, RoutingDecision, StepRun
from orchestration.routing.replaying import replay
from tests.farm.budgets import Purse
from tests.farm.servers import A_MINUTE, AT_ONCE, LEAVING, costs, forbidden, most_in_a_minute
from tests.routing.farm import Server

REPLAYED = 200
AS_GOOD = 0.05  # how much less of the metric a cheaper choice may meet and still count as the same
HASH = re.compile(r"[0-9a-f]{64}")


class Condition(NamedTuple):
    """Something that must hold: whether it does, and what was counted."""

    name: str
    holds: bool
    told: dict[str, object]

    def line(self) -> str:
        """As one JSON object."""
        return json.dumps({"condition": self.name, "holds": self.holds, **self.told}, default=str)


def filters(servers: Mapping[str, Server], left_at: float | None) -> Condition:
    """No call ever reached a model that a filter forbade, counted at the servers."""
    found = [one for server in servers.values() for one in forbidden(server, left_at)]
    told: dict[str, object] = {
        "calls": sum(server.calls for server in servers.values()),
        "forbidden": len(found),
        "by_server": {name: server.calls for name, server in servers.items()},
        "by_class": dict(Counter(one.data for server in servers.values() for one in server.heard)),
        "by_tier": dict(Counter(one.tier for server in servers.values() for one in server.heard)),
        "first": [(one.model, one.heard.run, one.why) for one in found[:5]],
    }
    if left_at is not None:
        late = [one.at - left_at for one in servers[LEAVING.partition("/")[2]].heard if one.at > left_at]
        told["seconds_after_suspension"] = round(max(late, default=0.0), 3)
    return Condition("no_call_reaches_a_forbidden_model", not found, told)


def reached(servers: Mapping[str, Server], least: int) -> Condition:
    """There were as many calls as were asked for, of every class and tier, and servers failed in every way."""
    calls = [one for server in servers.values() for one in server.heard]
    pairs = {(one.data, one.tier) for one in calls if one.data}
    ways = Counter(one.failed for one in calls if one.failed)
    told = {"calls": len(calls), "asked_for": least, "classes_by_tiers": len(pairs), "failures": dict(ways)}
    return Condition("calls_of_every_kind", len(calls) >= least and len(pairs) == 15 and len(ways) >= 3, dict(told))


def limits(servers: Mapping[str, Server]) -> Condition:
    """No model had more calls at once, or more in a minute, than it may; both were at their limit."""
    at_once, a_minute = servers["crowded"].most_at_once, most_in_a_minute(servers["scarce"])
    told = {"most_at_once": at_once, "may": AT_ONCE, "most_in_a_minute": a_minute, "may_in_a_minute": A_MINUTE}
    return Condition("limits_of_models_hold", 0 < at_once <= AT_ONCE and 0 < a_minute <= A_MINUTE, dict(told))


def estimates() -> dict[str, object]:
    """How the real model's own count of tokens lies to what was estimated before the call."""
    found = RoutingDecision.objects.filter(answered="farm/local").values_list("asked", "calls")
    shares = [call["in"] / asked["tokens_in"] for asked, calls in found for call in calls if "in" in call]
    return {"calls": len(shares), "most": round(max(shares, default=0.0), 3)}


def record(servers: Mapping[str, Server]) -> Condition:
    """Every call and every failure that a server saw is in a routing decision, and none else."""
    saw, failed = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for name, server in servers.items():
        saw.update((f"farm/{name}", one.run) for one in server.heard)
        failed.update((f"farm/{name}", one.run) for one in server.heard if one.failed)
    told, told_failed = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    decisions = RoutingDecision.objects.filter(calls__0__isnull=False).values_list("calls", "step_run__run")
    for calls, run in decisions.iterator(2000):
        for call in calls:
            if call["model"].startswith("farm/") and not call.get("skipped"):
                told[call["model"], str(run)] += 1
                told_failed[call["model"], str(run)] += "code" in call
    counts = {"calls": saw.total(), "on_record": told.total(), "failures": failed.total()}
    counts["failures_on_record"] = told_failed.total()
    holds = saw == told and failed == +told_failed
    return Condition("every_call_and_failure_is_on_record", holds, {**counts})


def cost_on_record(servers: Mapping[str, Server]) -> Condition:
    """What Handrail says was spent is what the servers' own tokens come to."""
    counted = sum((cost for server in servers.values() for cost in costs(server)), Decimal(0))
    tries = Attempt.objects.filter(model__startswith="farm/").values_list("cost", flat=True)
    said = sum(tries, Decimal(0))
    return Condition("cost_on_record", counted == said, {"servers": counted, "record": said})


def ledger() -> Condition:
    """Each decision's hash stands in the ledger, and each can be worked out again from its row."""
    named = set[str]()
    for body in Event.objects.filter(object_type="steprun").values_list("body", flat=True).iterator(2000):
        named.update(HASH.findall(body))
    hashes = set(RoutingDecision.objects.values_list("hash", flat=True))
    decisions = RoutingDecision.objects.order_by("?")[:REPLAYED]
    again = [replay(one) for one in decisions]
    same = sum(one is not None and one.same for one in again)
    told = {"decisions": len(hashes), "in_the_ledger": len(hashes & named), "worked_out_again": same, "of": len(again)}
    return Condition("decisions_are_bound_and_can_be_checked", hashes <= named and same == len(again), dict(told))


class Bought(NamedTuple):
    """What some runs came to: answers, how many met the metric, and what all of it cost, by what is on record."""

    runs: int
    met: int
    cost: Decimal

    @property
    def share(self) -> float:
        """Of the runs, those that met it."""
        return self.met / self.runs if self.runs else 0.0

    @property
    def each(self) -> Decimal:
        """Cost of one that met it."""
        return self.cost / self.met if self.met else Decimal("Infinity")

    def told(self) -> dict[str, object]:
        """To be printed."""
        each = round(float(self.each), 8)
        return {"runs": self.runs, "met": round(self.share, 4), "cost": str(self.cost), "cost_of_one_that_met": each}


def bought(ids: Sequence[int]) -> Bought:
    """The same, of these runs."""
    rows = StepRun.objects.filter(run_id__in=ids, frame="")
    met = sum(
        all(one.get("met") for one in metrics)
        for metrics in rows.filter(status="done").values_list("metrics", flat=True)
    )
    tries = Attempt.objects.filter(step_run__run_id__in=ids).values_list("cost", flat=True)
    return Bought(len(ids), met, sum(tries, Decimal(0)))


def thrift(routed: Bought, alone: Bought, name: str = "cheaper_for_the_same_metric") -> Condition:
    """What was chosen costs less for the same metric than sending all to the best model."""
    as_good = routed.share >= alone.share - AS_GOOD
    times = round(float(alone.each / routed.each), 2) if routed.met and alone.met else None
    told = {"routed": routed.told(), "best_alone": alone.told(), "times_cheaper": times}
    return Condition(name, as_good and routed.each < alone.each, dict(told))


def budgets_hold(purses: Sequence[Purse]) -> Condition:
    """No budget was passed by more than one call, counted from the servers' tokens."""
    passed = [one.called for one in purses if not one.holds]
    over = {one.called: str(max(one.spent - one.limit, Decimal(0))) for one in purses}
    return Condition("no_budget_passed_by_more_than_one_call", not passed, {"passed": passed, "over": over})
