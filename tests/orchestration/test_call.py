"""Calls over real HTTP: one request each, within its time, and each failure with its code and a sentence."""

import asyncio
import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from orchestration import call
from orchestration.failures import retry_after
from tests.fakes import FakeModels
from tests.loopback import Provider, completion, tool_call
from tests.loopback import said as said
from tests.processes import ROOT, free_port

QUESTION = [{"role": "user", "content": "x"}]


def ask(model: str = "openai/triage", seconds: float = 10, **more: Any) -> call.Reply:
    async def once() -> call.Reply:
        try:
            return await call.acomplete(model, QUESTION, seconds=seconds, **more)
        finally:
            await call.close()

    return asyncio.run(once())


def fail(seconds: float = 10) -> call.CallFailed:
    with pytest.raises(call.CallFailed) as failed:
        ask(seconds=seconds)
    return failed.value


def test_it_gives_the_answer_and_what_it_took(said: Provider) -> None:
    reply = ask()
    assert json.loads(reply.text)["label"] == "pending_card_payment"
    assert (reply.model, reply.tokens_in, reply.tokens_out) == ("openai/triage", 40, 20)
    assert reply.message == {"role": "assistant", "content": reply.text}
    assert said.heard[0]["messages"] == QUESTION


def test_it_prices_a_model_that_litellm_knows(said: Provider) -> None:
    said.says = [{"content": "{}"}]
    assert ask("openai/gpt-4o-mini").cost > 0


def test_it_keeps_the_whole_message(said: Provider) -> None:
    blocks = [{"type": "thinking", "thinking": "Well.", "signature": "s"}]
    said.says = [{"content": "{}", "reasoning_content": "Well.", "thinking_blocks": blocks}]
    assert ask().message["thinking_blocks"] == blocks


def test_it_sees_that_tools_are_asked_for_whatever_the_finish_reason(said: Provider) -> None:
    said.says = [tool_call("look_up", {"name": "Ines"})]
    schema = {"type": "function", "function": {"name": "look_up", "parameters": {"type": "object"}}}
    reply = ask(tools=[schema])
    assert [(asked.id, asked.name, json.loads(asked.arguments)) for asked in reply.tool_calls] == [
        ("call-1", "look_up", {"name": "Ines"})
    ]
    assert said.heard[0]["tools"] == [schema]


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "refused"),
        (401, "refused"),
        (402, "refused"),
        (403, "refused"),
        (404, "refused"),
        (413, "refused"),
        (422, "refused"),
        (301, "refused"),
        (408, "timeout"),
        (409, "server"),
        (429, "busy"),
        (529, "busy"),
        (500, "server"),
        (502, "server"),
        (503, "server"),
    ],
)
def test_it_tells_by_the_status_what_kind_of_failure_it_is(said: Provider, status: int, code: str) -> None:
    said.status, said.body = status, b'{"error": {"message": "no"}}'
    failed = fail()
    assert (failed.code, failed.retry) == (code, code != "refused")
    assert str(failed).startswith("openai/triage: The")
    assert len(said.asked) == 1


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            {"code": "context_length_exceeded", "message": "maximum context length is 4097 tokens"},
            "longer than the model",
        ),
        ({"code": "content_policy_violation", "message": "no"}, "refused the content"),
    ],
)
def test_it_tells_why_a_question_was_refused(said: Provider, error: dict[str, str], sentence: str) -> None:
    said.status, said.body = 400, json.dumps({"error": error}).encode()
    failed = fail()
    assert failed.code == "refused"
    assert sentence in str(failed)


def test_it_does_not_ask_again_where_no_credit_is_left(said: Provider) -> None:
    said.status, said.body = 429, b'{"error": {"code": "insufficient_quota", "message": "insufficient_quota"}}'
    assert fail().code == "refused"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00\xffgarbage",
        b"<html>",
        b"[1]",
        b"null",
        b"{}",
        b"[" * 100_000,
        completion("triage", content="x").replace(b'"created": 0', b'"created": ' + b"9" * 5000),
        completion("triage", content="x").replace(b'"prompt_tokens": 40', b'"prompt_tokens": "many"'),
        json.dumps({**json.loads(completion("triage", content="x")), "choices": []}).encode(),
        completion("triage", content=5),
        completion("triage", content=None, tool_calls="all"),
        completion("triage", **tool_call("", {})),
    ],
)
def test_it_says_that_an_answer_cannot_be_read(said: Provider, body: bytes) -> None:
    said.body = body
    failed = fail()
    assert (failed.code, failed.retry) == ("answer", True)


