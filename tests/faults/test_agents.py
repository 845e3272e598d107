"""R1, for agents: a worker that is killed in the middle of a turn costs its agent one call of the model at the most."""

import os
import signal
from typing import Any

import pytest

from orchestration.models import AgentTurn, Attempt, Run, StepRun
from tests.agents.drawn import ANSWER, agent, asks
from tests.cast import Cast
from tests.faults import work
from tests.faults.checker import check
from tests.faults.figures import Fault
from tests.faults.forked import clock, crew, holder
from tests.flow.drawn import publish
from tests.loopback import Provider, completion, provider
from tests.processes import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(1800), pytest.mark.fault("R1")]

THINKS = 0.8  # seconds: long enough to be killed in


def by_turn(said: Provider, turns: list[dict[str, Any]]) -> Any:
    """A model that says the same again when it is asked the same again."""

    def answer(model: str) -> bytes:
        told = sum(message["role"] == "assistant" for message in said.heard[-1]["messages"])
        return completion(model, **turns[told])

    return answer


def test_a_killed_worker_costs_one_call_of_the_model(
    live_cast: Cast, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns, kills = fault.load((4, 2), (12, 8))
    asked = [
        asks(("test_say", {"word": f"{number} a"}), ("test_say", {"word": f"{number} b"})) for number in range(turns)
    ]
    workflow = publish(live_cast, agent(limits={"turns": 50}, retry={"tries": 3}), slug="agents")
    with provider() as said:
        said.delay = THINKS
        monkeypatch.setattr(said, "answer", by_turn(said, [*asked, ANSWER]))
        with clock("hurry"), crew(2, environment=said.environment):
            (run,) = work.start(live_cast, workflow, 1)
            for killed in range(kills):
                until(lambda n=killed: is_asked(said, run, 2 * n + 1), "the model to be asked", 60)  # type: ignore[misc]
                os.kill(holder(StepRun.objects.get(run=run, step__key="ask").worker), signal.SIGKILL)
            work.wait_until_ended()
    ask = StepRun.objects.get(run=run, step__key="ask")
    fault.tell("asked", len(said.asked), "calls of the model")
    fault.tell("turns", turns + 1, "turns")
    fault.tell("killed", kills, "workers")
    assert (Run.objects.get(pk=run).status, ask.error) == ("done", "")
    lost = Attempt.objects.filter(step_run=ask, result="lost").count()
    assert lost >= kills, "a slow machine may lose another one"
    assert turns + 1 <= len(said.asked) <= turns + 1 + lost
    assert AgentTurn.objects.filter(step_run=ask).count() == turns
    assert StepRun.objects.filter(parent=ask, status="done").count() == 2 * turns
    check(fault)


def is_asked(said: Provider, run: int, times: int) -> bool:
    """Whether the model thinks about its answer, asked so often, and the row says who asked."""
    asking = StepRun.objects.filter(run=run, step__key="ask", status="running").exclude(worker="")
    return len(said.asked) >= times and said.inside > 0 and asking.exists()
