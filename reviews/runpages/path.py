"""Which way a run took at its decisions, and what it so passed by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from orchestration import ways
from orchestration.contents import open_up
from orchestration.handing import handed_to
from orchestration.models import Step, StepRun
from orchestration.models.definitions import StepRole
from orchestration.plans import MANY_TIMES
from orchestration.states import StepStatus
from reviews.runpages.course import Course


@dataclass(frozen=True, slots=True)
class Path:
    """`taken` is the name of the branch by the key of its decision; `passed_by` are keys of steps."""

    taken: Mapping[str, str] = field(default_factory=dict)
    passed_by: frozenset[str] = frozenset()
    counted: int = 0  # steps that count: not inside a map, not passed by, not beside another
    handed: Mapping[str, str] = field(default_factory=dict)  # by the keys of agents: to which step

    def takes(self, key: str, name: str) -> bool:
        """Whether the run goes or went through a branch: any branch of what is no decision."""
        return self.taken.get(key, name) == name


def find(course: Course, steps: Sequence[Step]) -> Path:
    """The path of a run, or of an item: one query where it came to a decision, or to an agent that may hand over."""
    may_hand = {step.pk for step in steps if "hands_over" in step.spec or ways.outcomes(step.review)}
    done = [h for h in course.steps if h.status == StepStatus.DONE]
    decided = [h.pk for h in done if h.step.kind == "decision" or h.step_id in may_hand]
    taken, handed = _taken(decided) if decided else ({}, {})
    passed_by = _handed_past(steps, handed)
    folded: set[int] = set()
    by_id = {step.pk: step for step in steps}
    for step in steps:
        around = by_id.get(step.parent_id or 0)
        if around is None:
            continue
        if around.key in passed_by or _is_passed_by(step, around, taken):
            passed_by.add(step.key)
        if around.kind in MANY_TIMES or around.pk in folded:
            folded.add(step.pk)
    begun = {held.step_id for held in course.steps}
    counted = [
        step
        for step in steps
        if step.key not in passed_by and step.pk not in folded and (step.role == StepRole.STEP or step.pk in begun)
    ]
    return Path(taken, frozenset(passed_by), len(counted), handed)


def _taken(decided: list[int]) -> tuple[dict[str, str], dict[str, str]]:
    """The branches that decisions took, and the steps to which agents handed over."""
    rows = StepRun.objects.filter(pk__in=decided).values_list("step__key", "step__kind", "step__spec", "output")
    outputs = [(key, kind, spec, open_up(output) or {}) for key, kind, spec, output in rows]
    taken = {key: str(output.get("branch", "")) for key, kind, _, output in outputs if kind == "decision"}
    handed = {
        key: ways.led(spec, output) or handed_to(spec, output)
        for key, kind, spec, output in outputs
        if kind != "decision"
    }
    return taken, {key: to for key, to in handed.items() if to}


def _handed_past(steps: Sequence[Step], handed: Mapping[str, str]) -> set[str]:
    """The steps between an agent and the one to which it has handed over."""
    by_key = {step.key: step for step in steps}
    passed: set[str] = set()
    for agent, to in ((by_key[key], by_key[to]) for key, to in handed.items() if key in by_key and to in by_key):
        beside = (one for one in steps if (one.parent_id, one.branch) == (agent.parent_id, agent.branch))
        passed |= {one.key for one in beside if agent.position < one.position < to.position}
    return passed


def _is_passed_by(step: Step, around: Step, taken: Mapping[str, str]) -> bool:
    if around.kind != "decision" or step.role != StepRole.STEP or around.key not in taken:
        return False
    names = [branch["name"] for branch in around.spec.get("branches", [])]
    return names[step.branch : step.branch + 1] != [taken[around.key]]
