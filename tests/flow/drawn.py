"""Workflows drawn up in a test: steps in a few words, published through the same door as any other."""

from typing import Any

import yaml

from audit.actors import person
from orchestration import engine, jobs, workflows
from orchestration.models import Run, StepRun, Workflow
from tests.cast import Cast
from tests.clock import jump

type Spec = dict[str, Any]

REVIEW: Spec = {
    "when": "before",
    "group": "reviewer",
    "title": "'Please look'",
    "why": [{"rule": "always", "sentence": "Somebody always looks.", "priority": 1, "due_minutes": 60}],
}


def step(key: str, kind: str = "tool", **more: Any) -> Spec:
    """A step; of kind tool it says its own key."""
    if kind == "tool":
        more = {"tool": "test.say", "input": {"word": f"'{key}'"}} | more
    plain: Spec = {
        "key": key,
        "name": key.capitalize(),
        "kind": kind,
        "purpose": f"It does: {key}.",
        "owner": {"user": "adam"},
        "permission": {"see": ["reviewer"], "run": ["admin"]},
        "review": {"waiver": "Nothing here needs a person."},
        "metrics": [],
    }
    return plain | more


def publish(cast: Cast, *steps: Spec, **more: Any) -> Workflow:
    """The newest version of a workflow with these steps."""
    return workflows.publish(source(*steps, **more), actor=person(cast.adam), by=cast.adam).workflow


def source(*steps: Spec, slug: str = "drawn", **more: Any) -> str:
    """The text of a workflow with these steps."""
    document = {
        "slug": slug,
        "name": slug.capitalize(),
        "purpose": "A test.",
        "risk": "minimal",
        "owner": "adam",
        "title": f"'{slug}'",
        "groups": {"see": ["reviewer", "admin"], "start": ["admin"], "decide": ["reviewer"], "manage": ["admin"]},
        "input": {"type": "object", "properties": {}},
        "steps": list(steps),
    }
    return yaml.safe_dump(document | more, sort_keys=False)


def start(cast: Cast, *steps: Spec, given: dict[str, Any] | None = None, **more: Any) -> Run:
    """A run of these steps, accepted."""
    workflow = publish(cast, *steps, **more)
    return begin(cast, workflow, given)


def begin(cast: Cast, workflow: Workflow, given: dict[str, Any] | None = None) -> Run:
    """A run of a workflow, accepted."""
    return engine.start(workflow, given or {}, actor=person(cast.adam), started_by=cast.adam)


def carry_on(run: Run, *, jumps: int = 0) -> Run:
    """Carry out what is ready; then as often, let a minute and a half pass and go on. The run as it is then."""
    jobs.advance()
    for _ in range(jumps):
        jump(seconds=90)
        jobs.advance()
    return Run.objects.get(pk=run.pk)


def statuses(run: Run) -> dict[str, str]:
    """How each step stands, outside of maps."""
    return dict(StepRun.objects.filter(run=run, frame="").values_list("step__key", "status"))


def output(run: Run, key: str) -> Any:
    """What a step came to."""
    return StepRun.objects.get(run=run, step__key=key, frame="").output
