"""What a version lacks, as lines for people: the same thing at several steps is one line that leads to each."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from orchestration.models import Step
from orchestration.readiness import Finding, Report


class Place(NamedTuple):
    """Where a line leads: a step's key and name (or nothing for the whole), its field, and the line of the source."""

    key: str
    name: str
    line: int
    field: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what is missing, how it is mended, and where."""

    blocks: bool
    what: str
    mend: str
    places: list[Place] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of the bar: one rule, where it begins and how long it is (in hundredths), and how it stands."""

    at: float
    width: float
    tone: str


def lines(report: Report, steps: Iterable[Step]) -> list[Line]:
    """Every finding, those that block first."""
    names, told = {step.key: step.name for step in steps}, dict[tuple[str, str], Line]()
    for one in report.findings:
        line = told.setdefault((one.rule, one.what), Line(one.blocks, one.what, one.mend))
        line.places.append(Place(one.step, names.get(one.step, one.step), one.line, field_of(one)))
    return sorted(told.values(), key=lambda line: not line.blocks)


def field_of(one: Finding) -> str:
    """The part of a step, or of the whole, that a finding is about."""
    parts = [str(part) for part in one.path if not isinstance(part, int)]
    if not one.step:
        return parts[0] if parts else ""
    around = {"steps", "branches", "fallback", "compensate"}
    return next((part for part in parts if part not in around), "")


def bar(report: Report) -> list[Segment]:
    """How the rules stand, at a glance: those that hold, those that warn, those that block."""
    tones = sorted(_tone(one.holds, one.level) for one in report.counts.values())
    width = 100 / max(len(tones), 1)
    return [Segment(round(place * width, 2), round(width - 1, 2), tone[1]) for place, tone in enumerate(tones)]


def _tone(holds: bool, level: str) -> tuple[int, str]:
    return (0, "y") if holds else (1, "w") if level == "warns" else (2, "n")
