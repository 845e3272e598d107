"""Limits of a model: however many workers there are, its server never has more calls at once, or in a minute."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from weakref import WeakKeyDictionary

import pytest
from django.test import override_settings

from audit import connections
from orchestration import call, jobs
from orchestration.models import Attempt, Model, RoutingDecision, Run, StepRun
from orchestration.queue import bells
from orchestration.routing import candidates, limits
from orchestration.routing.candidates import Candidate
from tests.cast import Cast, approve
from tests.flow import drawn
from tests.loopback import Provider, completion, provider
from tests.processes import manage, until

LIMITED = Candidate("limited", calls_at_once=2)
AWAY = "redis://127.0.0.1:1/0"


@pytest.fixture(autouse=True)
def _none_counted() -> Iterator[None]:
    call.load()  # as workers have: it would hold the event loop up for longer than Redis has to answer
    forget()
    yield
    forget()


def forget() -> None:
    limits.forget()
    redis = bells().connection
    for prefix in (limits.CALLS, limits.MINUTE):
        if keys := list(redis.scan_iter(f"{prefix}*")):
            redis.delete(*keys)


@pytest.fixture
def said() -> Iterator[Provider]:
    with provider() as standing:
        standing.body = completion("x", content='{"said": "yes"}')
        yield standing


def limited(said: Provider, **limit: int) -> None:
    """The one model that a step may ask, with a limit."""
    facts: dict[str, Any] = {"route": "openai/limited", "tags": ["counted"], **limit}
    approve("house/limited", endpoint=f"http://127.0.0.1:{said.port}/v1", private_endpoint=True, **facts)
    candidates.forget()


def asking(model: str = "any", **more: Any) -> drawn.Spec:
    among = {"routing": {"among": ["house/limited"], "output_tokens": 100}} if model == "any" else {}
    return drawn.step(
        "ask", "model", model=model, prompt="Say it.", input={}, output={"type": "object"}, **among, **more
    )


def begin(cast: Cast, count: int, *steps: drawn.Spec) -> None:
    workflow = drawn.publish(cast, *steps)
    for _ in range(count):
        drawn.begin(cast, workflow)


@pytest.mark.parametrize("model", ["any", "house/limited"])
def test_workers_together_never_make_more_calls_at_once(live_cast: Cast, said: Provider, model: str) -> None:
    limited(said, calls_at_once=3)
    said.delay = 0.15
    begin(live_cast, 24, asking(model, retry={"tries": 1}))
    with manage("clock"), manage("worker", "--number", "3"):
        until(lambda: not Run.objects.live().exists(), "all runs to end", 100)
    assert (Run.objects.filter(status="done").count(), said.most_inside) == (24, 3)
    assert len(said.asked) == 24
    skipped = Attempt.objects.exclude(result="done").count()
    if model != "any":  # of what names its model no more steps are taken than may have a call
        assert skipped == 0


@pytest.mark.django_db
def test_a_minute_has_so_many_requests_and_the_rest_wait_their_turn(cast: Cast, said: Provider) -> None:
    limited(said, requests_per_minute=5)
    begin(cast, 8, asking(retry={"tries": 1}))
    jobs.advance()
    waiting = StepRun.objects.filter(status="ready")
    assert (len(said.asked), waiting.count()) == (5, 3)
    for held in waiting:
        assert (held.tries, held.not_before is not None) == (0, True)
        assert "house/limited: is at its limit" in held.error.lower().replace("no model may be asked now. ", "")
    assert (
        RoutingDecision.objects.filter(step_run__in=waiting).count() == Attempt.objects.filter(result="failed").count()
    )


@pytest.mark.django_db
def test_a_model_at_its_limit_falls_at_the_decision(cast: Cast, said: Provider) -> None:
    limited(said, requests_per_minute=1)
    begin(cast, 1, asking())
    jobs.advance()
    limits.forget()
    begin(cast, 1, asking())
    jobs.advance()
    decision = RoutingDecision.objects.latest("pk")
    assert decision.fell == [["house/limited", [["busy", "", "1 requests in a minute"]]]]
    assert decision.why == "No model may do this. house/limited: is at its limit (1 requests in a minute)."
    assert decision.seen["busy"] == {"house/limited": "1 requests in a minute"}
    assert len(said.asked) == 1


@pytest.mark.django_db
def test_tokens_of_a_minute_are_what_calls_took(cast: Cast, said: Provider) -> None:
    """Each may take 100 and the question; each took 60, so six hundred hold eight and not five."""
    limited(said, tokens_per_minute=600)
    for _ in range(10):
        begin(cast, 1, asking())
        limits.forget()
        jobs.advance()
    assert 7 <= len(said.asked) <= 9


@pytest.mark.django_db
def test_what_a_whole_minute_does_not_hold_goes_to_a_person(cast: Cast, said: Provider) -> None:
    limited(said, tokens_per_minute=50)
    begin(cast, 1, asking())
    jobs.advance()
    held = StepRun.objects.get()
    assert (held.status, held.awaits) == ("waiting", "outcome")
    assert "a whole minute of it does not hold the call" in (held.question or {})["unknown"]


@pytest.mark.django_db
def test_while_nobody_can_count_a_limited_model_is_not_called_and_others_are(
    cast: Cast, said: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited(said, calls_at_once=3)
    begin(cast, 1, asking(retry={"tries": 1}))
    monkeypatch.setattr(connections, "_clients", WeakKeyDictionary())
    with override_settings(REDIS_URL=AWAY):
        jobs.advance()
        held = StepRun.objects.get()
        assert (held.status, held.tries, said.asked) == ("ready", 0, [])
        Model.objects.update(calls_at_once=None)
        candidates.forget()
        begin(cast, 1, asking(retry={"tries": 1}))
        jobs.advance()
    assert Run.objects.filter(status="done").count() == 1


def test_the_slots_of_a_killed_worker_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LEASE", 0.3)

    async def course() -> None:
        for _ in range(2):
            await limits._taken(LIMITED, 10, 0.0)
        with pytest.raises(limits.Full, match="2 calls at once"):
            async with limits.held(LIMITED, 10):
                pass
        await asyncio.sleep(0.35)
        async with limits.held(LIMITED, 10):
            pass

    asyncio.run(course())


def test_a_slot_is_kept_as_long_as_its_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LEASE", 0.3)
    one = replace(LIMITED, calls_at_once=1)

    async def course() -> None:
        async with limits.held(one, 10):
            await asyncio.sleep(0.6)
            with pytest.raises(limits.Full):
                await limits._taken(one, 10, 0.0)
        await limits._taken(one, 10, 0.0)

    asyncio.run(course())


def test_a_talk_that_has_begun_waits_for_its_turn() -> None:
    one = replace(LIMITED, calls_at_once=1)

    async def course() -> None:
        async def shortly() -> None:
            async with limits.held(one, 10):
                await asyncio.sleep(0.3)

        other = asyncio.create_task(shortly())
        await asyncio.sleep(0.1)
        async with limits.held(one, 10, wait=2.0):
            assert other.done()

    asyncio.run(course())
