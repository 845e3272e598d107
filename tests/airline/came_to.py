"""What became of a round's conversations: by what the airline's server did, the recordings, and Handrail's record.

Nothing here asks the customer or the reviewer what they did. A write counts as approved where the record holds that its
step acted, that a person had approved it, and that what was approved has the hash of what reached the server.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from django.db.models import Count

from audit.canonical import digest
from audit.models import Event
from orchestration import tools
from orchestration.models import AgentTurn, Run, StepRun
from orchestration.states import RunStatus, StepStatus
from reviews.models import Review
from tests.airline import desk, judged, playback
from tests.airline.bookings import Effect, fresh
from tests.airline.playback import How
from tests.airline.recordings import Call, Conversation
from tests.airline.server import NAME, Airline
from tests.airline.service import SERVE

RIGHT, IDLE, WRONG = "right", "idle", "wrong"  # a write that was asked for: an open one, one without effect, another
GOODBYE = "goodbye"  # the customer ended it
LONGEST_ERROR = 2000  # characters of an error that Handrail keeps


@dataclass
class Came:
    """One conversation. Of the writes asked for, how many were what; of those made, the keys of such as should not be.

    `how` it ended and at which `turn` of the model; `unlike` are the calls that came to something else than recorded.
    """

    conversation: Conversation
    status: str
    how: str
    turn: int
    asked: Counter[str]
    calls: int
    refused: int
    made: list[str]
    unapproved: list[str]
    wrong: list[str]
    twice: list[str]
    lost: list[str]
    unlike: list[str]
    ended: Effect
    should: Effect
    repeats: int  # calls that reached the server again under their key
    misused: int  # keys that were given to another call

    @property
    def ends_right(self) -> bool:
        """Whether the bookings are what they should be."""
        return self.ended == self.should

    @property
    def differences(self) -> list[str]:
        """What of them is not."""
        return judged.differences(self.ended, self.should)

    @property
    def told(self) -> str:
        """How it ended, in a sentence."""
        match self.how:
            case How.UNFIT:
                return f"Closed at turn {self.turn}: what was recorded next followed a write that was refused."
            case How.OVER:
                return f"The recording was over at turn {self.turn}."
            case _ if self.how == GOODBYE:
                return f"The customer said goodbye after turn {self.turn}."
        return f"The run {self.status}: {self.how}"


@dataclass(frozen=True)
class Record:
    """What Handrail has on record of a round, by run or by step run; asked of the database once for all."""

    steps: Mapping[int, Sequence[Any]]
    agents: Mapping[int, Any]
    turns: Mapping[int, int]
    acting: Mapping[str, tuple[int, str]]  # key of a call: its step run, and its tool with the version
    approved: Mapping[int, str]  # step run: the hash of what a person approved
    targets: Mapping[str, Any] = field(default_factory=dict)  # where a call of a tool goes, which is approved with it

    @classmethod
    def of(cls, runs: Iterable[int]) -> Self:
        """That of these runs."""
        ids, steps, agents = list(runs), dict[int, list[Any]](), {}
        found = StepRun.objects.filter(run__in=ids).select_related("step").order_by("run", "part", "id")
        for row in found:
            if row.given is not None and row.step.kind == "tool":
                steps.setdefault(row.run_id, []).append(row)
            elif row.step.key == SERVE:
                agents[row.run_id] = row
        turns = dict(AgentTurn.objects.filter(step_run__run__in=ids).values_list("step_run__run").annotate(Count("id")))
        acted = [(one, one.data) for one in Event.objects.filter(run_id__in=ids, kind="steprun.acting")]
        acting = {body["key"]: (int(one.object_id), str(body["tool"])) for one, body in acted}
        asked = dict(Review.objects.filter(run__in=ids).values_list("id", "step_run"))
        events = Event.objects.filter(run_id__in=ids, kind="review.approved")
        approved = {asked[int(one.object_id)]: one.content_hash for one in events}
        known = {reference: tools.get(reference.partition("@")[0]) for _, reference in acting.values()}
        targets = {reference: dict(tool.target) for reference, tool in known.items() if tool.reference == reference}
        return cls(steps, agents, turns, acting, approved, targets)

    def approves(self, key: str, call: Call) -> bool:
        """Whether a person approved just what was done under this key."""
        step_run, tool = self.acting.get(key, (0, ""))
        where = {"target": self.targets[tool]} if tool in self.targets else {}
        return self.approved.get(step_run) == digest({"tool": tool, "arguments": call.arguments, **where})


def all_of(
    held: Mapping[int, Conversation], airline: Airline, ends: Mapping[str, Mapping[str, Any]], folder: Path
) -> list[Came]:
    """What became of these conversations, by their runs. `ends` is what the provider tells of their ends."""
    record, statuses = Record.of(held), dict(Run.objects.filter(pk__in=held).values_list("pk", "status"))
    found = []
    for run, conversation in held.items():
        how, turn = _ending(run, record, statuses[run], ends.get(str(conversation.number)))
        found.append(_came(run, conversation, record, airline.told(str(run)), folder, how, turn, statuses[run]))
    return found


def _ending(run: int, record: Record, status: str, end: Mapping[str, Any] | None) -> tuple[str, int]:
    turns = record.turns.get(run, 0)
    if status != RunStatus.DONE:
        return str(record.agents[run].error or record.agents[run].status), turns
    return (str(end["how"]), int(end["turn"])) if end else (GOODBYE, turns)


def _came(
    run: int,
    conversation: Conversation,
    record: Record,
    told: Mapping[str, Any],
    folder: Path,
    how: str,
    turn: int,
    status: str,
) -> Came:
    rows = record.steps.get(run, [])
    made = [(str(one["key"]), Call(one["name"], one["arguments"])) for one in told["made"]]
    times = Counter(key for key, _ in made)
    asked, wrong, lost = judge(conversation, rows, record, dict(made), folder)
    return Came(
        conversation=conversation,
        status=status,
        how=how,
        turn=turn,
        asked=asked,
        calls=len(rows),
        refused=sum(_is_refused(row) for row in rows),
        made=[key for key, _ in made],
        unapproved=[key for key, call in made if not record.approves(key, call)],
        wrong=wrong,
        twice=[key for key, count in times.items() if count > 1],
        lost=lost,
        unlike=_unlike(conversation, rows),
        ended={(table, name): record for table, name, record in told["changed"]},
        should=judged.expected_end(conversation, folder).changed(),
        repeats=int(told["repeats"]),
        misused=int(told["misused"]),
    )


def judge(
    conversation: Conversation, rows: Sequence[Any], record: Record, made: Mapping[str, Call], folder: Path
) -> tuple[Counter[str], list[str], list[str]]:
    """What the writes were that were asked for, on the bookings as the server left them; which of those that it made
    are no open ones; and which were approved and not made.
    """
    bookings, still_open = fresh(folder), judged.writes(conversation.expected)
    keys = {step_run: key for key, (step_run, _) in record.acting.items()}
    asked, wrong, lost = Counter[str](), [], []
    for row in rows:
        call, key = _call(row), keys.get(row.pk, "")
        if call.name not in desk.WRITES:
            continue
        match = judged.matching(bookings, call, still_open)
        asked[RIGHT if match else WRONG if desk.effect(bookings, call) else IDLE] += 1
        if key in made:
            desk.answer(bookings, made[key])
            if match:
                still_open.remove(match)
            else:
                wrong.append(key)
        elif row.pk in record.approved:
            lost.append(f"{call.name} of step run {row.pk}")
    return asked, wrong, lost


def _call(row: Any) -> Call:
    return Call(str(row.step.spec["tool"]).removeprefix(f"{NAME}."), row.given["arguments"])


def _is_refused(row: Any) -> bool:
    return row.status == StepStatus.DONE and (row.output or {}).get("verdict") == "rejected"


def _unlike(conversation: Conversation, rows: Sequence[Any]) -> list[str]:
    """The calls that came to something else than when they were recorded."""
    pairs = enumerate(zip(rows, conversation.answered(), strict=False), start=1)
    return [
        f"call {n}: {recorded.call.name}" for n, (row, recorded) in pairs if not is_as_recorded(row, recorded.result)
    ]


def is_as_recorded(row: Any, result: str) -> bool:
    """Whether a call came to what it did when it was recorded; the names of JSON may come in another order."""
    if row.status == StepStatus.FAILED:
        return str(row.error).endswith(result[:LONGEST_ERROR])
    return playback.told(result, json.dumps(row.output))
