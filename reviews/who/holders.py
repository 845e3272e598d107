"""Who could decide on a workflow, with what they are known by; and who acts for whom while they are away."""

import time
from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple, Self

from audit import hot, newcomers
from orchestration.waived import today as today

KEPT = 1.0  # seconds
MOST = 1000  # workflows that are remembered

# Who is away, each with the deputy; and who is no second person beside whom.
HERE = f"""
WITH RECURSIVE {newcomers.DECIDING}
(SELECT DISTINCT ON (user_id) TRUE, user_id, deputy_id FROM reviews_absence
WHERE ended_at IS NULL AND to_day >= %s::date AND from_day <= %s::date ORDER BY user_id, id DESC)
UNION ALL SELECT FALSE, guest, host FROM bound
"""  # noqa: S608  (our own statement)
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
# Of these people those who may decide here, beside whom they do not, and whether anybody is away at all.
AFRESH = f"""
WITH RECURSIVE {newcomers.DECIDING}
SELECT u.id, u.skills, (SELECT array_agg(g.group_id) FROM audit_user_groups g WHERE g.user_id = u.id),
    {newcomers.column("u.id")},
    EXISTS (SELECT 1 FROM reviews_absence WHERE ended_at IS NULL AND to_day >= %s::date AND from_day <= %s::date)
FROM audit_user u WHERE u.id = ANY(%s::bigint[]) AND u.is_active AND (EXISTS (
    SELECT 1 FROM orchestration_workflowuserpermission o JOIN auth_permission p ON p.id = o.permission_id
    WHERE o.user_id = u.id AND o.content_object_id = %s::bigint AND p.codename = 'decide_workflow'
) OR EXISTS (
    SELECT 1 FROM orchestration_workflowgrouppermission o JOIN auth_permission p ON p.id = o.permission_id
    JOIN audit_user_groups g USING (group_id)
    WHERE g.user_id = u.id AND o.content_object_id = %s::bigint AND p.codename = 'decide_workflow'
))
"""  # noqa: S608  (our own statement)

type Away = Mapping[int, int | None]  # who is away -> their deputy

_holders: dict[int, tuple[float, list["Holder"]]] = {}
_here: dict[date, tuple[float, "Here"]] = {}


class Holder(NamedTuple):
    """Somebody who may decide on a workflow: their groups and skills."""

    person: int
    groups: frozenset[int]
    skills: frozenset[str]


class Able(NamedTuple):
    """Somebody who could decide now: oneself, or for somebody who is away. `kin`: beside whom they are too new."""

    person: int
    stands_for: int | None = None
    kin: newcomers.Kin = frozenset()

    @property
    def both(self) -> frozenset[int]:
        """The two themselves."""
        return frozenset({self.person} | ({self.stands_for} if self.stands_for else set()))

    @property
    def apart(self) -> frozenset[int]:
        """Whose work it must not be, and who must not have approved already."""
        return self.both | self.kin


class Here(NamedTuple):
    """What holds now beside the rights: who is away, and who is no second person beside whom."""

    away: Away
    kin: Mapping[int, newcomers.Kin]

    @classmethod
    def read(cls, day: date) -> Self:
        """As it is at this moment."""
        away: dict[int, int | None] = {}
        kin: dict[int, set[int]] = {}
        for is_away, one, other in hot.rows(HERE, [day, day]):
            if is_away:
                away[one] = other
            else:
                kin.setdefault(one, set()).add(other)
                kin.setdefault(other, set()).add(one)
        return cls(away, {one: frozenset(others) for one, others in kin.items()})

    def able(self, person: int, stands_for: int | None = None) -> Able:
        """Somebody as they could decide now."""
        one = Able(person, stands_for)
        return one._replace(kin=frozenset[int]().union(*(self.kin.get(pk, ()) for pk in one.both)))


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


def afresh(people: Iterable[int], workflow_id: int, day: date) -> tuple[list[tuple[Able, Holder]], bool]:
    """Those of these people who may decide at this very moment, and whether anybody is away: one statement."""
    rows = hot.rows(AFRESH, [day, day, list(people), workflow_id, workflow_id])
    return [(Able(row[0], None, frozenset(row[3] or ())), _holder(row)) for row in rows], bool(rows and rows[0][4])


def here(day: date | None = None) -> Here:
    """Who is away on a day, and who is new, as it was a second ago at the most."""
    day, moment = day or today(), time.monotonic()
    if day not in _here or moment - _here[day][0] > KEPT:
        _here.clear()
        _here[day] = moment, Here.read(day)
    return _here[day][1]


def here_now(day: date | None = None) -> Here:
    """The same, as it is at this moment."""
    return Here.read(day or today())


def forget() -> None:
    """Ask again at the next chance."""
    _holders.clear()
    _here.clear()


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


def present(people: Iterable[Holder], now: Here) -> list[tuple[Able, Holder]]:
    """Everybody who is here, and everybody who is away by whoever acts for them, each with what is asked of them."""
    known, gone = {one.person: one for one in people}, now.away
    found: list[tuple[Able, Holder]] = [(now.able(pk), one) for pk, one in known.items() if pk not in gone]
    for pk, one in known.items():
        deputy = stand_in(pk, gone) if pk in gone else None
        if deputy is not None and deputy in known:
            found.append((now.able(deputy, pk), one))
    return found
