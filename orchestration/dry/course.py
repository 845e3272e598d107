"""What a dry run came to: the path, step by step, as plain values."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from django.utils.translation import gettext as _

LONGEST = 4000  # characters of JSON of one value that are kept
MOST = 300  # steps that are kept
STOPPED = "stopped"  # beside the states in which runs end: nobody knows how it would go on
RECORDED, HERE = "recorded", "here"  # where an answer came from: it was recorded, or worked out in this house


@dataclass(frozen=True, slots=True)
class Outside:
    """A call that a real run would make, and that was not made. `kind` is tool or model."""

    kind: str
    name: str
    arguments: Any = None


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom a step would ask, about what, and what the dry run took as their answer."""

    when: str
    group: str
    why: str
    shown: Any
    verdict: str
    edited: bool = False


@dataclass(frozen=True, slots=True)
class Stop:
    """Where nobody knows how it would go on, and why."""

    step: str
    name: str
    why: str


@dataclass(slots=True)
class Passed:
    """One step that it came to. `depth` counts the runs above it, `item` says which of a map's, `made` by whom."""

    step: str
    name: str
    kind: str
    depth: int = 0
    item: list[int] = field(default_factory=list)
    undoes: bool = False
    status: str = ""
    reads: Any = None
    gives: Any = None
    made: str = ""
    branch: str = ""
    asked: list[Asked] = field(default_factory=list)
    outside: list[Outside] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    error: str = ""
    seconds: float = 0.0


@dataclass(slots=True)
class Course:
    """The path of a dry run. `status` is done, failed, cancelled or STOPPED; `more` counts steps that are left out.

    `late`: it was stopped by the clock, so that it may come to something else at another time.
    """

    status: str
    steps: list[Passed] = field(default_factory=list)
    stops: list[Stop] = field(default_factory=list)
    title: str = ""
    outcome: str = ""
    succeeded: bool | None = None
    result: Any = None
    more: int = 0
    late: bool = False
    seconds: float = 0.0
    scope: dict[str, Any] = field(default_factory=dict, repr=False)  # what expressions read at its end; not kept

    @property
    def asked_at(self) -> set[str]:
        """The keys of the steps of the run itself at which a person was asked."""
        return {one.step for one in self.steps if one.asked and not one.depth}

    @property
    def last(self) -> Passed | None:
        """The last step of the run itself that it came to, and that was not undoing another."""
        return next((one for one in reversed(self.steps) if not one.depth and not one.undoes), None)

    @property
    def sentence(self) -> str:
        """What it came to, in words."""
        if self.status == STOPPED:
            return " ".join(_at(stop) for stop in self.stops)
        if self.status == "done":
            return _("It ends as “%s”.") % self.outcome if self.outcome else _("It ends as done.")
        if (failed := self.failed) is None:
            return _("It ends as %s.") % self.status
        return _("It fails at “%(name)s”: %(why)s") % {"name": failed.name, "why": failed.error}

    @property
    def failed(self) -> Passed | None:
        """The step for which the run failed."""
        return next((one for one in reversed(self.steps) if one.status == "failed" and not one.depth), None)

    def as_json(self) -> dict[str, Any]:
        """All of it that is kept: values that are too long are cut."""
        kept = {name: value for name, value in asdict(self).items() if name != "scope"}
        return {**kept, "result": brief(self.result), "sentence": self.sentence}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Course":
        """A course as it was kept."""
        values = {name: value for name, value in kept.items() if name not in {"sentence", "steps", "stops"}}
        steps = [_passed(one) for one in kept["steps"]]
        return cls(**values, steps=steps, stops=[Stop(**stop) for stop in kept["stops"]])


def _passed(kept: dict[str, Any]) -> Passed:
    asked, outside = [Asked(**one) for one in kept["asked"]], [Outside(**one) for one in kept["outside"]]
    return Passed(**{**kept, "asked": asked, "outside": outside})


def _at(stop: Stop) -> str:
    if not stop.name:
        return stop.why
    return _("It stops at “%(name)s”: %(why)s") % {"name": stop.name, "why": stop.why}


def brief(value: Any) -> Any:
    """A value as it is, or how its JSON begins where that is too long to be kept."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return value if len(text) <= LONGEST else {"cut": True, "beginning": text[:LONGEST]}
