"""Fair shares: every workflow with something ready has its share of the room, and in it every lane: a model, a tool."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection

from audit import hot

LIMITS = 0x4C494D54  # advisory lock of those who count steps against a limit
LANES = """
WITH RECURSIVE lanes AS (
    (SELECT workflow_id, lane FROM orchestration_steprun WHERE status = 'ready' ORDER BY workflow_id, lane LIMIT 1)
    UNION ALL
    SELECT next.workflow_id, next.lane FROM lanes CROSS JOIN LATERAL (
        SELECT workflow_id, lane FROM orchestration_steprun
        WHERE status = 'ready' AND (workflow_id, lane) > (lanes.workflow_id, lanes.lane)
        ORDER BY workflow_id, lane LIMIT 1) next
)
SELECT l.workflow_id, l.lane, w.steps_at_once, least(m.at_once, c.calls_at_once)
FROM lanes l JOIN orchestration_workflow w ON w.id = l.workflow_id
LEFT JOIN orchestration_limit m ON m.lane = l.lane
LEFT JOIN orchestration_model c ON l.lane = 'model:' || c.name AND c.calls_at_once IS NOT NULL
WHERE w.status <> 'paused' AND NOT EXISTS (SELECT 1 FROM orchestration_brake WHERE status = 'pulled')
"""
IN_FLIGHT = """
SELECT workflow_id, lane, count(*) FROM orchestration_steprun WHERE status = 'running' GROUP BY workflow_id, lane
"""


class Lane(NamedTuple):
    """A workflow and a model or tool in it for which steps are ready, with their limits, also of calls at once."""

    workflow_id: int
    lane: str
    steps_at_once: int | None
    at_once: int | None


def lanes() -> list[Lane]:
    """Every lane with steps that are ready; none while everything is stopped."""
    return [Lane(*row) for row in hot.rows(LANES)]


def of(lanes: Sequence[Lane], room: int) -> list[int]:
    """How many steps of each lane may be taken: equal shares by workflow, then by lane, within the limits."""
    beside = Counter(lane.workflow_id for lane in lanes)
    fair = {pk: -(-room // len(beside)) for pk in beside}
    shares = [-(-fair[lane.workflow_id] // beside[lane.workflow_id]) for lane in lanes]
    if all(lane.steps_at_once is None and lane.at_once is None for lane in lanes):
        return shares
    free = _free(lanes)
    for place, lane in enumerate(lanes):
        keys = [key for key in (lane.lane, lane.workflow_id) if key in free]
        shares[place] = max(0, min([shares[place], *(free[key] for key in keys)]))
        for key in keys:
            free[key] -= shares[place]
    return shares


def _free(lanes: Sequence[Lane]) -> dict[str | int, int]:
    """The room left under each limit, counted under a lock so that two workers cannot both take the last place."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LIMITS])
        cursor.execute(IN_FLIGHT)
        rows = cursor.fetchall()
    free: dict[str | int, int] = {lane.lane: lane.at_once for lane in lanes if lane.at_once is not None}
    free |= {lane.workflow_id: lane.steps_at_once for lane in lanes if lane.steps_at_once is not None}
    for workflow_id, lane_name, count in rows:
        for key in (workflow_id, lane_name):
            if key in free:
                free[key] -= count
    return free
