"""The stage of a dry run: a definition as rows that only its own transaction knows, so that it locks nobody else's."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from audit.models import User
from orchestration import plans, scopes
from orchestration.documents.outline import Placed, alone, with_calls
from orchestration.models import Step, Version, Workflow
from orchestration.plans import Plan
from orchestration.states import VersionStatus


class Stage:
    """The workflows of one dry run: the one that is tried, and those that it starts, each under a slug of its own."""

    def __init__(self, owner: User) -> None:
        self.owner = owner
        self.plans: list[Plan] = []
        self._started: dict[int, Plan] = {}

    @property
    def workflows(self) -> list[int]:
        """The ids of the workflows on it."""
        return [plan.version.workflow_id for plan in self.plans]

    def put(self, document: dict[str, Any], *, number: int) -> Version:
        """A version with that document. Whoever tries it answers for everything in it: the engine asks for no more."""
        about = {name: document[name] for name in ("name", "purpose", "risk")}
        workflow = Workflow.objects.create(slug=f"dry-{uuid4().hex}", owner=self.owner, **about)
        version = Version.objects.create(
            workflow=workflow, number=number, status=VersionStatus.PUBLISHED, document=document, hash="dry"
        )
        workflow.slug = document["slug"]  # expressions read it
        plan = Plan(version, self._steps(version, document))
        self.plans.append(plan)
        plans.stage(plan)
        return version

    def _steps(self, version: Version, document: dict[str, Any]) -> list[Step]:
        made: dict[str | None, Step | None] = {None: None}
        waiting = list(enumerate(with_calls(document), start=1))
        while waiting:
            level = [(at, placed) for at, placed in waiting if placed.parent_key in made]
            waiting = [(at, placed) for at, placed in waiting if placed.parent_key not in made]
            rows = [self._step(version, at, placed, made[placed.parent_key]) for at, placed in level]
            made |= {step.key: step for step in Step.objects.bulk_create(rows)}
        return [step for step in made.values() if step is not None]

    def _step(self, version: Version, position: int, placed: Placed, parent: Step | None) -> Step:
        return Step(
            version=version,
            parent=parent,
            branch=placed.branch,
            role=placed.role,
            position=position,
            owner=self.owner,
            spec=alone(placed.spec),
            **{name: placed.spec[name] for name in ("key", "name", "kind", "purpose")},
        )

    def started(self, version_id: int) -> Version:
        """A version that a step starts, as it stands on the stage."""
        if version_id not in self._started:
            real = Version.objects.get(pk=version_id)
            self._started[version_id] = plans.plan_of(self.put(real.document, number=real.number or 0))
        return self._started[version_id].version

    def strike(self) -> None:
        """Forget it."""
        plans.strike(self.plans)


@contextmanager
def on_stage(owner: User) -> Iterator[Stage]:
    """A stage that is struck at the end, whatever happens on it."""
    stage = Stage(owner)
    try:
        yield stage
    finally:
        stage.strike()
        scopes.items_of.cache_clear()
