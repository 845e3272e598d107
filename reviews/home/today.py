"""The reader's day in figures: what was decided, how fast, at what cost."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Aggregate, Count, DurationField, ExpressionWrapper, F, Q, QuerySet, Sum
from django.db.models.functions import TruncHour
from django.utils import timezone

from audit import sight
from audit.models import User
from orchestration.models import Attempt, Workflow
from reviews.models import Decision

USUAL_DAYS = 14  # how far back "usual" looks
ENOUGH_DAYS = 3  # days with decisions before anything counts as usual


class Median(Aggregate):
    """Half of the values lie below it."""

    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


@dataclass(frozen=True, slots=True)
class Hour:
    """How many decisions fell into one hour of the day, and how many usually do (None: not known yet)."""

    hour: int
    count: int
    usual: float | None = None


@dataclass(frozen=True, slots=True)
class Today:
    """The figures of the reader's day so far."""

    since: datetime
    decided: int
    by_you: int
    in_time: int
    half_within: timedelta | None
    hours: list[Hour]
    usual_by_now: int | None
    cost: Decimal
    calls: int
    tokens: int


def day_of(moment: datetime) -> datetime:
    """Midnight of the reader's day."""
    return timezone.localtime(moment).replace(hour=0, minute=0, second=0, microsecond=0)


def figures(user: User, workflows: Iterable[Workflow], moment: datetime) -> Today:
    """The day of `user`, over the workflows they may see: three queries."""
    since, ids = day_of(moment), [workflow.pk for workflow in workflows]
    standing = Decision.objects.standing().filter(sight.unveiled(user, "review__run"), review__workflow__in=ids)
    told = _decided(standing.filter(at__gte=since), user)
    by_hour = _by_hour(standing, since)
    hours, usual = _hours(by_hour, since, moment)
    spent = _spent(user, ids, since)
    return Today(since=since, hours=hours, usual_by_now=usual, **told, **spent)


def _decided(standing: QuerySet[Decision], user: User) -> dict[str, Any]:
    took = ExpressionWrapper(F("at") - F("review__asked_at"), output_field=DurationField())
    return standing.aggregate(
        decided=Count("pk"),
        by_you=Count("pk", filter=Q(by=user)),
        in_time=Count("pk", filter=Q(at__lte=F("review__due_at"))),
        half_within=Median(took),
    )


def _by_hour(standing: QuerySet[Decision], since: datetime) -> dict[datetime, int]:
    recent = standing.filter(at__gte=since - timedelta(days=USUAL_DAYS))
    hour = TruncHour("at", tzinfo=timezone.get_current_timezone())
    rows = recent.annotate(hour=hour).values("hour").order_by("hour").annotate(count=Count("pk"))
    return {row["hour"]: row["count"] for row in rows}


def _hours(by_hour: dict[datetime, int], since: datetime, moment: datetime) -> tuple[list[Hour], int | None]:
    """The hours from the first to the last that matters, and how many decisions there usually are by now."""
    now_hour = timezone.localtime(moment).hour
    today = {at.hour: count for at, count in by_hour.items() if at >= since}
    usual = _usual({at: count for at, count in by_hour.items() if at < since})
    busy = [*today, *(hour for hour, count in (usual or {}).items() if count >= 0.5), now_hour]
    first, last = min(busy), max(busy)
    first = max(0, min(first, last - 5))
    last = max(last, first + 5)
    hours = [Hour(hour, today.get(hour, 0), usual[hour] if usual else None) for hour in range(first, last + 1)]
    if usual is None:
        return hours, None
    part = (moment - since).total_seconds() / 3600 % 1
    return hours, round(sum(usual[hour] for hour in range(now_hour)) + usual[now_hour] * part)


def _usual(before: dict[datetime, int]) -> dict[int, float] | None:
    """Decisions in each hour of a day on which there were any; None while there are too few such days."""
    days = {at.date() for at in before}
    if len(days) < ENOUGH_DAYS:
        return None
    sums: dict[int, int] = defaultdict(int)
    for at, count in before.items():
        sums[at.hour] += count
    return {hour: sums[hour] / len(days) for hour in range(24)}


def _spent(user: User, ids: list[int], since: datetime) -> dict[str, Any]:
    told = sight.unveiled(user, "step_run__run")
    tries = Attempt.objects.filter(told, started_at__gte=since, step_run__run__workflow__in=ids)
    spent = tries.aggregate(
        cost=Sum("cost", default=Decimal(0)),
        calls=Count("pk", filter=~Q(model="")),
        tokens=Sum(F("tokens_in") + F("tokens_out"), default=0),
    )
    return dict(spent)
