"""One item of a map or round of a repeat, opened: the steps inside it, and the way that led there."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from orchestration import frames
from orchestration.models import Step, StepRun
from orchestration.plans import MANY_TIMES, REPEAT
from reviews.runpages.course import LARGE, Course, follow_item
from reviews.runpages.path import Path, find

FRAME = re.compile(r"\d{1,18}[.~]\d{1,9}(/\d{1,18}[.~]\d{1,9}){0,7}")


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn on the way: a map or repeat step and the number of its item or round."""

    step: Step
    number: int
    frame: str
    around: str  # the frame in which the map step itself stands


@dataclass(frozen=True, slots=True)
class Inner:
    """One step of the item, if it has begun; `level` is how deep it stands inside others."""

    step: Step
    held: StepRun | None
    level: int
    passed_by: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """The item that an address names."""

    frame: str
    turns: Sequence[Turn]
    map_run: StepRun
    course: Course
    path: Path
    rows: Sequence[Inner]

    @property
    def number(self) -> int:
        """Its number, from 0."""
        return self.turns[-1].number

    @property
    def key(self) -> str:
        """The key of the map step whose item it is."""
        return self.turns[-1].step.key


def find_item(course: Course, steps: Sequence[Step], frame: str) -> Opened | None:
    """The item of that frame in this run; None where there is none: six queries."""
    if not FRAME.fullmatch(frame):
        return None
    turns = [(part.around, part.number) for part in frames.parts(frame)]
    maps = _maps(course, frame, [pk for pk, _number in turns])
    if maps is None or not all(number < maps[pk].parts for pk, number in turns):
        return None
    last = maps[turns[-1][0]]
    by_id = {step.pk: step for step in steps}
    inside = follow_item(last.run_id, course, frame)
    path = find(inside, steps)
    rows = [*_inside(by_id[last.step_id], steps, inside, path)]
    return Opened(frame, [*_turns(turns, maps, by_id)], last, inside, path, rows)


def _maps(course: Course, frame: str, wanted: list[int]) -> dict[int, StepRun] | None:
    """The map steps on the way, checked: the outermost is of this run, or shared with it, and each next is inside."""
    own = {pk for held in course.steps if held.step.kind in MANY_TIMES for pk in (held.pk, held.shared_from_id)}
    found = {row.pk: row for row in StepRun.objects.filter(pk__in=wanted).defer(*LARGE[:3]).select_related("step")}
    if wanted[0] not in own or len(found) != len(wanted):
        return None
    parts = frame.split("/")
    at_home = all(found[pk].frame == "/".join(parts[:depth]) for depth, pk in enumerate(wanted))
    at_home = at_home and all(_mark(found[pk]) in part for pk, part in zip(wanted, parts, strict=True))
    return found if at_home and len({row.run_id for row in found.values()}) == 1 else None


def _mark(around: StepRun) -> str:
    return frames.ROUND if around.step.kind == REPEAT else frames.ITEM


def _turns(turns: Sequence[tuple[int, ...]], maps: dict[int, StepRun], steps: dict[int, Step]) -> list[Turn]:
    return [
        Turn(
            steps[maps[pk].step_id],
            number,
            "/".join(filter(None, [maps[pk].frame, f"{pk}{_mark(maps[pk])}{number}"])),
            maps[pk].frame,
        )
        for pk, number in turns
    ]


def _inside(container: Step, steps: Sequence[Step], course: Course, path: Path) -> list[Inner]:
    """The steps inside a map or a repeat, in the order of the document, without what is inside one of their own."""
    levels = {container.pk: -1}
    rows = []
    for step in steps:
        if step.parent_id not in levels:
            continue
        held = course.step(step.key)
        if step.role != "step" and held is None:
            continue
        level = levels[step.parent_id] + 1
        if step.kind not in MANY_TIMES:
            levels[step.pk] = level
        rows.append(Inner(step, held, level, step.key in path.passed_by))
    return rows
