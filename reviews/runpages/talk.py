"""The talk of an agent: its turns with what it said, what it asked for, and what came of it. Fifty turns at a time."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Subquery, TextField
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Left

from orchestration import contents, tools, undos
from orchestration.calls import CallState, codes_of, state_of
from orchestration.executors.history import OURS
from orchestration.models import AgentTurn, StepRun
from orchestration.states import StepStatus
from reviews.models import Review

SIZE = 50
LONGEST = 4000  # characters of what a call is asked with, and of what it came to
LONGEST_SAID = 20_000  # of what a turn says
LARGEST = 256 * 1024  # bytes of one that is kept beside its row, and looked into
TONES = {
    CallState.SUCCEEDED: ("ok", "check"),
    CallState.UNDONE: ("warn", "undo-2"),
    CallState.WAITING: ("human", "user"),
    CallState.APPROVED: ("human", "user-check"),
    CallState.EDITED: ("human", "user-pen"),
    CallState.REJECTED: ("bad", "x"),
    CallState.DENIED: ("bad", "shield-x"),
    CallState.FAILED: ("bad", "circle-x"),
    CallState.INVALID: ("bad", "circle-x"),
    CallState.EXECUTING: ("run", "loader"),
    CallState.UNKNOWN: ("warn", "circle-help"),
    CallState.STOPPED: ("", "ban"),
}


@dataclass(frozen=True, slots=True)
class Called:
    """One call of a turn. `asks` is what it asks a person, and `said` the answer; `spoken`: it only said so.

    `outside`: what came of it was written by somebody else's system. `review` is the question to people, if any.
    """

    name: str
    arguments: Any
    state: CallState
    effect: str = ""
    came: str = ""
    asks: str = ""
    said: str = ""
    spoken: bool = False
    outside: bool = False
    review: int | None = None
    step_run: int | None = None
    undoable: bool = False

    @property
    def word(self) -> str:
        """How it stands, in a word."""
        return str(self.state.label)

    @property
    def tone(self) -> str:
        """The colour of that."""
        return TONES.get(self.state, ("", ""))[0]

    @property
    def drawn(self) -> str:
        """And its icon."""
        return TONES.get(self.state, ("", "circle-dashed"))[1]

    @property
    def waits(self) -> bool:
        """Whether a person is asked now."""
        return self.state in {CallState.WAITING, CallState.UNKNOWN}


@dataclass(frozen=True, slots=True)
class Spoken:
    """One turn: what the model said, and what it asked for."""

    number: int
    model: str
    at: datetime
    text: str
    calls: Sequence[Called]


@dataclass(frozen=True, slots=True)
class Talk:
    """A page of a talk, and where the pages before and after it begin (0: there is none).

    `at` is the turn that is looked at alone, 0 where all of the page are.
    """

    turns: Sequence[Spoken]
    earlier: int
    later: int
    last: int
    at: int = 0


def page(held: StepRun, given: Mapping[str, str]) -> Talk:
    """The turns from `turn` on, or the last ones; or the one named by `at`: three queries, and one for each of two
    rare things: large values, and failures.
    """
    last = AgentTurn.objects.filter(step_run=held).order_by("-number").values_list("number", flat=True).first() or 0
    if at := min(_whole(given.get("at", "")), last):
        return Talk(_shown(held, at, at), at - 1, at + 1 if at < last else 0, last, at)
    first = _whole(given.get("turn", "")) or max(1, last - SIZE + 1)
    turns = _shown(held, first, first + SIZE - 1)
    end = turns[-1].number if turns else last
    return Talk(turns, max(1, first - SIZE) if first > 1 else 0, end + 1 if end < last else 0, last)


def until(held: StepRun, number: int, size: int) -> list[Spoken]:
    """The last turns up to one of them."""
    return _shown(held, max(1, number - size + 1), number)


def _shown(held: StepRun, first: int, last: int) -> list[Spoken]:
    turns = list(AgentTurn.objects.filter(step_run=held, number__range=(first, last)))
    messages = contents.open_all([turn.message for turn in turns])
    runs = _runs(held, turns)
    return [_turn(turn, said, runs) for turn, said in zip(turns, messages, strict=True)]


def _runs(held: StepRun, turns: Sequence[AgentTurn]) -> dict[int, Any]:
    """The step runs of these turns' calls, by their numbers: of what they came to no more than is shown."""
    numbers = [call["part"] for turn in turns for call in turn.calls if "part" in call]
    found = StepRun.objects.filter(parent=held, part__in=numbers, given__isnull=False, undoes=None)
    reviews = Review.objects.deciding().filter(step_run=OuterRef("pk"))
    runs: list[Any] = list(
        found.select_related("step")
        .defer("question", "output", "metrics")
        .annotate(
            verdict=KT("output__verdict"),
            said=Left(KT("output__answer"), LONGEST),
            came=Left(Cast("output", TextField()), LONGEST),
            review=Subquery(reviews.order_by("-pk").values("pk")[:1]),
            undone=Exists(StepRun.objects.filter(undoes=OuterRef("pk"), status=StepStatus.DONE)),
        )
        .order_by("part")
    )
    codes = codes_of([run.pk for run in runs if run.status == StepStatus.FAILED])
    beside = [one for run in runs if (one := _reference(run.came)) is not None and one["size"] <= LARGEST]
    large = contents.load_all(beside) if beside else {}
    for run in runs:
        kept = _reference(run.came)
        run.came = _text(large.get(kept[contents.MARK]), kept["size"]) if kept else _plain(run.came)
        run.output = {"verdict": run.verdict}
        run.state = state_of(run, code=codes.get(run.pk, ""), undone=run.undone)
    return {run.part: run for run in runs}


