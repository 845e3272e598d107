"""A step that is tried with an input: which model would be asked, worked out as for a real try. Nothing is called."""

from dataclasses import replace
from typing import Any

from orchestration.executors import chosen
from orchestration.executors.model import opening
from orchestration.executors.task import Task
from orchestration.explain.routed import Routed, tables
from orchestration.models import Run, Step, StepRun
from orchestration.plans import plan_of
from orchestration.routing import keeping
from orchestration.routing.filters import FILTERS
from orchestration.routing.replaying import Replay
from orchestration.scopes import CLASSES

UNASKED = {"no_credentials", "rule"}


def try_out(step: Step, given: dict[str, Any]) -> Routed:
    """The decision of a try that reads `given`. The steps that it reads count with the classes that they declare."""
    version = step.version
    run = Run(version=version, workflow=version.workflow)
    held = StepRun(run=run, step=step, workflow=version.workflow, fence=1, tries=0)
    declared = {one.key: one.spec["data"] for one in plan_of(version).steps.values() if one.spec.get("data")}
    task = Task(held, step, {CLASSES: declared})
    route = chosen.look(task, {"messages": opening(task, given), "tools": step.spec.get("tools")})
    again = Replay(route.asked, route.seen, route.snapshot, route.decided, same=True)
    told = tables(keeping.row(held, route), again)
    return replace(told, passed=[title for title in told.passed if title not in _unasked()])


def _unasked() -> set[str]:
    """What the filters are called that are looked at for a real call alone."""
    return {str(one.title) for one in FILTERS if one.code in UNASKED}
