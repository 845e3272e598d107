"""The budgets of the farm: work that would pass each of them many times over, and what the servers say was spent."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from orchestration.models import Run, Spending, Workflow
from tests.farm import work
from tests.farm.servers import price
from tests.routing.farm import Server

NOTHING = Decimal(0)
OUT = {"output_tokens": 100}
ONE = {"word": "word 1", "letter": work.LETTER}


class Purse(NamedTuple):
    """A budget that was in play: what it is, its limit, what the servers counted, and the dearest single call."""

    kind: str
    called: str
    limit: Decimal
    spent: Decimal
    dearest: Decimal
    calls: int
    recorded: Decimal | None = None

    @property
    def holds(self) -> bool:
        """Whether it was passed by no more than one call, and the record says what the servers say."""
        return self.spent <= self.limit + self.dearest and self.recorded in (None, self.spent)


class Work(NamedTuple):
    """A workflow under a budget, how many runs of it are begun at once, and which servers it may ask."""

    workflow: Workflow
    kind: str
    runs: int
    limit: Decimal
    servers: tuple[str, ...]


def of_all(scale: float) -> list[Work]:
    """Every kind of budget, each with more work than it holds. A call of `wordy` costs about half a cent."""

    def many(runs: int) -> int:
        return max(4, round(runs * scale))

    def among(*names: str) -> dict[str, Any]:
        return {"among": [f"farm/{name}" for name in names], "tags": ["purse"], **OUT}

    row = [work.step(f"ask_{number}", "internal", "limited", routing=among("wordy")) for number in range(5)]
    each = work.step("ask", "internal", "limited", routing=among("wordy"), limits={"seconds": 30, "cost": "0.025"})
    ask = work.step("ask", "internal", "limited", routing=among("wordy"))
    liar = work.step("ask", "internal", "limited", routing=among("wordy-liar"))
    either = work.step("ask", "internal", "limited", routing=among("wordy-liar", "wordy"))
    turning = work.step(
        "ask", "internal", "limited", kind="agent", routing=among("turning"), tools=["bench.noop"],
        limits={"seconds": 60, "turns": 8},
    )  # fmt: skip
    month = work.step("ask", "internal", "limited", routing=among("purse"))
    return [
        _work("run", [*row], {"run": "0.012"}, many(30), "wordy"),
        _work("step", [_map(each)], {}, many(8), "wordy", limit="0.025"),
        _work("month", [ask], {"month": "0.1"}, many(200), "wordy"),
        _work("month of a model that lies", [liar], {"month": "0.1"}, many(60), "wordy-liar"),
        _work("month of a liar and another", [either], {"month": "0.1"}, many(60), "wordy-liar", "wordy"),
        _work("run of a model that lies", [liar], {"run": "0.011"}, many(20), "wordy-liar"),
        _work("month of an agent", [turning], {"month": "0.1"}, many(40), "turning"),
        _work("month of the model", [month], {}, many(60), "purse", limit="0.05"),
    ]


def _work(kind: str, steps: list[work.Spec], budget: dict[str, str], runs: int, *servers: str, limit: str = "") -> Work:
    slug = "farm-" + kind.replace(" ", "-")
    more = {"budget": {**budget, "currency": "USD"}} if budget else {}
    workflow = work.publish(slug, "limited", *steps, **more)
    return Work(workflow, kind, runs, Decimal(limit or next(iter(budget.values()))), servers)


def _map(inner: work.Spec) -> work.Spec:
    inside = inner | {"input": {"word": "item", "letter": "input.letter", "run": "run.id"}}
    whole = work.step("each", "internal", "limited", kind="map")
    plain = {key: whole[key] for key in ("key", "name", "kind", "purpose", "owner", "permission", "review")}
    words = "[" + ", ".join(f"'word {number}'" for number in range(12)) + "]"
    return {**plain, "over": words, "at_once": 6, "on_failure": "continue", "metrics": [], "steps": [inside]}


def begin(works: list[Work]) -> list[int]:
    """All of them, at once. The ids of the runs."""
    return [pk for one in works for pk in work.start([one.workflow], one.runs, given=lambda number: ONE)]


def counted(works: list[Work], servers: Mapping[str, Server]) -> list[Purse]:
    """What was spent of each budget, by the servers' own tokens; of runs and steps the fullest one."""
    found = []
    for one in works:
        runs = {str(pk) for pk in Run.objects.filter(workflow=one.workflow).values_list("pk", flat=True)}
        by_run: dict[str, list[Decimal]] = {}
        for name in one.servers:
            each_in, each_out = price(f"farm/{name}")
            for heard in servers[name].heard:
                if heard.run in runs:
                    by_run.setdefault(heard.run, []).append(heard.tokens_in * each_in + heard.tokens_out * each_out)
        of_runs = one.kind.startswith(("run", "step"))
        sets = list(by_run.values()) if of_runs else [[cost for costs_ in by_run.values() for cost in costs_]]
        fullest = max(sets, key=lambda spent: sum(spent, NOTHING), default=[])
        recorded = None if of_runs else _recorded(one)
        spent = sum(fullest, NOTHING)
        found.append(
            Purse(one.kind, one.workflow.slug, one.limit, spent, max(fullest, default=NOTHING), len(fullest), recorded)
        )
    return found


def _recorded(one: Work) -> Decimal | None:
    """What Handrail says was spent of that month."""
    prefix = "model:farm/purse:" if one.kind.endswith("the model") else f"workflow:{one.workflow.pk}:"
    return sum((row.spent for row in Spending.objects.filter(key__startswith=prefix)), NOTHING)
