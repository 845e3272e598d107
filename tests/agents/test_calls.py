"""What an agent asks for is permitted, shown to a person where it changes something, done once, and told to it."""

import json

import pytest

from audit.models import Event
from orchestration.models import AgentTurn, Run, StepRun
from orchestration.moving.judging import plan
from reviews.models import Review
from tests import tools
from tests.agents.drawn import ANSWER, agent, asker, asks, calls, stand, told, work
from tests.cast import Cast
from tests.flow.drawn import carry_on, publish
from tests.flow.hands import approve, reject
from tests.loopback import Provider

pytestmark = pytest.mark.django_db

READ = ("test_say", {"word": "card"})
WRITE = ("test_keyed", {"word": "card", "sum": 10})


def test_a_read_is_done_at_once_and_told(cast: Cast, said: Provider) -> None:
    said.says = [asks(READ), ANSWER]
    run = work(cast)
    assert run.status == "done"
    assert [one[:2] for one in tools.calls] == [("say", {"word": "card"})]
    assert told(said) == [{"word": "card"}]
    assert AgentTurn.objects.get().calls == [{"id": "0-test_say", "name": "test_say", "arguments": READ[1], "part": 0}]


def test_a_write_waits_for_a_person_who_sees_exactly_what_would_be_done(cast: Cast, said: Provider) -> None:
    said.says = [asks(WRITE)]
    run = work(cast)
    assert (asker(run).awaits, stand(run), tools.calls) == ("calls", ["person"], [])
    review = Review.objects.get()
    assert review.content == {"tool": "test.keyed@1", "arguments": WRITE[1]}
    assert review.group.name == "reviewer"


def test_what_is_approved_is_done_once_and_told(cast: Cast, said: Provider) -> None:
    said.says = [asks(WRITE), ANSWER]
    run = work(cast)
    approve(cast, Review.objects.get())
    assert carry_on(run).status == "done"
    assert [one[:2] for one in tools.calls] == [("say", WRITE[1])]
    assert told(said) == [WRITE[1]]


def test_an_edit_is_done_and_told_as_such(cast: Cast, said: Provider) -> None:
    said.says = [asks(WRITE), ANSWER]
    run = work(cast)
    approve(cast, Review.objects.get(), sum=5)
    carry_on(run)
    assert [one[1] for one in tools.calls] == [{"word": "card", "sum": 5}]
    assert told(said) == [{"word": "card", "sum": 5, "changed_by_a_person": {"word": "card", "sum": 5}}]


def test_a_refusal_is_read_by_the_agent(cast: Cast, said: Provider) -> None:
    said.says = [asks(WRITE), ANSWER]
    run = work(cast)
    reject(cast, Review.objects.get())
    assert carry_on(run).status == "done"
    assert tools.calls == []
    assert told(said) == [{"refused": "Not like this."}]


def test_a_failed_call_is_told_and_ends_nothing(cast: Cast, said: Provider) -> None:
    said.says = [asks(READ), ANSWER]
    tools.failures["card"] = 1
    assert work(cast).status == "done"
    assert told(said) == [{"error": "card failed."}]


def test_each_turn_is_a_try_with_its_own_prompt(cast: Cast, said: Provider) -> None:
    said.says = [asks(READ), asks(("test_say", {"word": "again"})), ANSWER]
    run = work(cast)
    tries = asker(run).attempts.order_by("fence")
    assert [[message["role"] for message in one.prompt or []] for one in tries] == [
        ["system", "user", "assistant"],
        ["tool", "assistant"],
        ["tool", "assistant"],
    ]
    assert [message["role"] for message in said.heard[-1]["messages"]] == ["system", "user", *["assistant", "tool"] * 2]


def test_nothing_of_a_talk_is_in_memory(cast: Cast, said: Provider) -> None:
    said.says = [asks(READ, WRITE), ANSWER]
    run = work(cast)
    assert stand(run) == ["done", "person"]
    approve(cast, Review.objects.get())
    assert carry_on(run).status == "done"
    assert told(said) == [{"word": "card"}, WRITE[1]]


def test_its_calls_stand_in_the_record_with_what_was_asked(cast: Cast, said: Provider) -> None:
    said.says = [asks(WRITE), ANSWER]
    run = work(cast)
    approve(cast, Review.objects.get())
    carry_on(run)
    (call,) = calls(run)
    kinds = Event.objects.filter(object_type="steprun", object_id=str(call.pk)).order_by("id")
    assert [one.kind for one in kinds] == [
        "steprun.running",
        "steprun.waiting",
        "steprun.ready",
        "steprun.running",
        "steprun.acting",
        "steprun.done",
    ]
    assert {json.loads(one.body)["call"] for one in kinds} == {0}


def test_reads_of_a_turn_begin_together_and_its_writes_one_after_the_other(cast: Cast, said: Provider) -> None:
    first, second = ("test_keyed", {"word": "one"}), ("test_keyed", {"word": "two"})
    said.says = [asks(first, READ, second), ANSWER]
    run = work(cast)
    assert stand(run) == ["person", "done", "person"]
    approve(cast, Review.objects.get(step_run=calls(run)[2]))
    run = carry_on(run)
    assert stand(run) == ["person", "done", "others"]
    approve(cast, Review.objects.get(step_run=calls(run)[0]))
    assert carry_on(run).status == "done"
    assert [one[1]["word"] for one in tools.calls] == ["card", "one", "two"]


def test_no_write_of_a_turn_is_done_while_another_waits_for_a_person(cast: Cast, said: Provider) -> None:
    free = {"waiver": "Nothing here needs a person."}
    said.says = [asks(WRITE, ("ask", {"question": "May I?"})), ANSWER]
    run = work(cast, call_review=free, asks={"group": "reviewer"})
    assert (stand(run), tools.calls) == (["others", "person"], [])
    approve(cast, Review.objects.get(), answer="Yes.")
    assert carry_on(run).status == "done"
    assert [one[1] for one in tools.calls] == [WRITE[1]]
    assert told(said) == [WRITE[1], {"question": "May I?", "answer": "Yes."}]


def test_an_unsafe_call_that_died_midway_is_told_by_a_person(cast: Cast, said: Provider) -> None:
    said.says = [asks(("test_unsafe", {"word": "pay"}))]
    run = work(cast, tools=["test.unsafe"])
    approve(cast, Review.objects.get())
    (call,) = calls(run)
    assert StepRun.objects.get(pk=call.pk).status == "ready"


def test_a_run_is_not_moved_in_the_middle_of_an_agents_work(cast: Cast, said: Provider) -> None:
    said.says = [asks(WRITE)]
    run = work(cast)
    newer = publish(cast, agent(prompt="Find out more.")).versions.select_related("workflow").get(number=2)
    rows = Run.objects.select_related("version__workflow", "workflow").filter(pk=run.pk)
    refused = plan(list(rows), newer)[0].refused
    assert sorted(refused) == [
        "Ask is in the middle of an agent's work.",
        "test.keyed is in the middle of an agent's work.",
    ]
