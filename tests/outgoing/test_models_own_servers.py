"""A call of a model with an address of its own connects to what was judged, whatever its name answers meanwhile."""

import asyncio
import json
from typing import Any

import pytest

from orchestration import call
from tests.loopback import completion
from tests.outgoing.conftest import Names
from tests.outgoing.watching import Listener, connections, say

WAY: dict[str, Any] = {"seconds": 5, "route": "openai/triage", "api_key": "sk-of-the-test"}
QUESTION = [{"role": "user", "content": "My card?"}]


def ask(base: str, **more: Any) -> call.Reply:
    async def once() -> call.Reply:
        try:
            return await call.acomplete("house/large", QUESTION, api_base=base, **WAY, **more)
        finally:
            await call.close()

    return asyncio.run(once())


@pytest.fixture
def model(listener: Listener) -> Listener:
    listener.answers["/v1/chat/completions"] = say(
        200, completion("triage", content=json.dumps({"label": "x"})), Content_Type="application/json"
    )
    return listener


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.2", "[::1]", "[::ffff:127.0.0.1]", "localhost", "gateway.example"]
)
def test_no_inner_address_is_connected_to_where_it_must_be_public(host: str, model: Listener, names: Names) -> None:
    names["gateway.example"] = [["93.184.215.14", "127.0.0.1"]]
    with connections() as tried, pytest.raises(call.CallFailed, match="inside the house") as failed:
        ask(f"http://{host}:{model.port}/v1", public_only=True)
    assert (failed.value.code, tried, model.came) == ("refused", [], 0)


def test_a_name_that_answers_otherwise_at_the_next_look_gains_nothing(
    model: Listener, names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    from orchestration import addresses

    judged = addresses.is_inside
    monkeypatch.setattr(addresses, "is_inside", lambda address: str(address) != "127.0.0.9" and judged(address))
    names["gateway.example"] = [["127.0.0.9"], ["127.0.0.1"]]
    with connections() as tried:
        assert ask(f"http://gateway.example:{model.port}/v1", public_only=True).text == '{"label": "x"}'
        with pytest.raises(call.CallFailed, match="inside the house"):
            ask(f"http://gateway.example:{model.port}/v1", public_only=True)
    assert tried == [("127.0.0.9", model.port)]


@pytest.mark.parametrize("never", ["169.254.169.254", "fd00:ec2::254", "0.0.0.0", "64:ff9b::7f00:1"])
def test_a_model_inside_the_house_stands_where_a_house_is(never: str, model: Listener, names: Names) -> None:
    assert ask(f"http://localhost:{model.port}/v1").text == '{"label": "x"}'
    names["gateway.example"] = [[never]]
    with connections() as tried, pytest.raises(call.CallFailed, match="inside the house"):
        ask(f"http://gateway.example:{model.port}/v1")
    assert tried == []


def test_a_proxy_of_the_environment_is_not_asked(model: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.3:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    with connections() as tried:
        ask(f"http://127.0.0.1:{model.port}/v1")
    assert [place[0] for place in tried] == ["127.0.0.1"]
