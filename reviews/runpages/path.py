"""Which way a run took at its decisions, and what it so passed by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from orchestration.models import Step, StepRun
from orchestration.models.definitions import StepRole
from orchestration.states import StepStatus
from reviews.runpages.course import Course


@dataclass(frozen=True, slots=True)
class Path:
    """`taken` is the name of the branch by the key of its decision; `passed_by` are keys of steps."""

    taken: Mapping[str, str] = field(default_factory=dict)
    passed_by: frozenset[str] = frozenset()
    counted: int = 0  # steps that count: not inside a map, not passed by, not beside another

    def takes(self, key: str, name: str) -> bool:
        """Whether the run goes or went through a branch: any branch of what is no decision."""
        return self.taken.get(key, name) == name


def find(course: Course, steps: Sequence[Step]) -> Path:
    """The path of a run, or of an item: one query where it came to a decision."""
    decided = [h.pk for h in course.steps if h.step.kind == "decision" and h.status == StepStatus.DONE]
    taken = _taken(decided) if decided else {}
    passed_by: set[str] = set()
    folded: set[int] = set()
    by_id = {step.pk: step for step in steps}
    for step in steps:
        around = by_id.get(step.parent_id or 0)
        if around is None:
            continue
        if around.key in passed_by or _is_passed_by(step, around, taken):
            passed_by.add(step.key)
        if around.kind == "map" or around.pk in folded:
            folded.add(step.pk)
    begun = {held.step_id for held in course.steps}
    counted = [
        step
        for step in steps
        if step.key not in passed_by and step.pk not in folded and (step.role == StepRole.STEP or step.pk in begun)
    ]
    return Path(taken, frozenset(passed_by), len(counted))


def _taken(decided: list[int]) -> dict[str, str]:
    outputs = StepRun.objects.filter(pk__in=decided).values_list("step__key", "output")
    return {key: str((output or {}).get("branch", "")) for key, output in outputs}


def _is_passed_by(step: Step, around: Step, taken: Mapping[str, str]) -> bool:
    if around.kind != "decision" or step.role != StepRole.STEP or around.key not in taken:
        return False
    names = [branch["name"] for branch in around.spec.get("branches", [])]
    return names[step.branch : step.branch + 1] != [taken[around.key]]
