"""Who may use a tool that is not for everybody: the workflow or agent that calls it, and whoever started the run.

Both must be allowed: an agent does no more than who started it may, and nobody gets more by an agent. It is asked as it
was a second ago at the most.
"""

import time

from audit import hot

KEPT = 1.0  # seconds
MOST = 10_000  # people that are remembered
LIMITED = """
SELECT t.name, (SELECT array_agg(u.workflow_id) FROM orchestration_tooluse u WHERE u.tool_id = t.id AND u.agent = ''),
    (SELECT array_agg(u.agent) FROM orchestration_tooluse u WHERE u.tool_id = t.id AND u.agent <> '')
FROM orchestration_tool t WHERE NOT t.for_all
"""
OF_PERSON = """
SELECT t.name FROM orchestration_tool t JOIN audit_user u ON u.id = %s::bigint AND u.is_active
WHERE NOT t.for_all AND (u.is_superuser OR EXISTS (
    SELECT FROM orchestration_tooluserpermission p JOIN auth_permission a ON a.id = p.permission_id
    WHERE p.content_object_id = t.id AND p.user_id = u.id AND a.codename = 'use_tool'
) OR EXISTS (
    SELECT FROM orchestration_toolgrouppermission p JOIN auth_permission a ON a.id = p.permission_id
    JOIN audit_user_groups g ON g.group_id = p.group_id
    WHERE p.content_object_id = t.id AND g.user_id = u.id AND a.codename = 'use_tool'
))
"""

_limited: dict[str, tuple[frozenset[int], frozenset[str]]] = {}  # workflows and agents, by tool
_looked = float("-inf")
_people: dict[int, tuple[float, frozenset[str]]] = {}


def refusal(tool: str, starter: int | None, workflow: int, agent: str = "") -> str:
    """Why a tool may not be called in a run of this workflow that this person started; "" where it may.

    `agent` is the name of the agent that asks for the call: then its own leave counts, not the workflow's.
    """
    _look()
    if tool not in _limited:
        return ""
    workflows, agents = _limited[tool]
    if agent and agent not in agents:
        return f"The agent {agent} may not use the tool {tool}."
    if not agent and workflow not in workflows:
        return f"This workflow may not use the tool {tool}."
    if starter is None or tool not in _of(starter):
        return f"Whoever started this run may not use the tool {tool}."
    return ""


def forget() -> None:
    """Ask again at the next chance."""
    global _looked
    _looked = float("-inf")
    _people.clear()


def _look() -> None:
    global _limited, _looked
    if time.monotonic() - _looked > KEPT:
        found = hot.rows(LIMITED)
        _limited = {name: (frozenset(workflows or ()), frozenset(agents or ())) for name, workflows, agents in found}
        _looked = time.monotonic()


def _of(person: int) -> frozenset[str]:
    """The tools that are not for everybody, and that a person may use."""
    moment = time.monotonic()
    if person not in _people or moment - _people[person][0] > KEPT:
        if len(_people) > MOST:
            _people.clear()
        _people[person] = moment, frozenset(name for (name,) in hot.rows(OF_PERSON, [person]))
    return _people[person][1]