def _turn(turn: AgentTurn, message: dict[str, Any], runs: Mapping[int, Any]) -> Spoken:
    return Spoken(
        turn.number, turn.model, turn.at, str(message.get("content") or "")[:LONGEST_SAID], [*_calls(turn, runs)]
    )


def _calls(turn: AgentTurn, runs: Mapping[int, Any]) -> Iterator[Called]:
    for asked in turn.calls:
        run = runs.get(asked.get("part", -1))
        if run is None:
            yield Called(asked["name"], _cut(asked["arguments"]), CallState.INVALID, came=asked.get("error", ""))
            continue
        person, tool = run.step.kind == "person", tools.TOOLS.get(run.step.spec.get("tool", ""))
        yield Called(
            run.step.name,
            _cut(asked["arguments"]),
            run.state,
            effect=tool.effect if tool is not None else "",
            came=run.error or ("" if person else run.came),
            asks=str(asked["arguments"].get("question", "")) if person else "",
            said=str(run.said or "") if person else "",
            spoken=bool(asked.get("said")),
            outside=tool is not None and tool.brings_untrusted and not run.error,
            review=run.review,
            step_run=run.pk,
            undoable=run.state == CallState.SUCCEEDED and undos.can_be_undone(run),
        )


def _cut(arguments: Any) -> Any:
    """What a call is asked with; of what is long, the beginning as text."""
    text = json.dumps(arguments, ensure_ascii=False)
    return arguments if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _reference(text: str | None) -> dict[str, Any] | None:
    """What a row holds in the place of a large value, if it is that."""
    if not text or contents.MARK not in text or len(text) >= LONGEST:
        return None
    value = json.loads(text)
    return value if contents.is_reference(value) else None


def _text(value: Any, size: int) -> str:
    return _plain(json.dumps(value, ensure_ascii=False)[: 2 * LONGEST])[:LONGEST] if value is not None else f"{size} B"


def _plain(text: str | None) -> str:
    """What a call came to, as text, without what a review adds to it."""
    if not text or len(text) >= LONGEST:
        return text or ""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    kept = {name: one for name, one in value.items() if name not in OURS} if isinstance(value, dict) else value
    return json.dumps(kept, ensure_ascii=False, indent=2) if kept else ""


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 9 else 0
