"""How often each rule held of late, and the checks that somebody looks for."""

from collections import Counter
from datetime import timedelta
from typing import NamedTuple

from django.db.models import QuerySet

from audit.clock_time import now
from orchestration.models import RuleCheck
from orchestration.states import Effect, Point

DAYS = 7
MOST = 20_000  # checks that are counted


class Counts(NamedTuple):
    """How often each rule held, by key. `more`: there are more checks than were counted."""

    by: Counter[str]
    more: bool


def of_late() -> Counts:
    """In the last seven days: one query."""
    since = now() - timedelta(days=DAYS)
    found = RuleCheck.objects.exclude(keys=[]).filter(at__gte=since).order_by("-at")
    rows = list(found.values_list("keys", flat=True)[:MOST])
    return Counts(Counter(key for keys in rows for key in keys), len(rows) == MOST)


def sought(*, point: str = "", effect: str = "", rule: str = "", run: int | None = None) -> QuerySet[RuleCheck]:
    """Checks narrowed by what an address says; what is no point or effect narrows nothing."""
    found = RuleCheck.objects.all()
    if point in Point.values:
        found = found.filter(point=point)
    if effect in Effect.values:
        found = found.filter(effect=effect)
    if rule:
        found = found.exclude(keys=[]).filter(keys__contains=[rule[:60]])
    return found.filter(run_id=run) if run is not None else found
