"""What the inspector says of a step beside its tries: its branches, run, moment or gate, and what it stands for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from audit.models import User
from orchestration.explain import graph
from orchestration.models import Run, Step, StepRun
from orchestration.models.definitions import StepRole
from orchestration.plans import MANY_TIMES
from orchestration.progress import Progress
from orchestration.states import STEP_TERMINAL, StepStatus
from reviews.runpages import below
from reviews.runpages.course import Course
from reviews.runpages.path import Path
from reviews.runpages.picture import held_because, may_see


@dataclass(frozen=True, slots=True)
class Way:
    """A branch: its name, the condition that leads into it, and how it stands (done, failed, running, ..., or "")."""

    name: str
    condition: str
    status: str
    first: str = ""  # the key of its first step


@dataclass
class About:
    """All of it, as far as the step is of a kind that has it."""

    ways: Sequence[Way] = ()
    joined: str = ""
    child: Run | None = None
    child_seen: bool = False
    waits: str = ""
    progress: Progress | None = None
    releases: Sequence[Step] = ()
    gates: Sequence[Step] = ()  # what has to release it
    stands_in_for: Step | None = None
    undoes: Step | None = None
    outermost: Step | None = None  # the map or repeat it stands in that stands in no other
    passed_by: bool = False
    shared: str = ""
    held_because: str = ""


def about(course: Course, steps: Sequence[Step], step: Step, path: Path, user: User) -> About:
    """What there is to say of a step: no query."""
    held = course.step(step.key)
    beside = next((other for other in steps if other.pk == step.parent_id and step.role != StepRole.STEP), None)
    released = step.spec.get("releases", [])
    said = About(
        ways=_ways(course, steps, step, path),
        joined=graph.joined(step),
        waits=_waits(step),
        releases=[other for other in steps if other.key in released],
        gates=[other for other in steps if step.key in other.spec.get("releases", [])],
        stands_in_for=beside if step.role == StepRole.FALLBACK else None,
        passed_by=step.key in path.passed_by,
        undoes=beside if step.role == StepRole.COMPENSATION else None,
        outermost=_outermost_map(steps, step),
    )
    if held is not None:
        _add(said, course, held, user)
    return said


def _add(said: About, course: Course, held: StepRun, user: User) -> None:
    said.child = course.children.get(held.pk)
    said.child_seen = said.child is not None and may_see(user, said.child)
    said.progress = course.progress.get(held.pk)
    said.shared = below.shared(course) if held.shared_from_id else ""
    said.held_because = held_because(course.run) if held.status == StepStatus.HELD else ""
    if held.step.kind == "wait" and held.status == StepStatus.WAITING:
        said.waits = below.waiting(course, held)


def _waits(step: Step) -> str:
    """What a wait step waits for, as its document says."""
    if step.kind != "wait":
        return ""
    wait: dict[str, Any] = step.spec.get("wait", step.spec)
    words = (("event", _("for %s")), ("until", _("until %s")), ("for_seconds", _("for %s s")))
    return next((said % wait[name] for name, said in words if name in wait), "")


def _ways(course: Course, steps: Sequence[Step], step: Step, path: Path) -> list[Way]:
    if step.kind not in {"decision", "parallel"}:
        return []
    decided = step.key in path.taken
    ways = []
    for number, branch in enumerate(step.spec.get("branches", [])):
        inner = [other for other in steps if (other.parent_id, other.branch) == (step.pk, number)]
        status = _status([run for other in inner if (run := course.step(other.key)) is not None])
        if decided:
            status = "taken" if path.takes(step.key, branch["name"]) else "passed"
        condition = branch.get("if", "") or (_("otherwise") if step.kind == "decision" else "")
        ways.append(Way(branch["name"], condition, status, inner[0].key if inner else ""))
    return ways


def _status(begun: list[StepRun]) -> str:
    """How a branch stands: at its step that has not ended, else at its last."""
    live = [held for held in begun if held.status not in STEP_TERMINAL]
    return (live or begun)[-1].status if begun else ""


def _outermost_map(steps: Sequence[Step], step: Step) -> Step | None:
    by_id = {other.pk: other for other in steps}
    found, around = None, by_id.get(step.parent_id or 0)
    while around is not None:
        found = around if around.kind in MANY_TIMES else found
        around = by_id.get(around.parent_id or 0)
    return found
