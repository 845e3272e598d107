"""Home: what waits, what is late, what runs, and what it cost today, by role."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from audit.clock_time import now
from audit.models import User
from orchestration import beginnings, unsettled
from orchestration.models import Run, Workflow
from reviews.home import arriving, governance, health, hourbars, owned, running, today
from reviews.models import Review, ReviewQuerySet
from reviews.navigation import MOST
from reviews.runpages import telling
from reviews.who import opinions
from reviews.who import told as who

FIRST, LATE, EVENTS, MOST_UNSETTLED = 5, 3, 14, 20
SOON = timedelta(hours=1)
DRAWN = {"email.send": "mail"}


@dataclass(frozen=True, slots=True)
class Waiting:
    """One question in a list on home."""

    review: Review
    drawn: str
    group: str
    late: timedelta


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The first page after signing in; for somebody with no role, whom to ask for one."""
    user = cast(User, request.user)
    workflows = list(Workflow.objects.allowed(user, "view"))
    if not workflows and not user.has_perm("audit.view_record") and not beginnings.may_make(user):
        return render(request, "reviews/home_nobody.html", {"helpers": _helpers()})
    return render(request, "reviews/home.html", _page(user, workflows, now()))


def _page(user: User, workflows: list[Workflow], moment: datetime) -> dict[str, Any]:
    decides = bool(Workflow.objects.ids_allowed(user, "decide"))
    overall = Review.objects.filter(workflow__in=[workflow.pk for workflow in workflows]).unveiled(user)
    figures = today.figures(user, workflows, moment)
    told: list[Any] = list(unsettled.told_to(user)[:MOST_UNSETTLED])
    own = owned.owned_by(user, moment)
    return {
        "now": moment,
        "decides": decides,
        "many": len(workflows) > 1,
        **_waits(Review.objects.open_for(user) if decides else overall.open(), moment),
        **_late(overall, moment),
        "unsettled": [held for held in told if not held.nobody],
        "refused": [held for held in told if held.nobody],
        "asked": opinions.asked_of(user),
        "governance": governance.to_do(user, moment),
        "today": figures,
        "hours": hourbars.draw(figures.hours, timezone.localtime(moment).hour),
        "live": Run.objects.seen_by(user).live()[:MOST].count(),
        "running": running.live(user, workflows, moment),
        "owned": own,
        "models": health.lately(workflows, moment) if own or user.has_perm("audit.view_report") else [],
        "triggers": arriving.triggers(workflows),
        "switches": arriving.switches(),
        "events": telling.latest(telling.seen_by(user, workflows).exclude(kind__in=telling.ROUTINE), EVENTS),
        "startable": Workflow.objects.allowed(user, "start").exclude(current=None).first(),
        "begins": not workflows and beginnings.may_make(user),
    }


def _waits(queue: ReviewQuerySet, moment: datetime) -> dict[str, Any]:
    return {
        "waits": queue[:MOST].count(),
        "soon": queue.filter(due_at__lt=moment + SOON)[:MOST].count(),
        "first": _lines(queue.in_order(), FIRST, moment),
    }


def _late(overall: ReviewQuerySet, moment: datetime) -> dict[str, Any]:
    overdue = overall.overdue()
    return {"late": overdue[:MOST].count(), "latest": _lines(overdue.order_by("due_at", "id"), LATE, moment)}


def _lines(queue: ReviewQuerySet, most: int, moment: datetime) -> list[Waiting]:
    found = queue.select_related("group", "workflow", "step_run__step").defer("content", "evidence", "why")
    return [
        Waiting(
            review,
            DRAWN.get(review.step_run.step.spec.get("tool", ""), "sparkles"),
            who.waits_for(review),
            moment - review.due_at,
        )
        for review in found[:most]
    ]


def _helpers() -> list[User]:
    """Whom somebody without a role can ask: those who may change the workspace."""
    may = Q(groups__permissions__codename="change_choices") | Q(user_permissions__codename="change_choices")
    return list(User.objects.filter(may, is_active=True).distinct().order_by("last_name", "first_name")[:5])
