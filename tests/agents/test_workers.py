"""An agent that gives work to others, each a step of its own with its own talk."""

import json
from typing import Any

import pytest

from orchestration import documents
from orchestration.documents import BadDocument
from orchestration.models import Model, StepRun
from orchestration.routing import candidates
from reviews.models import Review
from tests import tools
from tests.agents.drawn import ANSWER, agent, asks, calls, told, work
from tests.cast import Cast
from tests.flow.drawn import carry_on, source
from tests.flow.hands import approve
from tests.loopback import Provider

pytestmark = pytest.mark.django_db

FACTS = {"content": json.dumps({"facts": "sent on 5 November"})}


def finder(**more: Any) -> dict[str, Any]:
    plain = {
        "key": "finder",
        "name": "Finder",
        "purpose": "Finds facts.",
        "model": "openai/agent",
        "prompt": "Find facts.",
        "tools": ["test.say"],
        "output": {"type": "object", "required": ["facts"]},
    }
    return plain | more


def test_it_gives_work_and_reads_what_came_of_it(cast: Cast, said: Provider) -> None:
    said.says = [asks(("finder", {"task": "When was it sent?"})), FACTS, ANSWER]
    run = work(cast, workers=[finder()])
    assert run.status == "done"
    assert told(said) == [{"facts": "sent on 5 November"}]
    asked = said.heard[1]["messages"]
    assert asked[0]["content"] == "Find facts."
    assert "When was it sent?" in asked[1]["content"]
    (worker,) = calls(run)
    assert (worker.step.key, worker.step.kind, worker.status) == ("ask-finder", "agent", "done")


def test_workers_of_one_turn_work_side_by_side(cast: Cast, said: Provider) -> None:
    tasks = [("finder", {"task": f"Fact {number}"}) for number in range(3)]
    said.says = [asks(*tasks), FACTS, FACTS, FACTS, ANSWER]
    run = work(cast, workers=[finder()])
    assert run.status == "done"
    assert len(told(said)) == 3


def test_a_workers_write_is_put_to_the_same_people(cast: Cast, said: Provider) -> None:
    write = asks(("test_keyed", {"word": "card"}))
    said.says = [asks(("finder", {"task": "Send it."})), write, FACTS, ANSWER]
    run = work(cast, workers=[finder(tools=["test.keyed"])])
    assert tools.calls == []
    approve(cast, Review.objects.get())
    assert carry_on(run).status == "done"
    assert len(tools.calls) == 1
    inner = StepRun.objects.get(step__key="ask-finder-test_keyed")
    assert inner.frame.count("/") == 1


def test_what_a_worker_takes_counts_for_its_agent(cast: Cast, said: Provider) -> None:
    said.says = [asks(("finder", {"task": "When?"})), FACTS, ANSWER]
    run = work(cast, workers=[finder()], limits={"tokens": 1300})
    assert "it took 120 until now" in StepRun.objects.get(run=run, step__key="ask").error


@pytest.mark.parametrize(
    ("workers", "told"),
    [
        ([finder(), finder()], "two things that a model would know as 'finder'"),
        ([finder(tools=["no.tool"])], "has a worker 'finder' that may call 'no.tool'"),
        ([finder(key="ask")], "would take for 'ask'"),
    ],
)
def test_workers_that_cannot_be_told_apart_are_refused(cast: Cast, workers: list[Any], told: str) -> None:
    with pytest.raises(BadDocument) as raised:
        documents.read(source(agent(workers=workers)))
    assert told in str(raised.value)


def test_a_worker_spends_what_is_left_of_its_agents_budget(cast: Cast, said: Provider) -> None:
    Model.objects.filter(name="openai/agent").update(price_in=1000, price_out=1000)
    candidates.forget()
    said.says = [asks(("finder", {"task": "When?"})), FACTS, ANSWER]
    run = work(cast, workers=[finder(prompt="Find facts. " * 100)], limits={"cost": "1.35"})
    worker = StepRun.objects.get(run=run, step__key="ask-finder")
    assert (worker.status, "The budget of Ask ($1.35)" in worker.error) == ("failed", True), worker.error
