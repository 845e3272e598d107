"""Agents of versions that were published before calls were step runs get the steps that they may call.

The documents of that time know tools alone: no workers, nobody to ask, no review of calls.
"""

import hashlib
import re
from itertools import batched
from typing import Any

from django.db import migrations
from django.db.models import Max

AGENTS = 200  # at once
LONGEST = 60  # characters of a step's key
SHARED = ("purpose", "owner", "permission", "data")  # what a call has of its agent


def as_they_stood(apps: Any, schema_editor: Any) -> None:
    """A step for each tool, behind all others of its version, owned and seen as its agent is."""
    step, alias = apps.get_model("orchestration", "Step"), schema_editor.connection.alias
    groups = apps.get_model("orchestration", "StepGroup")._base_manager.using(alias)
    steps = step._base_manager.using(alias)
    agents = steps.filter(kind="agent", version__number__isnull=False).exclude(pk__in=_callers(steps))
    for keys in batched(list(agents.order_by("pk").values_list("pk", flat=True)), AGENTS):
        _make(step, steps, groups, keys)


def _callers(steps: Any) -> Any:
    return steps.filter(role="call", parent__isnull=False).values("parent")


def _make(step: Any, steps: Any, groups: Any, keys: tuple[int, ...]) -> None:
    agents = list(steps.filter(pk__in=keys).order_by("version_id", "position"))
    last = _last(steps, {agent.version_id for agent in agents})
    made = []
    for agent in agents:
        named = {_key(agent.key, str(name)): str(name) for name in reversed(agent.spec.get("tools") or [])}
        for key, name in reversed(named.items()):  # of two that a model could not tell apart, the first
            last[agent.version_id] += 1
            made.append(_call(step, agent, key, name, last[agent.version_id]))
    steps.bulk_create(made, batch_size=500)
    may: dict[int, list[tuple[int, str]]] = {}
    for row in groups.filter(step__in=keys, may__in=["see", "run"]).order_by("pk"):
        may.setdefault(row.step_id, []).append((row.group_id, row.may))
    rights = [(call.pk, *right) for call in made for right in may.get(call.parent_id, [])]
    groups.bulk_create(
        (groups.model(step_id=call, group_id=group, may=what) for call, group, what in rights), batch_size=500
    )


def _last(steps: Any, versions: set[int]) -> dict[int, int]:
    """The last position in each version."""
    return dict(steps.filter(version__in=versions).order_by().values_list("version_id").annotate(Max("position")))


def _call(step: Any, agent: Any, key: str, tool: str, position: int) -> Any:
    spec = {name: agent.spec[name] for name in SHARED if name in agent.spec}
    own = {"key": key, "name": tool, "kind": "tool", "tool": tool, "input": {}, "review": {}}
    return step(
        version_id=agent.version_id,
        parent_id=agent.pk,
        role="call",
        key=key,
        name=tool[:120],
        position=position,
        kind="tool",
        purpose=agent.purpose,
        owner_id=agent.owner_id,
        owner_group_id=agent.owner_group_id,
        spec={**spec, "metrics": [], **own},
    )


def _key(agent: str, tool: str) -> str:
    key = f"{agent}-{re.sub(r'[^a-zA-Z0-9_-]', '_', tool)[:64]}"
    if len(key) <= LONGEST:
        return key
    return f"{key[: LONGEST - 9]}-{hashlib.sha256(key.encode()).hexdigest()[:8]}"


class Migration(migrations.Migration):
    dependencies = [("orchestration", "0022_pauses")]

    operations = [migrations.RunPython(as_they_stood, migrations.RunPython.noop, elidable=False)]
