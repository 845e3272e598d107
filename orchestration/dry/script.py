"""What somebody says of a dry run beforehand: recorded answers, what fails, and what people decide."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from orchestration import frames
from orchestration.contents import open_up
from orchestration.documents.cases import REJECTED
from orchestration.dry import talks
from orchestration.dry.talks import Talks
from orchestration.lapses import LAPSED
from orchestration.models import Run, StepRun
from orchestration.states import StepStatus

APPROVED = "approved"
THEIRS = ("model", "agent", "tool", "person", "wait", "workflow")  # the kinds whose outputs are worth recording
OURS = {"verdict", "edited", "reviewed", "lapsed"}  # what a review adds to an output
ASKED = {"outcomes": "outcome", "form": "form"}  # and what it adds where it asks for these
MOST = 2000  # recorded answers of a run

type Places = tuple[int, ...]  # which item of each map, and which round of each repeat, around a step
type Said = dict[str, Any] | list[dict[str, Any]]  # a list: one for each item or round
type Spot = tuple[str, Places | None]  # a step's key, and where; None: wherever it stands


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person decides: a verdict, perhaps with new values of fields that are shown.

    And an own outcome, the answers of a form, or the step to which it is sent back, with a note.
    """

    verdict: str = APPROVED
    edit: Mapping[str, Any] = field(default_factory=dict)
    outcome: str = ""
    form: Mapping[str, Any] = field(default_factory=dict)
    to: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Script:
    """Answers by steps. What it does not say is worked out, approved, or where the dry run stops."""

    recorded: Mapping[Spot, Said] = field(default_factory=dict)
    fails: Mapping[Spot, str] = field(default_factory=dict)
    decisions: Mapping[Spot, Answer] = field(default_factory=dict)
    talks: Talks = field(default_factory=dict)  # of agents, by their steps' keys

    def output(self, key: str, places: Places) -> dict[str, Any] | None:
        """The recorded output of a step, if there is one."""
        said = _of(self.recorded, key, places)
        if isinstance(said, list):
            return said[min(places[-1] if places else 0, len(said) - 1)]
        return said

    def failure(self, key: str, places: Places) -> str | None:
        """Why the step should fail, if it should."""
        return _of(self.fails, key, places)

    def decision(self, key: str, places: Places) -> Answer:
        """What a person says there."""
        return _of(self.decisions, key, places) or Answer()

    def of_step(self, held: StepRun) -> "Script":
        """The same, with what it says of this very call of an agent, if it is one."""
        said, spot = talks.of_call(self.talks, held), (held.step.key, places(held.frame))
        if said is None:
            return self
        told = talks.decision(said)
        return replace(
            self,
            recorded={**self.recorded, **({spot: said["returns"]} if "returns" in said else {})},
            fails={**self.fails, **({spot: said["fails"]} if "fails" in said else {})},
            decisions={**self.decisions, **({spot: Answer(*told)} if told is not None else {})},
        )

    def answered(self, answers: Mapping[str, Said]) -> "Script":
        """The same, with other recorded answers of some steps."""
        ours = {spot: said for spot, said in self.recorded.items() if spot[0] not in answers}
        return replace(self, recorded={**ours, **_anywhere(answers)})

    def turned(self, answers: Mapping[str, Answer]) -> "Script":
        """The same, with other decisions at some steps."""
        ours = {spot: said for spot, said in self.decisions.items() if spot[0] not in answers}
        return replace(self, decisions={**ours, **_anywhere(answers)})


def _of[T](said: Mapping[Spot, T], key: str, places: Places) -> T | None:
    found = said.get((key, places))
    return found if found is not None else said.get((key, None))


def places(frame: str) -> Places:
    """The items and rounds around a step: "17.3/25~0" is (3, 0)."""
    return frames.items(frame)


def of_case(case: Mapping[str, Any]) -> Script:
    """What a test case says."""
    decisions = {key: _answer(said) for key, said in case.get("decisions", {}).items()}
    recorded, fails = _anywhere(case.get("recorded", {})), _anywhere(case.get("fails", {}))
    return Script(recorded, fails, _anywhere(decisions), case.get("talks", {}))


def _anywhere[T](said: Mapping[str, T]) -> dict[Spot, T]:
    return {(key, None): one for key, one in said.items()}


def _answer(said: str | Mapping[str, Any]) -> Answer:
    return Answer(said) if isinstance(said, str) else Answer(**said)


def of_run(run: Run, may_read: Callable[[StepRun], bool] = lambda _: True) -> Script:
    """What a past run's steps came to, as recorded answers; of the steps that may be read alone."""
    done = StepRun.objects.standing().filter(run=run, step__kind__in=THEIRS, status=StepStatus.DONE, undoes=None)
    return _script(one for one in done.select_related("step").order_by("-id")[:MOST] if may_read(one))


def _script(done: Iterable[StepRun]) -> Script:
    recorded: dict[Spot, Said] = {}
    decisions: dict[Spot, Answer] = {}
    for one in done:
        spot, output = (one.step.key, places(one.frame)), dict(open_up(one.output or {}))
        verdict = output.get("verdict") if one.step.is_reviewed else None
        if LAPSED in (verdict, *output) and verdict in (REJECTED, LAPSED):
            decisions[spot] = Answer(LAPSED)
        elif verdict == REJECTED:
            decisions[spot] = _as_answered(REJECTED, one, output)
        elif (said := _as_answered(APPROVED, one, output)) != Answer():
            decisions[spot] = said
        if verdict != REJECTED:
            kept = OURS | _asked(one) if one.step.is_reviewed else set[str]()
            recorded[spot] = {name: value for name, value in output.items() if name not in kept}
    return Script(recorded, {}, decisions)


def _asked(one: StepRun) -> set[str]:
    return {name for key, name in ASKED.items() if key in one.step.review}


def _as_answered(verdict: str, one: StepRun, output: Mapping[str, Any]) -> Answer:
    said = {name: output[name] for name in _asked(one) if output.get(name)}
    return Answer(verdict, outcome=str(said.get("outcome", "")), form=said.get("form", {}))
