"""A version's steps as a tree, and which step follows which. Versions never change, so plans are kept in memory."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django.utils.functional import cached_property

from audit import actors
from orchestration import callables, handing, ways
from orchestration.models import Run, Step, StepRun, Version
from orchestration.models.definitions import StepRole
from orchestration.states import DataClass

DECISION, PARALLEL, MAP, REPEAT = "decision", "parallel", "map", "repeat"
MANY_TIMES = (MAP, REPEAT)  # what stands inside is done for each item, or in each round
CONTAINERS = (PARALLEL, *MANY_TIMES)
THINKING = ("model", callables.AGENT)


class Plan:
    """The course that the runs of one version take."""

    def __init__(self, version: Version, steps: Iterable[Step]) -> None:
        self.version = version
        self.steps = {step.pk: step for step in steps}
        self.by_key = {step.key: step for step in self.steps.values()}
        self._sequences: dict[tuple[int | None, int], list[Step]] = {}
        self._extras: dict[tuple[int, str], Step] = {}
        self._calls: dict[int, dict[str, Step]] = {}
        for step in sorted(self.steps.values(), key=lambda step: step.position):
            step.version = version
            if step.role == StepRole.STEP:
                self._sequences.setdefault((step.parent_id, step.branch), []).append(step)
                continue
            assert step.parent_id is not None
            if step.role == StepRole.CALL:
                self._calls.setdefault(step.parent_id, {})[callables.name_of(step.spec)] = step
            else:
                self._extras[step.parent_id, step.role] = step

    @property
    def document(self) -> dict[str, Any]:
        """The whole definition."""
        return dict(self.version.document)

    def first(self, inside: Step | None = None, branch: int = 0) -> Step | None:
        """The first step of the version, or of a branch of `inside`."""
        sequence = self._sequences.get((inside.pk if inside else None, branch))
        return sequence[0] if sequence else None

    def after(self, step: Step, output: dict[str, Any] | None) -> Step | None:
        """What follows once `step` is done; None at the end of the version, of a parallel branch or of an item."""
        if step.kind == DECISION and output is not None and (inner := self.first(step, self._branch(step, output))):
            return inner
        return self.handed_to(step, output) or self._beyond(step)

    def handed_to(self, step: Step, output: dict[str, Any] | None) -> Step | None:
        """The step to which an agent has handed over, or a person's own outcome leads. A refusal hands nothing over."""
        if to := ways.leads_to(step.review, output):
            return self.by_key.get(to)
        if "hands_over" not in step.spec or (output or {}).get("verdict") == "rejected":
            return None
        return self.by_key.get(handing.handed_to(step.spec, output))

    def between(self, step: Step, later: Step) -> list[Step]:
        """The steps of their sequence that are passed by on the way from one to the other."""
        sequence = self._sequences.get((step.parent_id, step.branch), [])
        return [one for one in sequence if step.position < one.position < later.position]

    def _beyond(self, step: Step) -> Step | None:
        if step.role == StepRole.CALL:
            return None
        if step.role == StepRole.FALLBACK:
            return self._beyond(self._parent(step))
        sequence = self._sequences[step.parent_id, step.branch]
        place = next(place for place, other in enumerate(sequence) if other.pk == step.pk) + 1
        if place < len(sequence):
            return sequence[place]
        if step.parent_id is None or self.steps[step.parent_id].kind != DECISION:
            return None
        return self._beyond(self.steps[step.parent_id])

    def ahead(self, step: Step) -> list[Step]:
        """Every step that a run at `step` may still come to in the same part: what follows, or stands in for it."""
        found = [] if step.kind in CONTAINERS else self.inside(step)
        while True:
            if step.role == StepRole.FALLBACK:
                step = self._parent(step)
            sequence = self._sequences.get((step.parent_id, step.branch), [])
            for other in (other for other in sequence if other.position > step.position):
                found += [other, *self.inside(other)]
            if step.parent_id is None or self._parent(step).kind != DECISION:
                return found
            step = self._parent(step)

    def back(self, step: Step) -> list[Step]:
        """The steps of the same part to which its work can be sent back: those before it, the nearest first."""
        found: list[Step] = []
        while True:
            if step.role == StepRole.FALLBACK:
                step = self._parent(step)
            sequence = self._sequences.get((step.parent_id, step.branch), [])
            found += [other for other in reversed(sequence) if other.position < step.position]
            if step.parent_id is None or self._parent(step).kind != DECISION:
                return found
            step = self._parent(step)

    def wrote(self, step: Step) -> Step | None:
        """The model or agent whose work is put to people at a step: its own, else the last one before it."""
        if step.kind in THINKING:
            return step
        return next((one for one in self.back(step) if one.kind in THINKING), None)

    def inside(self, step: Step) -> list[Step]:
        """The steps inside it and beside it, down to the innermost."""
        own = [other for other in self.steps.values() if other.parent_id == step.pk]
        return [found for one in own for found in (one, *self.inside(one))]

    @staticmethod
    def _branch(decision: Step, output: dict[str, Any]) -> int:
        names = [branch["name"] for branch in decision.spec["branches"]]
        return names.index(output["branch"])

    def _parent(self, step: Step) -> Step:
        assert step.parent_id is not None
        return self.steps[step.parent_id]

    def fallback(self, step: Step) -> Step | None:
        """What is done when `step` failed for good."""
        return self._extras.get((step.pk, StepRole.FALLBACK))

    def calls(self, agent: Step) -> dict[str, Step]:
        """What an agent may call, by the names that its model knows."""
        return self._calls.get(agent.pk, {})

    def caller(self, step: Step) -> Step | None:
        """The agent that may call it; None for a step of any other role."""
        return self._parent(step) if step.role == StepRole.CALL else None

    def works_for(self, step: Step) -> list[Step]:
        """The step itself, and the agents that it works for, from the innermost."""
        found = [step]
        while (caller := self.caller(found[-1])) is not None:
            found.append(caller)
        return found

    def agents(self, step: Step) -> list[str]:
        """The names of the agents on whose behalf it is done, from the innermost, without their versions.

        None where agents are described in place: they have no identity of their own.
        """
        return [name for one in self.works_for(step) if (name := callables.named(one.spec))]

    def agent(self, step: Step) -> str | None:
        """What rules know the agent by that does it: its name, else the key of its step; None where none does."""
        return next(iter(self.agents(step)), step.key if step.kind == callables.AGENT else None)

    def identity(self, step: Step) -> str:
        """The innermost of them with its version, as name@2; or ""."""
        return next((str(one.spec["agent"]) for one in self.works_for(step) if callables.named(one.spec)), "")

    def ceiling(self, step: Step) -> str:
        """The highest data class that these agents may be given, whoever of them says the lowest; or ""."""
        said = [one.spec["ceiling"] for one in self.works_for(step) if "ceiling" in one.spec]
        return min(said, key=list(DataClass.values).index, default="")

    def compensation(self, step: Step) -> Step | None:
        """What undoes `step`."""
        return self._extras.get((step.pk, StepRole.COMPENSATION))

    @cached_property
    def compensated(self) -> list[int]:
        """The steps that something undoes."""
        return [parent for parent, role in self._extras if role == StepRole.COMPENSATION]

    @cached_property
    def stands_in(self) -> dict[str, str]:
        """The keys of fallback steps, each with the key of the step whose place it takes."""
        return {
            step.key: self.steps[parent].key
            for (parent, role), step in self._extras.items()
            if role == StepRole.FALLBACK
        }

    @cached_property
    def leaves_others(self) -> bool:
        """Whether steps may still be in flight inside a step from which the run has gone on."""
        return any(step.kind in (*CONTAINERS, callables.AGENT) for step in self.steps.values())

    @cached_property
    def gates(self) -> dict[str, Step]:
        """The steps that wait for a gate, by key, each with that gate."""
        return {key: step for step in self.steps.values() for key in step.spec.get("releases", [])}


