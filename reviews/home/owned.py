"""The workflows that somebody answers for, with this month's figures."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, Sum
from django.utils import timezone

from audit import sight
from audit.models import User
from orchestration.models import Attempt, Workflow
from reviews.models import Decision
from reviews.states import Verdict


@dataclass(frozen=True, slots=True)
class Owned:
    """One workflow and its month so far. Shares are None as long as nothing was decided."""

    workflow: Workflow
    decisions: int
    as_written: float | None
    in_time: float | None
    cost_each: Decimal | None


def owned_by(user: User, moment: datetime) -> list[Owned]:
    """The workflows that `user` owns or may manage: three queries."""
    managed = Workflow.objects.filter(Q(owner=user) | Q(pk__in=Workflow.objects.allowed(user, "manage")))
    seen = managed.filter(pk__in=Workflow.objects.allowed(user, "view"))
    workflows = list(seen.select_related("current").defer("current__document", "current__source"))
    if not workflows:
        return []
    since = timezone.localtime(moment).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    decided, spent = _decided(user, workflows, since), _spent(user, workflows, since)
    return [_owned(workflow, decided.get(workflow.pk, {}), spent.get(workflow.pk)) for workflow in workflows]


def _owned(workflow: Workflow, decided: dict[str, Any], spent: Decimal | None) -> Owned:
    count = decided.get("count", 0)
    if not count:
        return Owned(workflow, 0, None, None, None)
    each = spent / count if spent is not None else None
    return Owned(workflow, count, decided["as_written"] / count, decided["in_time"] / count, each)


def _decided(user: User, workflows: Iterable[Workflow], since: datetime) -> dict[int, dict[str, Any]]:
    told = sight.unveiled(user, "review__run")
    standing = Decision.objects.standing().filter(told, at__gte=since, review__workflow__in=workflows)
    rows = standing.values("review__workflow").annotate(
        count=Count("pk"),
        as_written=Count("pk", filter=Q(verdict=Verdict.APPROVED, edited=False)),
        in_time=Count("pk", filter=Q(at__lte=F("review__due_at"))),
    )
    return {row["review__workflow"]: dict(row) for row in rows}


def _spent(user: User, workflows: Iterable[Workflow], since: datetime) -> dict[int, Decimal]:
    told = sight.unveiled(user, "step_run__run")
    tries = Attempt.objects.filter(told, started_at__gte=since, step_run__run__workflow__in=workflows)
    rows = tries.values("step_run__run__workflow").annotate(cost=Sum("cost"))
    return {row["step_run__run__workflow"]: row["cost"] for row in rows}
