"""The airline's MCP server: its tools, a copy of the bookings for each run, and keys that make a call happen once."""

import asyncio
import uuid
from collections.abc import Iterator
from typing import Any, cast

import pytest
from mcp.client.client import Client
from mcp.shared.exceptions import MCPError
from mcp_types import CallToolResult, RequestParamsMeta, TextContent

from tests.airline import judged, server
from tests.airline.bookings import fresh
from tests.airline.desk import effect
from tests.airline.recordings import Answered, Call, Conversation, declared
from tests.airline.server import KEY, RUN, Airline

CANCEL = Call("cancel_reservation", {"reservation_id": "K1NW8N"})


@pytest.fixture(scope="module")
def airline() -> Iterator[Airline]:
    with server.standing() as standing:
        yield standing


@pytest.fixture
def run() -> str:
    """A run of its own, in a server that many share."""
    return f"run-{uuid.uuid4()}"


async def call(client: Client, asked: Call, **meta: Any) -> CallToolResult:
    return await client.call_tool(asked.name, asked.arguments, meta=cast(RequestParamsMeta, meta))


def answers(airline: Airline, *asked: tuple[Call, dict[str, Any]], mode: str = "auto") -> list[tuple[str, bool]]:
    """Ask one after another: each text, and whether it is marked as an error."""

    async def ask() -> list[CallToolResult]:
        async with Client(airline.mcp, mode=mode) as client:
            return [await call(client, one, **meta) for one, meta in asked]

    return [(cast(TextContent, result.content[0]).text, bool(result.is_error)) for result in asyncio.run(ask())]


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_it_lists_the_14_tools_as_they_are_declared(airline: Airline, mode: str) -> None:
    async def listed() -> list[dict[str, Any]]:
        async with Client(airline.mcp, mode=mode) as client:
            found = (await client.list_tools()).tools
        return [{"name": one.name, "description": one.description, "parameters": one.input_schema} for one in found]

    assert asyncio.run(listed()) == list(declared())


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_conversation_gets_the_recorded_answers(
    airline: Airline, run: str, excerpt: dict[int, Conversation], mode: str
) -> None:
    recorded: list[Answered] = list(excerpt[4].answered())
    asked = [(one.call, {RUN: run, KEY: str(number)}) for number, one in enumerate(recorded)]
    expected = [(one.result, one.result.startswith("Error")) for one in recorded]
    assert answers(airline, *asked, mode=mode) == expected
    assert airline.changed(run) == judged.recorded_end(excerpt[4]).changed()


def test_each_run_has_a_copy_of_its_own(airline: Airline, run: str) -> None:
    answers(airline, (CANCEL, {RUN: run}))
    assert airline.changed(run) == effect(fresh(), CANCEL)
    assert airline.changed(f"{run}-other") == {}


def test_without_a_run_all_share_one_copy(airline: Airline) -> None:
    user = Call("get_user_details", {"user_id": "mia_li_3668"})
    certificate = Call("send_certificate", {"user_id": "mia_li_3668", "amount": 50})
    assert "certificate_3221322" in answers(airline, (certificate, {}), (user, {}))[1][0]
    assert [made["name"] for made in airline.told()["made"]] == ["send_certificate"]


def test_the_same_key_again_gets_the_first_answer_and_changes_nothing(airline: Airline, run: str) -> None:
    first, second = answers(airline, *[(CANCEL, {RUN: run, KEY: "k"})] * 2)
    assert first == second
    assert airline.counted()[run] == {"calls": 2, "effects": 1, "repeats": 1, "misused": 0, "keys": 1}
    assert airline.told(run)["keyed"] == {"k": {"name": "cancel_reservation", "repeats": 1}}


def test_without_a_key_the_same_call_is_done_again(airline: Airline, run: str) -> None:
    first, second = answers(airline, *[(CANCEL, {RUN: run})] * 2)
    assert first != second
    assert airline.counted()[run]["effects"] == 2


def test_a_key_is_for_one_call_alone(airline: Airline, run: str) -> None:
    other = Call("get_reservation_details", CANCEL.arguments)
    _, refused = answers(airline, (CANCEL, {RUN: run, KEY: "k"}), (other, {RUN: run, KEY: "k"}))
    assert refused == ("Error: this key was given to another call before", True)
    assert airline.counted()[run]["misused"] == 1


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (Call("get_user_details", {"user_id": "nobody"}), "Error: user not found"),
        (Call("get_user_details", {}), "Error: 'user_id' is a required property"),
    ],
)
def test_what_a_tool_refuses_is_marked_as_an_error(airline: Airline, run: str, asked: Call, sentence: str) -> None:
    assert answers(airline, (asked, {RUN: run})) == [(sentence, True)]


@pytest.mark.parametrize(("asked", "meta"), [(Call("fly", {}), {}), (CANCEL, {KEY: 7})])
def test_what_no_tool_can_answer_is_an_error_of_the_protocol(
    airline: Airline, asked: Call, meta: dict[str, Any]
) -> None:
    async def ask() -> str:
        async with Client(airline.mcp) as client:
            try:
                await call(client, asked, **meta)
            except MCPError as error:
                return error.message
        return ""

    assert asyncio.run(ask()) in ("There is no tool fly.", "handrail/key in _meta is no text.")


def test_who_is_gone_before_the_answer_comes_finds_it_by_the_key(run: str) -> None:
    async def give_up(slow: Airline) -> None:
        async with Client(slow.mcp) as client:
            asked = asyncio.create_task(call(client, CANCEL, **{RUN: run, KEY: "k"}))
            while run not in await asyncio.to_thread(slow.counted):
                await asyncio.sleep(0.01)
            asked.cancel()

    with server.standing(pause=60) as slow:
        asyncio.run(give_up(slow))
        [(text, wrong)] = answers(slow, (CANCEL, {RUN: run, KEY: "k"}))
        assert (text.endswith('"status": "cancelled"}'), wrong) == (True, False)
        assert slow.counted()[run] == {"calls": 2, "effects": 1, "repeats": 1, "misused": 0, "keys": 1}
