"""Steps of kind agent: a model that uses tools, over real HTTP."""

import json
from typing import Any

import pytest

from orchestration import tools as registry
from orchestration.models import StepRun
from orchestration.tools import lent
from tests import tools
from tests.agents.conftest import said as said
from tests.agents.drawn import results
from tests.cast import Cast
from tests.fenced import plain
from tests.flow.drawn import carry_on, start, step
from tests.loopback import Provider, tool_call

ANSWER = {"content": json.dumps({"found": "it is on its way"})}
LOOK = tool_call("test_say", {"word": "card"})


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
    return carry_on(start(cast, agent(**more))).step_runs.get(step__key="ask")


def test_it_uses_a_tool_and_answers(cast: Cast, said: Provider) -> None:
    said.says = [LOOK, ANSWER]
    assert work(cast).output == {"found": "it is on its way"}
    (called,) = tools.calls
    assert called[:2] == ("say", {"word": "card"})
    last = said.heard[1]["messages"][-1]
    assert (last["role"], last["tool_call_id"], json.loads(plain(last["content"]))) == (
        "tool",
        "call-1",
        {"word": "card"},
    )


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
    ask = work(cast)
    first, second = ask.attempts.order_by("fence")
    assert [(one.tokens_in, one.tokens_out) for one in (first, second)] == [(40, 20)] * 2
    assert [message["role"] for message in first.prompt or []] == ["system", "user", "assistant"]
    assert [message["role"] for message in second.prompt or []] == ["tool", "assistant"]
    assert (first.prompt or [])[2]["reasoning_content"] == "I look."


def test_it_ends_after_so_many_turns(cast: Cast, said: Provider) -> None:
    said.says = [LOOK] * 9
    ask = work(cast, limits={"turns": 2})
    assert (ask.status, ask.error) == ("failed", "It gave no answer in 2 turns.")
    assert len(said.asked) == 2


def test_it_is_told_what_does_not_fit(cast: Cast, said: Provider) -> None:
    said.says = [tool_call("test_say", "no JSON"), tool_call("look_up", {}), ANSWER]
    assert work(cast).status == "done"
    told = [one["error"] for one in results(said.heard[2]["messages"])]
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
    assert json.loads(plain(said.heard[1]["messages"][-1]["content"])) == {"error": "card failed."}


@pytest.mark.django_db
def test_it_is_not_given_what_reads_files() -> None:
    problems = lent.problems({"tools": ["test.say", "pdf.text", "nothing"]}, dict(registry.TOOLS))
    assert [told.split(",")[0] for told in problems] == ["may call 'pdf.text'", "may call 'nothing'"]


def test_it_fails_with_the_code_of_the_call(cast: Cast, said: Provider) -> None:
    said.status, said.body = 401, b"{}"
    assert work(cast).error == "openai/agent: The provider refused the key."


def test_the_answer_has_to_fit(cast: Cast, said: Provider) -> None:
    said.says = [{"content": '{"lost": true}'}]
    ask = work(cast)
    assert ask.status == "failed"
    assert "'found' is a required property" in ask.error
