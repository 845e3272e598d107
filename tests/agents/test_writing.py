"""What an agent says is seen while it is written; the calls that it asks for meanwhile are exactly those it wrote."""

import asyncio
import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from audit import connections, writing
from audit.writing import Watch
from orchestration.failures import CallFailed
from orchestration.hearing import check_calls
from orchestration.models import AgentTurn, Run
from reviews.runpages.watching import pass_for
from tests.agents.drawn import ANSWER, agent, asker, asks, calls, work
from tests.cast import Cast
from tests.flow.drawn import carry_on, start
from tests.loopback import Provider

pytestmark = pytest.mark.django_db

TEXT = "I look up what is known of both cards first."
ODD = {"word": 'a "quoted" \\ line\nwith ü, €, 𝄞 and {braces}', "of": [1, 2.5, None, {"deep": "[DONE]"}]}


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[int, str, str, str]]]:
    """What those who look on are told."""
    found: list[tuple[int, str, str, str]] = []

    async def tell(*said: Any) -> None:
        found.append(said)

    monkeypatch.setattr(writing, "tell", tell)
    yield found
    connections.of_process().delete(writing.WATCHED)
    writing._looked = float("-inf")


def look_on(run: Run) -> None:
    asyncio.run(Watch(1, run.pk, run.workflow_id, ("ask",)).stay())
    writing._looked = float("-inf")


def watched(cast: Cast, **more: Any) -> Run:
    """A run of the agent on whose page somebody looks on."""
    run = start(cast, agent(**more))
    look_on(run)
    return carry_on(run)


def test_what_it_says_grows_turn_by_turn(cast: Cast, said: Provider, told: list[Any]) -> None:
    said.drip = 0.05
    said.says = [
        asks(("test_say", {"word": "a"}), text=TEXT),
        asks(("test_say", {"word": "b"}), text="And now."),
        ANSWER,
    ]
    run = watched(cast)
    assert run.status == "done"
    assert [one["stream"] for one in said.heard] == [True] * 3
    turns = AgentTurn.objects.filter(step_run__run=run)
    ask = asker(run)
    first, second = [[text for *_, of, text in told if of == f"{ask.pk}-{turn.fence}"] for turn in turns]
    assert all(TEXT.startswith(text) for text in first)
    assert all("And now.".startswith(text) for text in second)
    assert first
    assert second
    assert {(one[0], one[1]) for one in told} == {(run.pk, "ask")}
    assert (turns[0].message["content"], ask.output) == (TEXT, json.loads(ANSWER["content"]))


def test_its_calls_are_those_that_it_wrote(cast: Cast, said: Provider, told: list[Any]) -> None:
    wrote: list[tuple[str, dict[str, Any]]] = [
        ("test_say", ODD),
        ("test_say", {}),
        ("test_say", {"word": "x" * 999}),
        ("test_say", {"n": 10**15}),
    ]
    said.says = [asks(*wrote, text=TEXT), asks(*wrote[:1]), ANSWER]
    run = watched(cast, limits={"turns": 9, "calls": 9, "fan_out": 9})
    assert run.status == "done", asker(run).error
    asked = AgentTurn.objects.get(step_run__run=run, number=1).calls
    assert [(one["name"], one["arguments"]) for one in asked] == wrote
    assert [one["id"] for one in asked] == ["0-test_say", "1-test_say", "2-test_say", "3-test_say"]
    assert [one.output for one in calls(run)][:4] == [arguments for _, arguments in wrote]
    sent = next(one for one in said.heard[1]["messages"] if one.get("tool_calls"))
    assert [json.loads(one["function"]["arguments"]) for one in sent["tool_calls"]] == [one for _, one in wrote]


def test_it_comes_to_the_same_as_where_nobody_looks_on(cast: Cast, said: Provider, told: list[Any]) -> None:
    def turn() -> Any:
        return asks(("test_say", ODD), ("test_keyed", {"sum": 10}), text=TEXT)

    said.says = [turn()]
    AgentTurn.objects.get(step_run__run=work(cast))
    alone = AgentTurn.objects.get()
    said.says = [turn()]
    run = watched(cast)
    heard = AgentTurn.objects.get(step_run__run=run)
    assert said.heard[-1]["stream"] is True
    assert heard.calls == alone.calls
    assert heard.message == alone.message


@pytest.mark.parametrize("cut", [3, 9, 14])
def test_what_breaks_off_is_no_turn(cast: Cast, said: Provider, told: list[Any], cut: int) -> None:
    said.says = [asks(("test_keyed", {"sum": 10, "note": "x" * 200}), text=TEXT)]
    said.cut = cut
    ask = asker(watched(cast))
    assert ask.status == "failed"
    assert not AgentTurn.objects.exists()
    assert not calls(ask.run)


def piece(*asked: tuple[int, str | None, str | None]) -> Any:
    parts = [SimpleNamespace(index=at, id=one, function=SimpleNamespace(name=name)) for at, one, name in asked]
    return SimpleNamespace(choices=[SimpleNamespace(delta=SimpleNamespace(tool_calls=parts))])


@pytest.mark.parametrize(
    "pieces",
    [
        [piece((0, "a", "read")), piece((0, "b", "write"))],
        [piece((0, "a", "read")), piece((0, "b", "read"))],
        [piece((0, None, "read"))],
        [piece((0, "a", None)), piece((0, None, None))],
        [piece((0, "a", "read")), piece((1, None, None))],
    ],
    ids=["two in one", "the same twice in one", "no id", "no name", "a part of none"],
)
def test_calls_that_cannot_be_told_apart_are_no_answer(pieces: list[Any]) -> None:
    with pytest.raises(CallFailed, match="told apart"):
        check_calls(pieces)


def test_pieces_that_repeat_what_they_belong_to_are_fine() -> None:
    check_calls([piece((0, "a", "read")), piece((0, "a", "read")), piece((1, "b", "read"), (0, "", None))])


def test_its_page_hands_in_a_pass_and_has_a_place_for_it(cast: Cast, client: Client, said: Provider) -> None:
    run = start(cast, agent())
    watch = Watch.of(pass_for(cast.rita, run, list(run.version.steps.all())))
    assert watch is not None
    assert watch.steps == ("ask",)
    ask = asker(run)
    type(ask).objects.filter(pk=ask.pk).update(status="running", fence=7, claimed_at="2026-11-01T00:00Z", worker="x")
    client.force_login(cast.rita)
    for tab in ("summary", "talk"):
        page = client.get(f"/runs/{run.pk}/?step=ask&tab={tab}").content.decode()
        assert f'id="writing-{ask.pk}-7"' in page
