"""Budgets: what they are, what is left of them, and how no call begins that they do not hold.

What a call may cost at the most is reserved before it begins, under a lock on each of its budgets, and settled by what
it did cost with its try. Of a try that nobody ended the whole reservation counts as spent. Amounts are US dollars.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Sum

from audit import rows
from audit.ticks import tick
from orchestration.models import Reservation, Spending, Step, StepRun
from orchestration.routing.candidates import Candidate

STOP, ASK = "stop", "ask"  # what crossing a budget does
NEVER = Decimal(0)
SWEPT = 1000

ENSURE = """
INSERT INTO orchestration_spending (key, spent) SELECT DISTINCT unnest(%s::text[]), 0 ON CONFLICT (key) DO NOTHING
"""
LOCK = "SELECT 1 FROM orchestration_spending WHERE key = ANY(%s::text[]) ORDER BY key FOR UPDATE"
# A statement of its own: one that waited for the lock would not see what was reserved meanwhile.
LEFT = """
SELECT s.key, s.spent + coalesce((SELECT sum(amount) FROM orchestration_reservation r WHERE r.key = s.key), 0)
FROM orchestration_spending s WHERE s.key = ANY(%s::text[])
"""
SETTLE = """
WITH gone AS (
    DELETE FROM orchestration_reservation r USING unnest(%s::bigint[], %s::int[]) AS done (id, fence)
    WHERE r.step_run_id = done.id AND r.fence <= done.fence RETURNING r.step_run_id, r.fence, r.key, r.amount
), lost AS (
    SELECT g.key, g.amount FROM gone g
    WHERE NOT (g.step_run_id, g.fence) IN (SELECT * FROM unnest(%s::bigint[], %s::int[]))
), cost AS (
    SELECT key, amount FROM lost UNION ALL SELECT * FROM unnest(%s::text[], %s::numeric[])
)
UPDATE orchestration_spending s SET spent = s.spent + c.amount
FROM (SELECT key, sum(amount) AS amount FROM cost GROUP BY key) c WHERE s.key = c.key
"""


@dataclass(frozen=True, slots=True)
class Budget:
    """One budget of a call: its key, its limit, what crossing it does, and what people call it."""

    key: str
    limit: Decimal
    crossing: str
    called: str


def month(today: date) -> str:
    """The month that a day counts for."""
    return f"{today:%Y-%m}"


def of_step(held: StepRun, document: Mapping[str, Any], steps: Iterable[Step], today: date) -> list[Budget]:
    """The budgets that the calls of a step count against, whatever model they ask.

    `steps` are the step itself and the agents that it works for: it spends what is left of theirs too.
    """
    said, when = document.get("budget") or {}, month(today)
    crossing = said.get("crossing", STOP)
    found = []
    if "run" in said:
        found.append(Budget(f"run:{held.run_id}", usd(said["run"], said), crossing, "this run"))
    if "month" in said:
        found.append(Budget(f"workflow:{held.workflow_id}:{when}", usd(said["month"], said), crossing, "this month"))
    for step in steps:
        if (cost := (step.spec.get("limits") or {}).get("cost")) is not None:
            called = "this step" if step.pk == held.step_id else step.name
            found.append(Budget(f"step:{held.run_id}:{step.pk}", Decimal(cost), crossing, called))
    if whole := settings.HANDRAIL_MONTH_BUDGET:
        found.append(Budget(f"all:{when}", whole, STOP, "the workspace this month"))
    return found


def usd(amount: str, said: Mapping[str, Any]) -> Decimal:
    """An amount in US dollars; nothing at all where nobody says what its currency is worth."""
    rate = settings.HANDRAIL_RATES.get(said.get("currency", "USD"))
    return NEVER if rate is None else Decimal(amount) * rate


def of_model(model: Candidate, today: date) -> Budget | None:
    """The budget of a model's month."""
    if model.month_budget is None:
        return None
    return Budget(f"model:{model.name}:{month(today)}", model.month_budget, STOP, f"{model.name} this month")


def used(keys: Iterable[str]) -> dict[str, Decimal]:
    """What is spent or reserved of these budgets, each of which is locked until the transaction ends."""
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(ENSURE, [wanted])
        cursor.execute(LOCK, [wanted])
        cursor.execute(LEFT, [wanted])
        return dict(cursor.fetchall())


def standing(keys: Iterable[str]) -> dict[str, Decimal]:
    """The same for people to look at: nothing is locked and nothing is written."""
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    spent = dict(Spending.objects.filter(key__in=wanted).values_list("key", "spent"))
    held = Reservation.objects.filter(key__in=wanted).values("key").annotate(whole=Sum("amount"))
    reserved = {row["key"]: row["whole"] for row in held}
    return {key: spent.get(key, NEVER) + reserved.get(key, NEVER) for key in wanted}


def reserve(held: StepRun, amounts: Mapping[str, Decimal]) -> list[Reservation]:
    """The rows that hold back what a try may cost, not yet saved."""
    return [Reservation(step_run=held, fence=held.fence, key=key, amount=amount) for key, amount in amounts.items()]


def save(reservations: Sequence[Reservation]) -> None:
    """Save them, in the transaction that locked their budgets."""
    rows.insert(reservations)


def settle(ended: Sequence[tuple[StepRun, Mapping[str, Decimal]]]) -> None:
    """What ended tries did cost, by budget, in place of what was reserved for them. No statement where none had one."""
    if not ended:
        return
    ids, fences = [held.pk for held, _ in ended], [held.fence for held, _ in ended]
    pairs = [(key, cost) for _, costs in ended for key, cost in costs.items()]
    keys, costs = [key for key, _ in pairs], [cost for _, cost in pairs]
    with connection.cursor() as cursor:
        cursor.execute(SETTLE, [ids, fences, ids, fences, keys, costs])


@tick("reservations", every=30)
def sweep() -> int:
    """Count as spent what is reserved for tries that nobody will settle: those that were lost, or are over."""
    gone = Reservation.objects.exclude(step_run__status="running").values_list("step_run_id", "fence")[:SWEPT]
    found = list(gone)
    if found:
        ids, fences = [pk for pk, _ in found], [fence for _, fence in found]
        with connection.cursor() as cursor:
            cursor.execute(SETTLE, [ids, fences, [], [], [], []])
    return len(found)
