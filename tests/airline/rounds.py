"""A round: every conversation held once, by the agent with its tools, a customer who answers it, and a reviewer."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from orchestration.models import Run, StepRun, Workflow
from reviews.models import Review
from tests.airline import judged, service
from tests.airline.doors import TAKEN, Doors, Item
from tests.airline.playback import ENDS
from tests.airline.recordings import Call, Conversation
from tests.airline.server import NAME
from tests.cast import Cast

STOP = "###STOP###"  # what the recorded customers end with
GOODBYE = "Goodbye."
LOOK = 0.05  # seconds between two looks into the inbox
CUSTOMERS, REVIEWERS = 3, 1  # browsers
TRIES = 20  # at one item


class Stuck(Exception):
    """A round does not come to its end."""


@dataclass(frozen=True)
class Kind:
    """What is special about a round: whether a reviewer stands before the writes, whether the model plays on past a
    write that was refused, and whether workers are killed.
    """

    name: str
    gate: bool = True
    goes_on: bool = False
    kills: bool = False


KINDS = (
    Kind("gate"),
    Kind("gate-goes-on", goes_on=True),
    Kind("no-gate", gate=False, goes_on=True),
    Kind("kills", goes_on=True, kills=True),
)


@dataclass
class Held:
    """A conversation that is being held: its run, and the reviewer who looks after its writes."""

    run: Run
    conversation: Conversation
    reviewer: judged.Reviewer
    answers: list[str] = field(default_factory=list)  # the customer's recorded words after the first

    @classmethod
    def of(cls, run: Run, conversation: Conversation, folder: Path) -> "Held":
        """One that has just begun."""
        said = [message["content"] for message in conversation.messages if message["role"] == "user"]
        return cls(run, conversation, judged.Reviewer(conversation, folder), said[1:])

    def reply(self, question: str, before: int) -> tuple[str, bool]:
        """What the customer says to the agent's words when so many came before, and whether that ends the talk."""
        if question in ENDS.values() or before >= len(self.answers):
            return GOODBYE, True
        return self.answers[before], STOP in self.answers[before]


@dataclass(frozen=True)
class People:
    """Who is at the doors."""

    customer: Doors
    reviewer: Doors


class Round:
    """The conversations of a round as they are held."""

    def __init__(
        self, cast: Cast, workflow: Workflow, conversations: Sequence[Conversation], folder: Path, doors: People
    ) -> None:
        self.workflow, self._doors = workflow, doors
        began = [(service.begin(cast, workflow, one), one) for one in conversations]
        self.held = {run.pk: Held.of(run, one, folder) for run, one in began}
        self._tries: dict[int, int] = {}
        self.misses: list[str] = []

    def play(self, limit: float) -> float:
        """Answer and decide whatever is asked until every run has ended. The seconds that took. May raise `Stuck`."""
        began = time.monotonic()
        with ExitStack() as stack:
            asked = (
                stack.enter_context(ThreadPoolExecutor(CUSTOMERS)),
                stack.enter_context(ThreadPoolExecutor(REVIEWERS)),
            )
            under_way: dict[int, Future[str]] = {}
            while self._live().exists():
                for review in self._open(under_way):
                    item = _item(review)
                    work, crew = (self._write, asked[1]) if item.tool else (self._ask, asked[0])
                    under_way[review.pk] = crew.submit(work, self.held[review.run_id], item, review.before)
                self._take_in(under_way)
                if time.monotonic() - began > limit:
                    raise Stuck(f"Not done after {limit:.0f} s: {self._left()}")
                time.sleep(LOOK)
        return time.monotonic() - began

    def _live(self) -> QuerySet[Run]:
        return Run.objects.live().filter(workflow=self.workflow)

    def _open(self, under_way: dict[int, Future[str]]) -> Iterator[Any]:
        """The items that wait and that nobody is at, each with how often the agent had asked before."""
        earlier = StepRun.objects.filter(run=OuterRef("run"), step__kind="person", part__lt=OuterRef("step_run__part"))
        count = earlier.order_by().values("run").annotate(n=Count("id")).values("n")
        found = Review.objects.open().filter(workflow=self.workflow).exclude(pk__in=list(under_way))
        yield from found.annotate(before=Coalesce(Subquery(count), 0)).order_by("id")

    def _take_in(self, under_way: dict[int, Future[str]]) -> None:
        """What came of those that somebody was at. One that was not taken is tried again, so many times."""
        for pk in [pk for pk, one in under_way.items() if one.done()]:
            if told := under_way.pop(pk).result():
                self.misses.append(told)
                self._tries[pk] = self._tries.get(pk, 0) + 1
                if self._tries[pk] >= TRIES:
                    raise Stuck(f"Review {pk} cannot be decided: {told}")

    def _ask(self, held: Held, item: Item, before: int) -> str:
        words, over = held.reply(str(item.arguments["question"]), before)
        return _came(lambda: self._doors.customer.answer(item, words, over=over))

    def _write(self, held: Held, item: Item, before: int) -> str:
        call = Call(item.tool, item.arguments)
        verdict, _ = held.reviewer.judge(call)
        told = _came(lambda: self._doors.reviewer.decide(item, approved=verdict.approved, why=verdict.why))
        if not told:
            held.reviewer.decide(call)
        return told

    def _left(self) -> list[tuple[Any, ...]]:
        """How some of the steps stand that have not ended."""
        live = StepRun.objects.filter(run__in=self._live()).exclude(status__in=("done", "failed"))
        return list(live.values_list("run", "step__key", "status", "awaits", "worker", "deaths", "error")[:8])


def _item(review: Any) -> Item:
    """A review as whoever decides it sees it; the tool by the name that it has at the airline."""
    tool = str(review.content.get("tool", "")).partition("@")[0].removeprefix(f"{NAME}.")
    return Item(review.pk, review.version, review.content_hash, review.arguments, tool)


def _came(send: Callable[[], httpx.Response]) -> str:
    """Why a decision was not taken; "" where it was."""
    try:
        answer = send()
    except (httpx.HTTPError, StopIteration) as nothing:  # no answer, or a page without its form
        return f"{type(nothing).__name__}: {nothing}"
    return "" if answer.status_code == TAKEN else f"{answer.status_code}: {answer.text[-300:]}"
