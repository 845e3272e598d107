"""Runs of every kind of step, written straight into the tables: what pages show does not need the engine to make it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from audit.clock_time import now
from orchestration.models import Run, Step, StepRun, Version, Workflow
from orchestration.states import RunStatus, StepStatus, VersionStatus
from tests.cast import Cast

type Spec = dict[str, Any]

WAIVED: Spec = {"waiver": "Only drawn."}
ASKED: Spec = {"when": "before", "group": "reviewer", "why": [{"rule": "each", "sentence": "Each.", "due_minutes": 60}]}


def spec(key: str, kind: str = "tool", **more: Any) -> Spec:
    """One step of a document, as far as pages read it."""
    name = more.pop("name", key.replace("-", " ").capitalize())
    return {"key": key, "name": name, "kind": kind, "review": WAIVED, "tool": "no.op", "model": "no/op", **more}


def decision(key: str, **branches: list[Spec]) -> Spec:
    """A decision; the last branch is its default."""
    *some, last = [{"name": name, "steps": steps} for name, steps in branches.items()]
    return spec(key, "decision", branches=[*({**one, "if": f"input.{one['name']}"} for one in some), last])


def parallel(key: str, join: Any = "all", **branches: list[Spec]) -> Spec:
    """Branches side by side."""
    return spec(key, "parallel", join=join, branches=[{"name": n, "steps": steps} for n, steps in branches.items()])


def steps_of(document: list[Spec]) -> list[Step]:
    """The tree of a document as steps that are in no database."""
    return list(_steps(document, None, 0, "step", count(1)))


def _steps(specs: list[Spec], parent: Step | None, branch: int, role: str, ids: Iterator[int]) -> Iterator[Step]:
    for one in specs:
        number = next(ids)
        own = Step(pk=number, position=number, parent=parent, branch=branch, role=role, spec=one, purpose="To be seen.")
        own.key, own.name, own.kind = one["key"], one["name"], one["kind"]
        yield own
        for place, inner in enumerate(one.get("branches", [])):
            yield from _steps(inner["steps"], own, place, "step", ids)
        yield from _steps(one.get("steps", []), own, 0, "step", ids)
        for name, beside in (("fallback", "fallback"), ("compensate", "compensation")):
            yield from _steps([one[name]] if name in one else [], own, 0, beside, ids)


@dataclass
class Sheet:
    """A version with these steps, and runs of it that stand as the test says."""

    cast: Cast
    document: list[Spec]
    slug: str = "drawn"
    version: Version = field(init=False)
    steps: dict[str, Step] = field(init=False)

    def __post_init__(self) -> None:
        workflow = self.cast.workflow
        if self.slug != workflow.slug:
            workflow = Workflow.objects.create(
                slug=self.slug, name=self.slug.capitalize(), purpose="Drawn.", risk="limited", owner=self.cast.adam
            )
        number = workflow.versions.count() + 1
        self.version = Version.objects.create(
            workflow=workflow, number=number, status=VersionStatus.PUBLISHED, source="", document={}, hash="0" * 64
        )
        self.steps = {}
        for step in steps_of(self.document):
            parent = self.steps[step.parent.key] if step.parent else None
            step.pk, step.version, step.parent, step.owner = None, self.version, parent, self.cast.adam
            step.save()
            self.steps[step.key] = step

    def run(self, status: str = RunStatus.RUNNING, **fields: Any) -> Run:
        """A run of it, ten minutes old."""
        given = {"title": "A drawn run", "input": {"about": "drawing"}, "started_by": self.cast.adam} | fields
        given.setdefault("created_at", now() - timedelta(minutes=10))
        return Run.objects.create(workflow=self.version.workflow, version=self.version, status=status, **given)

    def began(self, run: Run, key: str, status: str = StepStatus.DONE, **fields: Any) -> StepRun:
        """A step of it that has begun."""
        return StepRun.objects.create(**self.fields(run, key, status, now()) | fields)

    def fields(self, run: Run, key: str, status: str, moment: datetime) -> dict[str, Any]:
        """What every step run has."""
        given: dict[str, Any] = {"run": run, "step": self.steps[key], "workflow": run.workflow, "status": status}
        given |= {"fence": 1, "worker": "drawer", "ready_at": moment - timedelta(minutes=5)}
        if status == StepStatus.RUNNING:
            given["claimed_at"] = moment - timedelta(seconds=8)
        if status in (StepStatus.DONE, StepStatus.FAILED, StepStatus.CANCELLED):
            given["ended_at"] = moment - timedelta(minutes=4)
        return given

    def items(self, container: StepRun, key: str, statuses: list[str], first: int = 0) -> list[StepRun]:
        """One step run of that step for each item of a map."""
        moment = now()
        return StepRun.objects.bulk_create(
            StepRun(
                **self.fields(container.run, key, status, moment),
                parent=container,
                part=number,
                frame="/".join(filter(None, [container.frame, f"{container.pk}.{number}"])),
                error="The line has no amount." if status == StepStatus.FAILED else "",
            )
            for number, status in enumerate(statuses, start=first)
        )
