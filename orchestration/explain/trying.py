"""A step that is tried with an input: which model would be asked, worked out as for a real try. Nothing is called."""

from dataclasses import replace
from typing import Any

from audit.models import User
from orchestration.executors import chosen, ruled
from orchestration.executors.model import opening
from orchestration.executors.task import Task
from orchestration.explain.routed import Routed, tables
from orchestration.models import Run, Step, StepRun
from orchestration.plans import plan_of
from orchestration.policies import asking
from orchestration.policies.verdicts import Verdict
from orchestration.routing import deciding, keeping
from orchestration.routing.filters import FILTERS
from orchestration.routing.replaying import Replay
from orchestration.routing.route import Route
from orchestration.scopes import CLASSES
from orchestration.states import Point

UNASKED = {"no_credentials"}


def try_out(step: Step, given: dict[str, Any], *, by: User) -> Routed:
    """The decision of a try that reads `given`, of a run that `by` starts. Nothing of it is recorded.

    The steps that it reads count with the classes that they declare. The rules are asked about every model.
    """
    version = step.version
    run = Run(version=version, workflow=version.workflow, started_by=by)
    held = StepRun(run=run, step=step, workflow=version.workflow, fence=1, tries=0)
    declared = {one.key: one.spec["data"] for one in plan_of(version).steps.values() if one.spec.get("data")}
    task = Task(held, step, {CLASSES: declared})
    route = chosen.look(task, {"messages": opening(task, given), "tools": step.spec.get("tools")})
    route, verdict = _as_rules_say(task, route, given)
    again = Replay(route.asked, route.seen, route.snapshot, route.decided, same=True)
    told = tables(keeping.row(held, route), again)
    return replace(told, passed=[title for title in told.passed if title not in _unasked()], verdict=verdict)


def _as_rules_say(task: Task, route: Route, given: dict[str, Any]) -> tuple[Route, Verdict | None]:
    """The route without those that a rule forbids, and what the rules say to who comes first then."""
    models = [route.snapshot.by_name[one.name] for one in route.decided.ranked]
    facts = replace(ruled.of_run(task), data_class=route.asked.data.name, input=given)
    ways = [{"model": model.name, "region": model.region} for model in models]
    said = dict(zip((model.name for model in models), asking.ask_each(Point.MODEL, facts, ways), strict=True))
    refused = {name: verdict.why for name, verdict in said.items() if verdict.denies}
    seen = replace(route.seen, refused=refused)
    decided = deciding.decide(route.asked, route.snapshot, seen)
    first = said[decided.ranked[0].name] if decided.ranked else None
    return replace(route, seen=seen, decided=decided), first


def _unasked() -> set[str]:
    """What the filters are called that are looked at for a real call alone."""
    return {str(one.title) for one in FILTERS if one.code in UNASKED}
