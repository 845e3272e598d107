"""Where an agent stops: each limit, the same call three times over, a budget, a tool that is off, a person."""

from typing import Any

import pytest

from audit.actors import COMMAND, person
from orchestration import control
from orchestration.catalog import switching
from orchestration.models import Model, Tool
from orchestration.routing import candidates
from orchestration.states import ToolStatus
from reviews.models import Review
from tests import tools
from tests.agents.drawn import ANSWER, agent, asker, asks, calls, work
from tests.cast import Cast
from tests.flow.drawn import carry_on, start
from tests.flow.hands import approve
from tests.loopback import Provider

pytestmark = pytest.mark.django_db


def say(word: str) -> tuple[str, dict[str, Any]]:
    return ("test_say", {"word": word})


def words(count: int) -> list[dict[str, Any]]:
    return [asks(say(f"word {number}")) for number in range(count)]


AGAIN = "with the same arguments {} times over. Left undone: test_say."
STOPS = {
    "turns": ({"turns": 2}, words(9), "It gave no answer in 2 turns.", 2),
    "calls": (
        {"calls": 3},
        [asks(say("a"), say("b")), asks(say("c"), say("d"))],
        "It asked for more than 3 calls. Left undone: test_say, test_say.",
        2,
    ),
    "fan_out": (
        {"fan_out": 2},
        [asks(say("a"), say("b"), say("c"))],
        "It asked for 3 calls at once; 2 is the most. Left undone: test_say, test_say, test_say.",
        0,
    ),
    "repeats": ({"repeats": 2}, [asks(say("a"))] * 2, f"It asked for test_say {AGAIN.format(2)}", 1),
    "three times": ({}, [asks(say("a"))] * 9, f"It asked for test_say {AGAIN.format(3)}", 2),
    "tokens": ({"tokens": 1750}, words(9), "Another turn could pass its 1,750 tokens; it took 240 until now.", 4),
}


@pytest.mark.parametrize(("limits", "says", "error", "made"), STOPS.values(), ids=STOPS)
def test_it_stops(cast: Cast, said: Provider, limits: dict[str, Any], says: list[Any], error: str, made: int) -> None:
    said.says = list(says)
    ask = asker(work(cast, limits={"turns": 50, **limits}))
    assert (ask.status, ask.error) == ("failed", error)
    assert len(tools.calls) == made


def test_it_stops_after_its_minutes_of_work(cast: Cast, said: Provider) -> None:
    said.says = words(9)
    said.delay = 0.2
    ask = asker(work(cast, limits={"minutes": 0.004}))
    assert ask.status == "failed"
    assert ask.error == "It has worked for 0 minutes; 0.004 is the most."
    assert len(said.asked) in {1, 2}


def test_within_its_limits_it_answers(cast: Cast, said: Provider) -> None:
    said.says = [*words(3), ANSWER]
    assert asker(work(cast, limits={"turns": 4, "calls": 3, "tokens": 5000, "minutes": 5})).status == "done"


KEEP = ("test_keyed", {"sum": 10})


@pytest.fixture
def dear() -> None:
    """The agent's model costs a thousand dollars a million tokens: 0.06 a turn here, and more by estimate."""
    Model.objects.filter(name="openai/agent").update(price_in=1000, price_out=1000)
    candidates.forget()


def test_it_stops_before_it_costs_more_than_it_may(cast: Cast, said: Provider, dear: None) -> None:
    said.says = words(9)
    ask = asker(work(cast, limits={"turns": 50, "cost": "1.30"}))
    assert ask.status == "failed"
    assert "The budget of this step ($1.30) does not hold this call." in ask.error
    assert 1 <= len(said.asked) < 9


def test_it_stops_where_the_budget_of_its_workflow_ends(cast: Cast, said: Provider, dear: None) -> None:
    said.says = words(9)
    run = carry_on(start(cast, agent(limits={"turns": 50}), budget={"run": "1.30", "currency": "USD"}))
    ask = asker(run)
    assert ask.status in {"failed", "waiting"}
    assert 1 <= len(said.asked) < 9


def test_a_tool_that_is_switched_off_is_called_no_more(cast: Cast, said: Provider) -> None:
    said.says = [asks(KEEP), ANSWER]
    run = work(cast)
    switching.switch(Tool.objects.get(name="test.keyed"), ToolStatus.OFF, actor=COMMAND)
    approve(cast, Review.objects.get())
    run = carry_on(run)
    (call,) = calls(run)
    assert (call.status, tools.calls) == ("failed", [])
    assert run.status == "failed"
    assert "test.keyed" in asker(run).error
    assert len(said.asked) == 1


def test_nothing_of_it_goes_on_while_everything_is_stopped(cast: Cast, said: Provider) -> None:
    said.says = [asks(KEEP), ANSWER]
    run = work(cast)
    control.stop_everything(actor=COMMAND, by=cast.adam, why="Letters go out twice.")
    approve(cast, Review.objects.get())
    carry_on(run)
    assert (len(said.asked), tools.calls) == (1, [])
    control.let_go(actor=COMMAND, by=cast.adam, why="It is mended.")
    assert carry_on(run).status == "done"
    assert (len(said.asked), len(tools.calls)) == (2, 1)


def test_a_person_stops_it_with_all_that_it_asked_for(cast: Cast, said: Provider) -> None:
    said.says = [asks(KEEP, say("a")), ANSWER]
    run = work(cast)
    control.cancel_step(asker(run), actor=person(cast.adam), why="It is on the wrong track.")
    carry_on(run)
    assert asker(run).status == "cancelled"
    assert [one.status for one in calls(run)] == ["cancelled", "done"]
    assert not Review.objects.open().exists()
    assert len(said.asked) == 1
