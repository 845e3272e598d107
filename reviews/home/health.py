"""Models lately: whether they answered, quarter hour by quarter hour, and how fast."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, DurationField, ExpressionWrapper, F, FloatField, Func, Q, Value
from django.db.models.functions import Extract, Floor
from django.utils.translation import ngettext

from orchestration.models import Attempt, Workflow
from reviews.home.today import Median

QUARTERS = 24
QUARTER = timedelta(minutes=15)
TICK, GAP = 3, 1  # widths for SVG


@dataclass(frozen=True, slots=True)
class Tick:
    """One quarter hour: y when all calls were answered, n when some were not, q when there were none."""

    x: int
    kind: str


@dataclass(frozen=True, slots=True)
class Health:
    """One model over the last six hours."""

    model: str
    ticks: list[Tick]
    half_within: timedelta | None
    answers: bool
    said: str


def lately(workflows: Iterable[Workflow], moment: datetime) -> list[Health]:
    """The models that these workflows called in the last six hours: two queries."""
    since = moment - QUARTERS * QUARTER
    ids = [workflow.pk for workflow in workflows]
    called = Attempt.objects.filter(started_at__gte=since, step_run__run__workflow__in=ids).exclude(model="")
    took = ExpressionWrapper(F("ended_at") - F("started_at"), output_field=DurationField())
    medians = dict(
        called.filter(ended_at__isnull=False).values("model").annotate(half=Median(took)).values_list("model", "half")
    )
    counts: dict[str, dict[int, tuple[int, int]]] = {}
    bad = Count("pk", filter=Q(result__in=["failed", "lost"]))
    rows = called.annotate(quarter=_quarter(since)).values("model", "quarter").annotate(calls=Count("pk"), bad=bad)
    for row in rows:
        counts.setdefault(row["model"], {})[int(row["quarter"])] = (row["calls"], row["bad"])
    return [_health(model, counts[model], medians.get(model)) for model in sorted(counts)]


def _quarter(since: datetime) -> Floor:
    """Which quarter hour of the six hours a call fell into."""
    age: Func = ExpressionWrapper(F("started_at") - Value(since), output_field=DurationField())  # type: ignore[assignment]
    seconds = Extract(age, "epoch", output_field=FloatField())
    return Floor(seconds / Value(QUARTER.total_seconds()), output_field=FloatField())


def _health(model: str, counts: dict[int, tuple[int, int]], half: timedelta | None) -> Health:
    ticks = [Tick(number * (TICK + GAP), _kind(counts.get(number))) for number in range(QUARTERS)]
    bad = sum(1 for tick in ticks if tick.kind == "n")
    said = ngettext("Last six hours: %d quarter hour with errors", "Last six hours: %d quarter hours with errors", bad)
    newest = counts[max(counts)]
    return Health(model, ticks, half, newest[1] < newest[0], said % bad)


def _kind(counted: tuple[int, int] | None) -> str:
    return "q" if counted is None else "n" if counted[1] else "y"
