"""Servers that ask people before they go on: over both transports, by their answer (today) or midway (until then)."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from audit.models import Event, User
from orchestration import tools
from orchestration.models import Connection, Run, StepRun, Tool
from orchestration.tools.mcp import sessions
from reviews import decisions
from reviews.desk import fields
from reviews.models import Review
from tests.agents.drawn import ANSWER, asks, stand, told, work
from tests.cast import Cast
from tests.flow.drawn import REVIEW, carry_on, start, step
from tests.flow.hands import approve, reject
from tests.loopback import Provider
from tests.registry.conftest import connected, let_in, listed
from tests.registry.test_wild import free_port, until_it_listens

pytestmark = pytest.mark.django_db

WAYS = ["stdio today", "stdio midway", "http today", "http midway"]
in_two = pytest.mark.parametrize("curious", ["stdio midway", "http today"], indirect=True)


class Curious:
    """The server, its connection, and what it has done."""

    def __init__(self, row: Connection, told: Path, cast: Cast, ada: User, *, midway: bool) -> None:
        self.row, self.told, self.cast, self.ada, self.midway = row, told, cast, ada, midway
        assert listed(row, cast.adam).error == ""

    def let_in(self, name: str, repeatability: str = "keyed") -> Tool:
        """One of its tools."""
        said = {"effect": "write", "leaves_house": False, "repeatability": repeatability, "for_all": True}
        return let_in(f"curious.{name}", self.cast.adam, self.ada, **said)

    def call(self, name: str, repeatability: str = "keyed", **more: Any) -> Run:
        """A run whose one step calls it."""
        self.let_in(name, repeatability)
        return carry_on(start(self.cast, step("book", tool=f"curious.{name}", input={}, **more)))

    @property
    def done(self) -> list[dict[str, Any]]:
        """What it did."""
        return [json.loads(line) for line in self.told.read_text().splitlines()] if self.told.exists() else []


@pytest.fixture(params=WAYS)
def curious(
    request: pytest.FixtureRequest,
    cast: Cast,
    ada: User,
    tmp_path: Path,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Curious]:
    """Such a server, in each of the ways in which one asks."""
    transport, when = request.param.split()
    if when == "midway":
        monkeypatch.setattr(sessions, "Client", partial(Client, mode="legacy"))
    told, root = tmp_path / "told.jsonl", Path(__file__).parents[2]
    if transport == "stdio":
        line = f"PYTHONPATH={root} {sys.executable} -m tests.registry.curious stdio {told}"
        settings.HANDRAIL_MCP_COMMANDS = {"curious": line}
        row = connected("curious", cast.adam, ada, command="curious")
        yield Curious(row, told, cast, ada, midway=when == "midway")
    else:
        with over_http(told) as address:
            row = connected("curious", cast.adam, ada, address=address, private=True)
            yield Curious(row, told, cast, ada, midway=when == "midway")


@contextmanager
def over_http(told: Path) -> Iterator[str]:
    """The server on loopback, as long as the block."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "tests.registry.curious", "http", str(port), str(told)])
    try:
        until_it_listens(port)
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        process.kill()
        process.wait()


def book(run: Run) -> StepRun:
    """The step that calls."""
    return StepRun.objects.get(run=run, step__key="book")


def test_a_person_is_asked_and_the_answer_goes_back_when_the_call_is_made_again(curious: Curious, cast: Cast) -> None:
    run = curious.call("book")
    review = Review.objects.get()
    assert (book(run).status, book(run).awaits, curious.done) == ("waiting", "person", [])
    assert (review.group.name, review.summary, review.title) == ("reviewer", "Which seat? <b>Now</b>", "Book")
    assert [one.label for one in fields.describe(review, review.arguments)] == ["Seat", "Bags", "Window"]
    sessions.close()  # days go by; another worker goes on
    approve(cast, review, seat="12A", bags="2", window=True)
    assert carry_on(run).status == "done"
    ((one, said),) = [(one, one["said"]["seat"]) for one in curious.done]
    assert said == ["accept", {"seat": "12A", "bags": 2, "window": True}]
    assert one["state"] == (None if curious.midway else "as it stood")
    assert book(run).output == {"text": "Done."}
    acting = Event.objects.filter(kind="steprun.acting", object_id=str(book(run).pk))
    assert [json.loads(event.body)["key"] for event in acting] == [f"run-{run.pk}-step-book"] * 2


@in_two
def test_who_says_no_declines(curious: Curious, cast: Cast) -> None:
    run = curious.call("book")
    reject(cast, Review.objects.get())
    assert carry_on(run).status == "done"
    assert (book(run).output, curious.done) == ({"text": "Nothing was done."}, [])


