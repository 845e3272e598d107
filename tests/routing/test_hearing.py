"""An answer is heard while it is written where somebody looks on; once it has begun no other model takes it over."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from audit import connections, writing
from audit.writing import Watch
from orchestration import call, jobs
from orchestration.failures import CallFailed
from orchestration.hearing import Hearing
from orchestration.models import Attempt, RoutingDecision, Run, StepRun
from orchestration.routing import cooling
from tests.cast import Cast, approve
from tests.flow import drawn
from tests.loopback import Provider, completion, provider
from tests.policies.conftest import PutInForce, a_rule
from tests.policies.conftest import ada as ada
from tests.policies.conftest import put_in_force as put_in_force

TEXT = json.dumps({"said": "a rather long sentence that comes piece by piece"})


@pytest.fixture
def said() -> Iterator[Provider]:
    cooling.forget()
    with provider() as standing:
        standing.body = completion("x", content=TEXT)
        yield standing
    cooling.forget()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str, int, str]]:
    """What those who look on are told."""
    found: list[tuple[int, str, int, str]] = []

    async def tell(*said: Any) -> None:
        found.append(said)

    monkeypatch.setattr(writing, "tell", tell)
    return found


@pytest.fixture(autouse=True)
def _nobody() -> Iterator[None]:
    nobody()
    yield
    nobody()


def nobody() -> None:
    connections.of_process().delete(writing.WATCHED)
    writing._looked = float("-inf")


def look_on(run: Run, *steps: str) -> None:
    """Somebody has the run's page open."""
    asyncio.run(Watch(1, run.pk, run.workflow_id, steps).stay())
    writing._looked = float("-inf")


def heard(said: Provider, **more: Any) -> tuple[call.Reply, list[str]]:
    """One call that is heard, and what was told of it."""
    texts: list[str] = []
    address = f"http://127.0.0.1:{said.port}/v1"
    asked = call.acomplete(
        "openai/x", [{"role": "user", "content": "?"}], seconds=10, api_base=address, heard=texts.append, **more
    )
    return asyncio.run(asked), texts


def begin(cast: Cast, said: Provider, *, models: tuple[str, ...] = ("first", "second"), **more: Any) -> Run:
    near: dict[str, Any] = {"endpoint": f"http://127.0.0.1:{said.port}/v1", "private_endpoint": True}
    for number, name in enumerate(models):
        approve(f"house/{name}", route=f"openai/{name}", quality=1 - number / 10, **near)
    routing = {"among": [f"house/{name}" for name in models], "weights": {"quality": 1}}
    step = drawn.step("ask", "model", model="any", routing=routing, prompt="Say it.", input={"to": "input.to"}, **more)
    given = {"to": "ines@customer.example"}
    spec = {"type": "object", "properties": {"to": {"type": "string"}}}
    return drawn.start(cast, {"output": {"type": "object"}, **step}, given=given, input=spec)


def test_it_comes_to_the_same_as_in_one_piece(said: Provider) -> None:
    reply, texts = heard(said)
    assert (reply.text, reply.tokens_in, reply.tokens_out) == (TEXT, 40, 20)
    assert texts == [TEXT[:at] for at in range(8, len(TEXT), 8)] + [TEXT]


def test_an_answer_that_ends_in_its_middle_is_none(said: Provider) -> None:
    said.cut = 3
    with pytest.raises(CallFailed) as failed:
        heard(said)
    assert (failed.value.begun, failed.value.retry) == (True, True)


def test_a_refusal_before_the_first_piece_has_not_begun(said: Provider) -> None:
    said.status = 500
    with pytest.raises(CallFailed) as failed:
        heard(said)
    assert (failed.value.begun, failed.value.code) == (False, "server")


def test_not_even_the_beginning_of_the_key_is_told() -> None:
    told: list[str] = []
    hearing = Hearing("sk-secret", told.append)
    for piece in ("The key is s", "k-", "sec"):
        hearing.text += piece
        hearing._tell()
    assert told == ["The key is "] * 3
    hearing.text += "ond"
    hearing._tell()
    assert told[-1] == "The key is sk-second"
    hearing.text += " sk-secret"
    with pytest.raises(CallFailed, match="repeats the key"):
        hearing._tell()


