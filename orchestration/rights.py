"""What somebody may do with a workflow, asked of the database at this very moment: for acts, not for lists."""

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


class Rights(NamedTuple):
    """What a person may do with one workflow (view, start, decide, manage), and the ids of the person's groups."""

    may: frozenset[str]
    groups: frozenset[int]


def afresh(user_id: int, workflow_id: int) -> Rights:
    """The rights as they are now, in one statement; nothing for somebody who is no longer active."""
    rows = hot.rows(AFRESH, [workflow_id, workflow_id, user_id])
    may = frozenset(codename.removesuffix("_workflow") for codename, _ in rows if codename)
    return Rights(may, frozenset(rows[0][1] or () if rows else ()))