@in_two
def test_an_answer_that_does_not_fit_is_refused_and_nothing_is_lost(curious: Curious, cast: Cast) -> None:
    run = curious.call("book")
    review = Review.objects.get()
    for wrong in ({"seat": "1Z"}, {"seat": "12A", "bags": "seven"}, {"seat": "12A", "bags": "9"}, {}):
        with pytest.raises(decisions.BadEdit):
            approve(cast, review, **wrong)
    assert (book(run).status, Review.objects.get().status) == ("waiting", "open")
    approve(cast, review, seat="12B")
    carry_on(run)
    assert curious.done[0]["said"]["seat"] == ["accept", {"seat": "12B", "window": False}]


@in_two
def test_an_approved_call_stays_approved_while_its_server_asks(curious: Curious, cast: Cast) -> None:
    run = curious.call("book", review=REVIEW)
    approve(cast, Review.objects.get())
    carry_on(run)
    assert (book(run).status, curious.done) == ("waiting", [])
    approve(cast, Review.objects.get(status="open"), seat="12A")
    assert carry_on(run).status == "done"
    assert (book(run).output, len(curious.done)) == ({"text": "Done.", "verdict": "approved", "edited": False}, 1)


def test_two_questions_are_asked_one_after_the_other(curious: Curious, cast: Cast) -> None:
    run = curious.call("both")
    approve(cast, Review.objects.get(), seat="12A")
    carry_on(run)
    second = Review.objects.get(status="open")
    assert (second.summary, curious.done) == ("Which meal?", [])
    assert "pattern" not in second.content["asks"]["schema"]["properties"]["meal"]
    approve(cast, second, meal="fish")
    assert carry_on(run).status == "done"
    seat = ["accept", {"seat": "12A", "window": False}]
    assert [one["said"] for one in curious.done] == [{"seat": seat, "meal": ["accept", {"meal": "fish"}]}]


@in_two
def test_one_that_asks_on_and_on_is_given_up(curious: Curious, cast: Cast) -> None:
    run = curious.call("ever")
    for _ in range(20):
        if (asked := Review.objects.filter(status="open").first()) is None:
            break
        approve(cast, asked, meal="fish")
        run = carry_on(run)
    assert (run.status, Review.objects.count()) == ("failed", 8)
    assert "asks more than 8 times in one call" in book(run).error


@in_two
@pytest.mark.parametrize(
    ("name", "told"),
    [("deep", "It asks for 'where', which is no text, number, yes or no, or choice."), ("page", "evil.example")],
)
def test_what_is_no_plain_form_is_put_to_nobody(curious: Curious, name: str, told: str) -> None:
    run = curious.call(name)
    assert (run.status, Review.objects.count()) == ("failed", 0)
    assert told in book(run).error


@in_two
def test_a_form_that_asks_for_a_password_says_so(curious: Curious, cast: Cast) -> None:
    curious.call("login")
    assert Review.objects.get().content["asks"]["secrets"] == ["accountPassword"]


def test_of_a_call_that_may_not_be_repeated_only_a_yes_calls_again(curious: Curious, cast: Cast) -> None:
    run = curious.call("book", "unsafe")
    review = Review.objects.get()
    assert review.content["asks"]["again"] is curious.midway
    reject(cast, review)
    carry_on(run)
    assert curious.done == []
    said = ("failed", "who said no. It was not called again.") if curious.midway else ("done", "")
    assert (book(run).status, said[1] in book(run).error) == (said[0], True)


def test_of_two_calls_at_once_the_right_one_is_answered(curious: Curious, cast: Cast) -> None:
    curious.let_in("book")
    curious.let_in("echo")
    first = step("book", tool="curious.book", input={})
    other = step("other", tool="curious.echo", input={"seconds": "1"})
    run = carry_on(
        start(
            cast, step("two", "parallel", branches=[{"name": "a", "steps": [first]}, {"name": "b", "steps": [other]}])
        )
    )
    assert (book(run).status, StepRun.objects.get(step__key="other").output) == ("waiting", {"text": "echo"})
    approve(cast, Review.objects.get(), seat="12A")
    assert carry_on(run).status == "done"
    assert len(curious.done) == 1


@in_two
def test_a_call_of_an_agent_pauses_like_any_other_and_the_agent_reads_what_it_came_to(
    curious: Curious, cast: Cast, said: Provider
) -> None:
    curious.let_in("book")
    said.says = [asks(("curious_book", {})), ANSWER]
    run = work(cast, tools=["curious.book"])
    approve(cast, Review.objects.open().get())
    carry_on(run)
    assert (stand(run), len(said.heard)) == (["person"], 1)
    review = Review.objects.open().get()
    assert review.summary == "Which seat? <b>Now</b>"
    approve(cast, review, seat="12A", bags="2", window=True)
    assert carry_on(run).status == "done"
    assert ([one["said"]["seat"][0] for one in curious.done], told(said)) == (["accept"], [{"text": "Done."}])


@in_two
def test_a_test_call_and_a_dry_run_ask_nobody(curious: Curious) -> None:
    with pytest.raises(tools.Paused, match="Which seat"):
        tools.TOOLS[curious.let_in("book").name].call({}, "test-1")
    assert Review.objects.count() == 0