@pytest.mark.django_db
def test_nothing_is_streamed_where_nobody_looks_on(cast: Cast, said: Provider, told: list[Any]) -> None:
    run = begin(cast, said)
    look_on(run, "another")
    jobs.advance()
    assert "stream" not in said.heard[0]
    assert not told


@pytest.mark.django_db
def test_who_looks_on_is_told_what_has_come(cast: Cast, said: Provider, told: list[Any]) -> None:
    said.drip = 0.1
    run = begin(cast, said)
    look_on(run, "ask")
    jobs.advance()
    held = StepRun.objects.get(run=run)
    assert said.heard[0]["stream"] is True
    assert (held.status, held.output) == ("done", json.loads(TEXT))
    texts = [text for *_, text in told]
    assert {one[:3] for one in told} == {(run.pk, "ask", f"{held.pk}-1")}
    assert 2 <= len(texts) <= 6
    assert all(TEXT.startswith(text) for text in texts)
    assert texts == sorted(texts, key=len)
    attempt = Attempt.objects.get()
    assert (attempt.tokens_in, attempt.tokens_out) == (40, 20)


@pytest.mark.django_db
def test_what_was_blacked_out_is_told_as_its_placeholder(
    cast: Cast, said: Provider, told: list[Any], put_in_force: PutInForce
) -> None:
    put_in_force(a_rule("redact", "model"))
    said.body = completion("x", content=json.dumps({"said": "I have written to [email-1] today."}))
    run = begin(cast, said)
    look_on(run, "ask")
    jobs.advance()
    assert StepRun.objects.get(run=run).output == {"said": "I have written to ines@customer.example today."}
    assert told
    assert "ines@" not in str(told)


@pytest.mark.django_db
def test_what_breaks_in_its_middle_is_taken_over_by_no_other_model(cast: Cast, said: Provider, told: list[Any]) -> None:
    said.cut = 3
    run = begin(cast, said, retry={"tries": 1})
    look_on(run, "ask")
    jobs.advance()
    held = StepRun.objects.get(run=run)
    assert (held.status, held.tries, said.asked) == ("failed", 1, ["first"])
    (decision,) = RoutingDecision.objects.filter(step_run=held)
    assert [one["model"] for one in decision.calls] == ["house/first"]


@pytest.mark.django_db
def test_what_fails_before_it_begins_is_taken_over(cast: Cast, said: Provider, told: list[Any]) -> None:
    said.status = 500
    run = begin(cast, said, retry={"tries": 1})
    look_on(run, "ask")
    jobs.advance()
    assert said.asked == ["first", "first", "second", "second"] or said.asked == ["first", "second"]
    assert not told


@pytest.mark.django_db
def test_after_a_break_the_step_is_tried_again(cast: Cast, said: Provider, told: list[Any]) -> None:
    said.cut = 3
    run = begin(cast, said)
    look_on(run, "ask")
    jobs.advance()
    assert StepRun.objects.get(run=run).status == "ready"
    said.cut = None
    drawn.carry_on(run, jumps=1)
    assert StepRun.objects.get(run=run).status == "done"


def test_a_pass_is_good_for_its_reader_and_not_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Watch(7, 3, 2, ("ask",))
    assert Watch.of(watch.as_pass()) == watch
    assert Watch.of("x" + watch.as_pass()) is None
    monkeypatch.setattr(writing, "FRESH", -1)
    assert Watch.of(watch.as_pass()) is None


@pytest.mark.parametrize(
    "text", ["It says [DONE] there.", "[DONE]", "data: [DONE]\n\ndata: [DONE]", '\\[DONE] "[DONE]"']
)
def test_an_answer_may_say_what_ends_answers(said: Provider, text: str) -> None:
    said.body = completion("x", content=f"{text} And then more, in pieces of their own.")
    reply, _texts = heard(said)
    assert reply.text == f"{text} And then more, in pieces of their own."
    said.cut = 4
    with pytest.raises(CallFailed):
        heard(said)
