"""What somebody says of a dry run beforehand: recorded answers, what fails, and what people decide."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from orchestration.contents import open_up
from orchestration.documents.cases import REJECTED
from orchestration.models import Run, StepRun
from orchestration.states import StepStatus

APPROVED = "approved"
THEIRS = ("model", "agent", "tool", "person", "wait", "workflow")  # the kinds whose outputs are worth recording
OURS = {"verdict", "edited"}  # what a review adds to an output
MOST = 2000  # recorded answers of a run

type Places = tuple[int, ...]  # which item of each map around a step
type Spot = tuple[str, Places | None]  # a step's key, and where; None: wherever it stands


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person decides: a verdict, perhaps with new values of fields that are shown."""

    verdict: str = APPROVED
    edit: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Script:
    """Answers by steps. What it does not say is worked out, approved, or where the dry run stops."""

    recorded: Mapping[Spot, dict[str, Any]] = field(default_factory=dict)
    fails: Mapping[Spot, str] = field(default_factory=dict)
    decisions: Mapping[Spot, Answer] = field(default_factory=dict)

    def output(self, key: str, places: Places) -> dict[str, Any] | None:
        """The recorded output of a step, if there is one."""
        return _of(self.recorded, key, places)

    def failure(self, key: str, places: Places) -> str | None:
        """Why the step should fail, if it should."""
        return _of(self.fails, key, places)

    def decision(self, key: str, places: Places) -> Answer:
        """What a person says there."""
        return _of(self.decisions, key, places) or Answer()

    def answered(self, answers: Mapping[str, dict[str, Any]]) -> "Script":
        """The same, with other recorded answers of some steps."""
        ours = {spot: said for spot, said in self.recorded.items() if spot[0] not in answers}
        return Script({**ours, **_anywhere(answers)}, self.fails, self.decisions)

    def turned(self, answers: Mapping[str, Answer]) -> "Script":
        """The same, with other decisions at some steps."""
        ours = {spot: said for spot, said in self.decisions.items() if spot[0] not in answers}
        return Script(self.recorded, self.fails, {**ours, **_anywhere(answers)})


def _of[T](said: Mapping[Spot, T], key: str, places: Places) -> T | None:
    found = said.get((key, places))
    return found if found is not None else said.get((key, None))


def places(frame: str) -> Places:
    """The items of the maps around a step: "17.3/25.0" is (3, 0)."""
    return tuple(int(part.partition(".")[2]) for part in frame.split("/")) if frame else ()


def of_case(case: Mapping[str, Any]) -> Script:
    """What a test case says."""
    decisions = {key: _answer(said) for key, said in case.get("decisions", {}).items()}
    return Script(_anywhere(case.get("recorded", {})), _anywhere(case.get("fails", {})), _anywhere(decisions))


def _anywhere[T](said: Mapping[str, T]) -> dict[Spot, T]:
    return {(key, None): one for key, one in said.items()}


def _answer(said: str | Mapping[str, Any]) -> Answer:
    return Answer(said) if isinstance(said, str) else Answer(said["verdict"], said.get("edit", {}))


def of_run(run: Run, may_read: Callable[[StepRun], bool] = lambda _: True) -> Script:
    """What a past run's steps came to, as recorded answers; of the steps that may be read alone."""
    done = StepRun.objects.filter(run=run, step__kind__in=THEIRS, status=StepStatus.DONE, undoes=None)
    return _script(one for one in done.select_related("step").order_by("-id")[:MOST] if may_read(one))


def _script(done: Iterable[StepRun]) -> Script:
    recorded: dict[Spot, dict[str, Any]] = {}
    decisions: dict[Spot, Answer] = {}
    for one in done:
        spot, output = (one.step.key, places(one.frame)), dict(open_up(one.output or {}))
        if one.step.is_reviewed and output.get("verdict") == REJECTED:
            decisions[spot] = Answer(REJECTED)
        else:
            kept = OURS if one.step.is_reviewed else ()
            recorded[spot] = {name: value for name, value in output.items() if name not in kept}
    return Script(recorded, {}, decisions)
