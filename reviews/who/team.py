"""What a lead sees: how much each person has, what is late or will be, over the workflows that one manages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q
from django.db.models.fields.tuple_lookups import TupleGreaterThan

from audit import hot
from audit.models import User
from orchestration.models import Workflow
from reviews.models import Review
from reviews.who import holders

SIZE = 30  # rows of a page
MOST = 1000  # a badge counts no further
SOON = timedelta(hours=1)
LATELY = timedelta(days=30)
DUE_ORDER = (F("due_at"), F("id"))

DECIDED = """
SELECT decided_by_id, count(*) FILTER (WHERE decided_at >= %s::timestamptz),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY decided_at - asked_at)
FROM reviews_review WHERE decided_by_id = ANY(%s::bigint[]) AND decided_at >= %s::timestamptz
    AND workflow_id = ANY(%s::bigint[]) GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class Load:
    """What one person has: assigned and open, late of these, decided today, and how long a decision usually took."""

    person: User
    open: int
    late: int
    today: int
    typical: timedelta | None
    is_away: bool


@dataclass(frozen=True, slots=True)
class Team:
    """One page of people, one page of what is late or soon will be, and what nobody is named for."""

    people: list[Load]
    more_people: int | None
    late: list[Review]
    more_late: int | None
    unassigned: int
    overdue: int


def managed(user: User) -> list[int]:
    """The workflows that somebody leads."""
    return Workflow.objects.ids_allowed(user, "manage")


def look(user: User, moment: datetime, day: datetime, *, people_after: int = 0, late_after: int = 0) -> Team:
    """The team of a lead: six queries however many there are."""
    workflows = managed(user)
    found = list(_deciders(workflows).filter(pk__gt=people_after).order_by("pk")[: SIZE + 1])
    waiting = Review.objects.open().unveiled(user).filter(workflow__in=workflows)
    late = list(_late(waiting, moment, late_after)[: SIZE + 1])
    return Team(
        people=_loads(found[:SIZE], workflows, moment, day),
        more_people=found[SIZE - 1].pk if len(found) > SIZE else None,
        late=late[:SIZE],
        more_late=late[SIZE - 1].pk if len(late) > SIZE else None,
        unassigned=waiting.filter(assigned_to=None)[:MOST].count(),
        overdue=waiting.filter(due_at__lt=moment)[:MOST].count(),
    )


def _deciders(workflows: Sequence[int]):  # type: ignore[no-untyped-def]
    """Everybody who may decide on one of these workflows."""
    named = User.objects.filter(
        workflowuserpermission__content_object__in=workflows,
        workflowuserpermission__permission__codename="decide_workflow",
    )
    shared = User.objects.filter(
        groups__workflowgrouppermission__content_object__in=workflows,
        groups__workflowgrouppermission__permission__codename="decide_workflow",
    )
    either = Q(pk__in=named.values("pk")) | Q(pk__in=shared.values("pk"))
    return User.objects.filter(either, is_active=True)


def deciders(user: User) -> list[User]:
    """Those to whom a lead may assign something, by name."""
    return list(_deciders(managed(user)).order_by("last_name", "first_name", "pk")[:500])


def _late(waiting, moment: datetime, after: int):  # type: ignore[no-untyped-def]
    found = waiting.filter(due_at__lt=moment + SOON).order_by("due_at", "id")
    if after and (at := Review.objects.filter(pk=after).values_list("due_at", "pk").first()):
        found = found.filter(TupleGreaterThan(DUE_ORDER, at))
    shown = found.select_related("workflow", "assigned_to", "claimed_by", "group")
    return shown.defer("content", "evidence", "why", "written")


def _loads(people: Sequence[User], workflows: Sequence[int], moment: datetime, day: datetime) -> list[Load]:
    ids = [one.pk for one in people]
    rows = Review.objects.open().filter(assigned_to__in=ids, workflow__in=workflows).order_by()
    counted = rows.values_list("assigned_to").annotate(open=Count("pk"), late=Count("pk", Q(due_at__lt=moment)))
    waiting = {pk: (count, late) for pk, count, late in counted}
    decided = {row[0]: row[1:] for row in hot.rows(DECIDED, [day, ids, moment - LATELY, list(workflows)])}
    gone = holders.here().away
    return [_load(one, waiting.get(one.pk, (0, 0)), decided.get(one.pk, (0, None)), one.pk in gone) for one in people]


def _load(one: User, waiting: tuple[int, int], decided: tuple[Any, ...], is_away: bool) -> Load:
    return Load(one, waiting[0], waiting[1], decided[0], decided[1], is_away)