@pytest.mark.parametrize("length", [3_000_000, 20_000_000])
def test_it_does_not_read_what_has_no_end(said: Provider, length: int) -> None:
    said.says = [{"content": "x" * length}]
    failed = fail()
    assert (failed.code, str(failed)) == ("answer", "openai/triage: The answer is too long.")


def test_it_keeps_figures_that_a_row_can_hold(said: Provider) -> None:
    said.body = completion("triage", content="{}").replace(b": 40,", b": 1" + b"0" * 30 + b",")
    assert ask().tokens_in == 2**31 - 1


def test_half_an_answer_is_a_connection_that_failed(said: Provider) -> None:
    said.cut = 50
    assert fail().code == "connection"


def test_it_never_sends_a_question_twice(said: Provider) -> None:
    said.reset = True
    assert fail().code == "connection"
    assert len(said.asked) == 1


def test_it_says_that_nobody_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"http://127.0.0.1:{free_port()}/v1"
    for name, value in {"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": address, "OPENAI_API_BASE": address}.items():
        monkeypatch.setenv(name, value)
    assert fail().code == "connection"


@pytest.mark.parametrize(("delay", "drip"), [(3, 0), (0, 0.2)])
def test_it_gives_up_when_the_time_is_over(said: Provider, delay: float, drip: float) -> None:
    said.delay, said.drip = delay, drip
    began = time.monotonic()
    failed = fail(seconds=0.7)
    assert (failed.code, failed.retry) == ("timeout", True)
    assert time.monotonic() - began < 2.5


@pytest.mark.parametrize(("said_after", "seconds"), [("7", 7.0), ("0.5", 0.5), ("99999", 3600.0), ("soon", None)])
def test_it_tells_how_long_the_provider_asks_to_wait(said: Provider, said_after: str, seconds: float | None) -> None:
    said.status, said.headers = 429, {"Retry-After": said_after}
    assert fail().after == seconds


def test_it_counts_a_date_from_the_clock_of_the_provider() -> None:
    wrong = datetime.now(UTC) - timedelta(hours=5)
    date, until = (format_datetime(moment, usegmt=True) for moment in (wrong, wrong + timedelta(seconds=90)))
    assert retry_after(until, date) == 90.0


@pytest.mark.parametrize(("said", "seconds"), [("-5", 0.0), ("nan", None), ("inf", 3600.0), ("Wed, 99 Oct", None)])
def test_it_believes_no_nonsense_about_waiting(said: str, seconds: float | None) -> None:
    assert retry_after(said) == seconds


def test_a_call_that_hangs_does_not_hold_the_others(said: Provider, models: FakeModels) -> None:
    async def all_at_once() -> list[float]:
        async def took(model: str) -> float:
            began = time.monotonic()
            with suppress(call.CallFailed):
                await call.acomplete(model, QUESTION, seconds=2)
            return time.monotonic() - began

        hanging = [asyncio.create_task(took("openai/triage")) for _ in range(20)]
        await asyncio.sleep(0.3)
        quick = await asyncio.gather(*(took("handrail/intent") for _ in range(5)))
        await asyncio.gather(*hanging)
        await call.close()
        return quick

    said.delay = 3
    ask("handrail/intent")
    assert max(asyncio.run(all_at_once())) < 1.5


WARM_AND_FORK = """
import asyncio, os, threading
from orchestration import call
call.warm_up()
assert threading.active_count() == 1
pid = os.fork()
if pid == 0:
    reply = asyncio.run(call.acomplete("openai/triage", [{"role": "user", "content": "x"}], seconds=10))
    os._exit(0 if reply.tokens_in == 40 else 1)
raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""


def test_a_fork_of_a_warm_parent_can_call(said: Provider) -> None:
    environment = {**os.environ, **said.environment}
    ran = subprocess.run([sys.executable, "-c", WARM_AND_FORK], cwd=ROOT, env=environment, timeout=100)
    assert ran.returncode == 0
