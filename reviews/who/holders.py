"""Who could decide on a workflow, with what they are known by; and who acts for whom while they are away."""

import time
from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from audit import hot
from orchestration.waived import today as today

KEPT = 1.0  # seconds
MOST = 1000  # workflows that are remembered

AWAY = """
SELECT DISTINCT ON (user_id) user_id, deputy_id FROM reviews_absence
WHERE ended_at IS NULL AND to_day >= %s::date AND from_day <= %s::date ORDER BY user_id, id DESC
"""
# Whoever holds a permission to decide here, oneself or by a group, with all groups.
HOLDERS = """
SELECT u.id, u.skills, (SELECT array_agg(g.group_id) FROM audit_user_groups g WHERE g.user_id = u.id)
FROM audit_user u WHERE u.is_active AND u.id IN (
    SELECT o.user_id FROM orchestration_workflowuserpermission o JOIN auth_permission p ON p.id = o.permission_id
    WHERE o.content_object_id = %s::bigint AND p.codename = 'decide_workflow'
    UNION
    SELECT g.user_id FROM orchestration_workflowgrouppermission o JOIN auth_permission p ON p.id = o.permission_id
    JOIN audit_user_groups g USING (group_id)
    WHERE o.content_object_id = %s::bigint AND p.codename = 'decide_workflow'
) ORDER BY u.id
"""
# Of these people those who may decide here, and whether anybody is away at all.
AFRESH = """
SELECT u.id, u.skills, (SELECT array_agg(g.group_id) FROM audit_user_groups g WHERE g.user_id = u.id),
    EXISTS (SELECT 1 FROM reviews_absence WHERE ended_at IS NULL AND to_day >= %s::date AND from_day <= %s::date)
FROM audit_user u WHERE u.id = ANY(%s::bigint[]) AND u.is_active AND (EXISTS (
    SELECT 1 FROM orchestration_workflowuserpermission o JOIN auth_permission p ON p.id = o.permission_id
    WHERE o.user_id = u.id AND o.content_object_id = %s::bigint AND p.codename = 'decide_workflow'
) OR EXISTS (
    SELECT 1 FROM orchestration_workflowgrouppermission o JOIN auth_permission p ON p.id = o.permission_id
    JOIN audit_user_groups g USING (group_id)
    WHERE g.user_id = u.id AND o.content_object_id = %s::bigint AND p.codename = 'decide_workflow'
))
"""

type Away = Mapping[int, int | None]  # who is away -> their deputy

_holders: dict[int, tuple[float, list["Holder"]]] = {}
_away: dict[date, tuple[float, Away]] = {}


class Holder(NamedTuple):
    """Somebody who may decide on a workflow: their groups and skills."""

    person: int
    groups: frozenset[int]
    skills: frozenset[str]


class Able(NamedTuple):
    """Somebody who could decide now: oneself, or for somebody who is away."""

    person: int
    stands_for: int | None = None

    @property
    def both(self) -> frozenset[int]:
        """Whose work it must not be, and who must not have approved already."""
        return frozenset({self.person} | ({self.stands_for} if self.stands_for else set()))


def holders(workflow_id: int) -> list[Holder]:
    """Everybody who may decide on a workflow, as it was a second ago at the most."""
    moment = time.monotonic()
    if workflow_id not in _holders or moment - _holders[workflow_id][0] > KEPT:
        if len(_holders) > MOST:
            _holders.clear()
        _holders[workflow_id] = moment, holders_now(workflow_id)
    return _holders[workflow_id][1]


def holders_now(workflow_id: int) -> list[Holder]:
    """The same, as it is at this moment."""
    return [_holder(row) for row in hot.rows(HOLDERS, [workflow_id, workflow_id])]


def _holder(row: tuple[object, ...]) -> Holder:
    person, skills, groups = row[:3]
    assert isinstance(person, int)
    return Holder(person, frozenset(groups or ()), frozenset(skills or ()))  # type: ignore[call-overload]


def afresh(people: Iterable[int], workflow_id: int, day: date) -> tuple[list[Holder], bool]:
    """Those of these people who may decide at this very moment, and whether anybody is away: one statement."""
    rows = hot.rows(AFRESH, [day, day, list(people), workflow_id, workflow_id])
    return [_holder(row) for row in rows], bool(rows and rows[0][3])


def away(day: date | None = None) -> Away:
    """Who is away on a day, each with the deputy, as it was a second ago at the most."""
    day, moment = day or today(), time.monotonic()
    if day not in _away or moment - _away[day][0] > KEPT:
        _away.clear()
        _away[day] = moment, away_now(day)
    return _away[day][1]


def away_now(day: date | None = None) -> Away:
    """The same, as it is at this moment."""
    day = day or today()
    return dict(hot.rows(AWAY, [day, day]))


def forget() -> None:
    """Ask again at the next chance."""
    _holders.clear()
    _away.clear()


def stand_in(person: int, gone: Away) -> int | None:
    """Who acts for somebody who is away: their deputy, or the deputy's where that one is away too; nobody in a ring."""
    seen: set[int] = set()
    while person in gone:
        if person in seen:
            return None
        seen.add(person)
        deputy = gone[person]
        if deputy is None:
            return None
        person = deputy
    return person


def stood_for(person: int, gone: Away) -> list[int]:
    """Those for whom somebody acts now. Whoever is away acts for nobody."""
    return sorted(other for other in gone if other != person and stand_in(other, gone) == person)


def present(people: Iterable[Holder], gone: Away) -> list[tuple[Able, Holder]]:
    """Everybody who is here, and everybody who is away by whoever acts for them, each with what is asked of them."""
    known = {one.person: one for one in people}
    found: list[tuple[Able, Holder]] = [(Able(pk), one) for pk, one in known.items() if pk not in gone]
    for pk, one in known.items():
        deputy = stand_in(pk, gone) if pk in gone else None
        if deputy is not None and deputy in known:
            found.append((Able(deputy, pk), one))
    return found
