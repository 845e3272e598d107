"""What somebody may do with a workflow, asked of the database at this very moment: for acts, not for lists."""

import time
from typing import NamedTuple

from audit import hot

AFRESH = """
SELECT p.codename, (SELECT array_agg(g.group_id) FROM audit_user_groups g WHERE g.user_id = u.id)
FROM audit_user u LEFT JOIN LATERAL (
    SELECT permission_id FROM orchestration_workflowuserpermission WHERE user_id = u.id AND content_object_id = %s
    UNION
    SELECT o.permission_id FROM orchestration_workflowgrouppermission o JOIN audit_user_groups g USING (group_id)
    WHERE g.user_id = u.id AND o.content_object_id = %s
) held ON true LEFT JOIN auth_permission p ON p.id = held.permission_id
WHERE u.id = %s AND u.is_active
"""


GROUPS = """
SELECT u.username, (SELECT array_agg(g.name) FROM auth_group g JOIN audit_user_groups m ON m.group_id = g.id
    WHERE m.user_id = u.id)
FROM audit_user u WHERE u.id = %s
"""
KEPT = 1.0  # seconds
MOST = 10_000  # people that are remembered

_known: dict[int, tuple[float, "Known"]] = {}


class Rights(NamedTuple):
    """What a person may do with one workflow (view, start, decide, manage), and the ids of the person's groups."""

    may: frozenset[str]
    groups: frozenset[int]


class Known(NamedTuple):
    """Somebody's login and the names of their groups, in order."""

    name: str
    groups: tuple[str, ...]


def known(user_id: int) -> Known:
    """Who somebody is, as it was a second ago at the most: for rules, which ask it at every step."""
    moment = time.monotonic()
    if user_id not in _known or moment - _known[user_id][0] > KEPT:
        if len(_known) > MOST:
            _known.clear()
        ((name, groups),) = hot.rows(GROUPS, [user_id]) or [("", None)]
        _known[user_id] = moment, Known(name, tuple(sorted(groups or ())))
    return _known[user_id][1]


def forget() -> None:
    """Ask again at the next chance."""
    _known.clear()


def afresh(user_id: int, workflow_id: int) -> Rights:
    """The rights as they are now, in one statement; nothing for somebody who is no longer active."""
    rows = hot.rows(AFRESH, [workflow_id, workflow_id, user_id])
    may = frozenset(codename.removesuffix("_workflow") for codename, _ in rows if codename)
    return Rights(may, frozenset(rows[0][1] or () if rows else ()))