_staged: dict[int, Plan] = {}  # by ids that come only once


@lru_cache(maxsize=512)
def _plan(version_id: int, fingerprint: str) -> Plan:
    version = Version.objects.select_related("workflow").get(pk=version_id, hash=fingerprint)
    return Plan(version, version.steps.all())


def plan_of(version: Version) -> Plan:
    """The plan of a version; read once a process."""
    return plan_by(version.pk, version.hash)


def plan_by(version_id: int, fingerprint: str) -> Plan:
    """The plan of the version with that id and hash."""
    return _staged.get(version_id) or _plan(version_id, fingerprint)


def stage(plan: Plan) -> None:
    """Know a plan by hand until it is struck: of a version that one transaction alone knows."""
    _staged[plan.version.pk] = plan


def strike(plans: Iterable[Plan]) -> None:
    """Know them no longer."""
    for plan in plans:
        _staged.pop(plan.version.pk, None)


def forget() -> None:
    """Forget the plans: where versions were deleted and their ids come again."""
    _plan.cache_clear()


def attach(run: Run, plan: Plan) -> Plan:
    """Take a run's version and workflow from its plan instead of the database."""
    run.version, run.workflow = plan.version, plan.version.workflow
    return plan


def actor_of(held: StepRun) -> actors.Actor:
    """Who does a step: the agent that has a name, on behalf of who started the run; else a worker."""
    reference = plan_of(held.run.version).identity(held.step)
    if not reference:
        return actors.WORKER
    return actors.agent(reference).acting_for("person", held.run.started_by_id)


def lane(step: Step) -> str:
    """The model or tool whose limit a step counts against, or ""."""
    for kind in ("model", "tool"):
        if kind in step.spec:
            return f"{kind}:{step.spec[kind]}"[:140]
    return ""
