"""Steps of kind agent: a model that uses tools, over real HTTP."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from orchestration import tools as registry
from orchestration.models import Attempt, StepRun
from orchestration.tools import lent
from tests import tools
from tests.cast import Cast
from tests.flow.drawn import carry_on, start, step
from tests.loopback import Provider, provider, tool_call

ANSWER = {"content": json.dumps({"found": "it is on its way"})}
LOOK = tool_call("test_say", {"word": "card"})


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """A provider that litellm finds through the environment, and tools that have heard nothing."""
    tools.forget()
    with provider() as said:
        for name, value in said.environment.items():
            monkeypatch.setenv(name, value)
        yield said
    tools.gone_on.set()


def agent(**more: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "model": "openai/agent",
        "prompt": "Find out.",
        "tools": ["test.say"],
        "input": {"question": "'Where is my card?'"},
        "output": {"type": "object", "required": ["found"]},
        "retry": {"tries": 1},
    }
    return step("ask", "agent", **plain | more)


def work(cast: Cast, **more: Any) -> StepRun:
    """The step once it has ended."""
    return carry_on(start(cast, agent(**more))).step_runs.get()


def test_it_uses_a_tool_and_answers(cast: Cast, said: Provider) -> None:
    said.says = [LOOK, ANSWER]
    assert work(cast).output == {"found": "it is on its way"}
    (called,) = tools.calls
    assert called[:2] == ("say", {"word": "card"})
    last = said.heard[1]["messages"][-1]
    assert (last["role"], last["tool_call_id"], json.loads(last["content"])) == ("tool", "call-1", {"word": "card"})


def test_it_answers_without_a_tool(cast: Cast, said: Provider) -> None:
    said.says = [ANSWER]
    assert work(cast, tools=[]).status == "done"
    assert "tools" not in said.heard[0]


def test_it_offers_its_tools_in_names_that_providers_allow(cast: Cast, said: Provider) -> None:
    said.says = [ANSWER]
    work(cast)
    (offered,) = said.heard[0]["tools"]
    assert offered["function"]["name"] == "test_say"
    assert offered["function"]["parameters"] == {"type": "object"}


def test_it_records_the_whole_conversation_and_what_it_took(cast: Cast, said: Provider) -> None:
    said.says = [{**LOOK, "reasoning_content": "I look."}, ANSWER]
    work(cast)
    tried = Attempt.objects.get()
    assert (tried.tokens_in, tried.tokens_out) == (80, 40)
    assert tried.prompt is not None
    assert [message["role"] for message in tried.prompt] == ["system", "user", "assistant", "tool", "assistant"]
    assert tried.prompt[2]["reasoning_content"] == "I look."


def test_it_ends_after_so_many_turns(cast: Cast, said: Provider) -> None:
    said.says = [LOOK] * 9
    ask = work(cast, limits={"turns": 2})
    assert (ask.status, ask.error) == ("failed", "It gave no answer in 2 turns.")
    assert len(said.asked) == 2


def test_it_is_told_what_does_not_fit(cast: Cast, said: Provider) -> None:
    said.says = [tool_call("test_say", "no JSON"), tool_call("look_up", {}), ANSWER]
    assert work(cast).status == "done"
    told = [
        json.loads(message["content"])["error"] for message in said.heard[2]["messages"] if message["role"] == "tool"
    ]
    assert told == ["What you gave as arguments is not JSON.", "There is no such tool."]
    assert tools.calls == []


def test_it_fails_when_its_calls_never_fit(cast: Cast, said: Provider) -> None:
    said.says = [tool_call("look_up", {})] * 9
    ask = work(cast)
    assert ask.status == "failed"
    assert ask.error.startswith("It asked 3 times for calls that do not fit")


def test_it_is_told_when_a_tool_failed(cast: Cast, said: Provider) -> None:
    said.says = [LOOK, ANSWER]
    tools.failures["card"] = 1
    assert work(cast).status == "done"
    assert json.loads(said.heard[1]["messages"][-1]["content"]) == {"error": "card failed."}


def test_it_may_not_change_anything_by_itself() -> None:
    problems = lent.problems({"tools": ["test.say", "email.send", "test.keyed", "nothing"]}, dict(registry.TOOLS))
    assert [told.split(",")[0] for told in problems] == [
        "may call 'email.send'",
        "may call 'test.keyed'",
        "may call 'nothing'",
    ]


def test_it_ends_when_it_asks_for_what_needs_an_approval(
    cast: Cast, said: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    said.says = [LOOK]
    run = start(cast, agent())
    monkeypatch.setattr(lent, "SAFE", "none is")  # as if the tool had changed since
    ask = carry_on(run).step_runs.get()
    assert ask.status == "failed"
    assert ask.error.startswith("It asked for test.say, which cannot be called again freely")
    assert tools.calls == []


def test_it_fails_with_the_code_of_the_call(cast: Cast, said: Provider) -> None:
    said.status, said.body = 401, b"{}"
    assert work(cast).error == "openai/agent: The provider refused the key."


def test_it_is_held_to_its_time(cast: Cast, said: Provider) -> None:
    said.says = [tool_call("test_say", {"seconds": 5}), ANSWER]
    ask = work(cast, limits={"seconds": 1})
    assert (ask.status, ask.error) == ("failed", "There was no answer in time.")
    tried = Attempt.objects.get()
    assert tried.tokens_in == 40


def test_the_answer_has_to_fit(cast: Cast, said: Provider) -> None:
    said.says = [{"content": '{"lost": true}'}]
    ask = work(cast)
    assert ask.status == "failed"
    assert "'found' is a required property" in ask.error
