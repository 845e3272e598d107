"""What every page shows around its content: counts, the place in the record, and what this person may open."""

from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.views.decorators.http import require_safe

from audit import acts, at_once, sealer
from audit.clock_time import now
from audit.models import User
from audit.templatetags import figures
from orchestration import control
from orchestration.models import Brake, Run, Workflow
from orchestration.policies.activating import may_look
from orchestration.sights import may_see_agents, may_see_engine, may_see_models, may_see_tools
from orchestration.states import BrakeStatus
from reviews.models import Review

MOST = 1000  # a badge counts no further


class Links(NamedTuple):
    """Where a person may go, and the counts beside it. Plain values: the links are drawn once for who has the same."""

    inbox_count: int
    live_runs: int
    sign_count: int
    can_inbox: bool
    can_team: bool
    can_sign: bool
    can_report: bool
    can_record: bool
    can_settings: bool
    can_engine: bool
    can_models: bool
    can_tools: bool
    can_agents: bool
    can_rules: bool


def navigation(request: HttpRequest) -> dict[str, Any]:
    """The template context `nav`, `now` and `workspace`; the first two cost queries only on pages that show them."""
    return {
        "nav": SimpleLazyObject(lambda: _nav(request)),
        "now": SimpleLazyObject(now),
        "workspace": settings.HANDRAIL_WORKSPACE,
    }


def _nav(request: HttpRequest) -> dict[str, Any]:
    user: Any = request.user
    stopped = _stopped()
    decides = bool(Workflow.objects.ids_allowed(user, "decide"))
    counted = _counted(request, decides=decides)
    links = Links(
        inbox_count=counted["inbox"],
        live_runs=counted["runs"],
        sign_count=counted["sign"],
        can_inbox=decides,
        can_team=bool(Workflow.objects.ids_allowed(user, "manage")),
        can_sign=_signs(user),
        can_report=user.has_perm("audit.view_report"),
        can_record=user.has_perm("audit.view_record"),
        can_settings=user.has_perm("audit.change_choices"),
        can_engine=may_see_engine(user),
        can_models=may_see_models(user),
        can_tools=may_see_tools(user),
        can_agents=may_see_agents(user),
        can_rules=may_look(user),
    )
    return {
        "role": ", ".join(user.group_names.values()),
        "leaf": sealer.head(),
        **_brake(stopped),
        "links": links,
        **links._asdict(),
    }


def _stopped() -> Brake | None:
    """The brake while it is pulled: every page says so."""
    brake = control.brake()
    return brake if brake.status == BrakeStatus.PULLED else None


def _brake(stopped: Brake | None) -> dict[str, Any]:
    return {"stopped": stopped, "stopped_since": _since(stopped.at) if stopped and stopped.at else ""}


def _signs(user: User) -> bool:
    """Whether the list of what is to be signed is of use to somebody."""
    return acts.signs_any(user) or user.has_perm("audit.view_record")


def _since(at: datetime) -> str:
    """The time of day, and the day where it was another one."""
    today = timezone.localdate(at) == timezone.localdate(now())
    return figures.clock(at) if today else f"{figures.day(at)}, {figures.clock(at)}"


def _counted(request: HttpRequest, *, decides: bool) -> dict[str, int]:
    """What the badges show: one query. What waits for this person is as the inbox has counted, where it is the page."""
    user: Any = request.user
    lists: dict[str, QuerySet[Any]] = {"runs": Run.objects.seen_by(user).live(), "sign": acts.to_sign(user)}
    waiting = getattr(request, "inbox_count", None) if decides else 0
    if waiting is None:
        lists["inbox"] = Review.objects.open_for(user)
    return {"inbox": int(waiting or 0), **at_once.counts(lists, MOST)}


@require_safe
def counts(request: HttpRequest) -> HttpResponse:
    """The badges alone, for an open page to put in place. What else stands around a page is not asked for."""
    user: Any = request.user
    decides = bool(Workflow.objects.ids_allowed(user, "decide"))
    counted, stopped = _counted(request, decides=decides), _stopped()
    nav = {
        "can_inbox": decides,
        "inbox_count": counted["inbox"],
        "live_runs": counted["runs"],
        "sign_count": counted["sign"],
        "can_sign": _signs(user),
        "can_engine": stopped is not None and may_see_engine(user),
        **_brake(stopped),
    }
    return render(request, "_nav_counts.html", {"nav": nav})
