"""Where two versions of a step differ, and what of it changes what the step does."""

from typing import Any

from orchestration.models import Step
from orchestration.models.definitions import StepRole
from orchestration.plans import CONTAINERS, DECISION, Plan

SAID = frozenset({"key", "name", "purpose", "owner", "permission", "data"})  # nothing that is done depends on it
AROUND = frozenset({"review", "metrics", "limits", "retry", "fallback"})  # what stands around the act itself

type Spec = dict[str, Any]


def changed(was: Step, now: Step, *, but: frozenset[str] = SAID) -> list[str]:
    """The parts of a step's definition that differ, without those that only say something of it."""
    before, after = _worth(was.spec, but), _worth(now.spec, but)
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def acts_alike(was: Step, now: Step) -> bool:
    """Whether both do the same with what they read, whoever is asked about it."""
    return not changed(was, now, but=SAID | AROUND)


def _worth(spec: Spec, but: frozenset[str]) -> Spec:
    return {name: value for name, value in spec.items() if name not in but}


def place(plan: Plan, step: Step) -> list[tuple[str, str, str]]:
    """Where a step stands: the steps around it from the innermost, each with its kind and which branch."""
    found = []
    while step.parent_id is not None:
        around = plan.steps[step.parent_id]
        found.append((around.key, around.kind, _branch(around, step)))
        step = around
    return found


def _branch(around: Step, step: Step) -> str:
    if step.role != StepRole.STEP:
        return str(step.role)
    branches = around.spec.get("branches", [])
    if around.kind == DECISION and step.branch < len(branches):
        return str(branches[step.branch].get("name", step.branch))
    return str(step.branch)


def stands_alike(was: Plan, before: Step, now: Plan, after: Step) -> bool:
    """Whether a step is of the same kind and at the same place in both versions."""
    same = (before.kind, before.role) == (after.kind, after.role)
    return same and place(was, before) == place(now, after)


def shape(plan: Plan, step: Step) -> list[tuple[str, str, str, list[tuple[str, str, str]]]]:
    """What stands inside a parallel or map step, down to the innermost: key, kind, role, place."""
    return [(one.key, one.kind, str(one.role), place(plan, one)) for one in plan.inside(step)]


def opens_alike(was: Plan, before: Step, now: Plan, after: Step) -> bool:
    """Whether a step that others stand in opens and joins the same parts in both."""
    if before.kind not in CONTAINERS:
        return True
    return acts_alike(before, after) and shape(was, before) == shape(now, after)
