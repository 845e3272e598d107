"""An agent hands the work over to a later step, which goes on with what is handed along; nothing in between is done."""

import json
from typing import Any

import pytest

from audit.models import Event
from orchestration import documents
from orchestration.documents import BadDocument
from orchestration.editing import changing
from orchestration.models import AgentTurn, StepRun
from tests.agents.drawn import ANSWER, agent, asker, asks
from tests.cast import Cast
from tests.flow.drawn import REVIEW, Spec, carry_on, output, source, start, statuses, step
from tests.loopback import Provider

pytestmark = pytest.mark.django_db

KEEPS = {"question": "input.question", "why": "why", "found": "calls.map(one, one.came_to.word)"}
WAYS = [{"to": "refund", "title": "It is about money.", "keeps": KEEPS}]
REFUND = step("refund", input={"word": "steps.ask.given.question"})
INPUT = {"type": "object", "properties": {"question": {"type": "string"}}}
OVER = asks(("hand_over_to_refund", {"why": "It is about money."}))


def work(cast: Cast, *between: Spec, **more: Any) -> Any:
    line = [agent(hands_over=WAYS, **more), *between, REFUND, step("end")]
    return carry_on(start(cast, *line, input=INPUT, given={"question": "Where is my money?"}))


def test_the_flow_goes_on_at_the_step_that_it_is_handed_to(cast: Cast, said: Provider) -> None:
    said.says = [asks(("test_say", {"word": "it was charged"})), OVER]
    run = work(cast, step("answer"))
    assert run.status == "done"
    assert statuses(run) == {"ask": "done", "refund": "done", "end": "done"}
    given = {"question": "Where is my money?", "why": "It is about money.", "found": ["it was charged"]}
    assert output(run, "ask") == {"handed_to": "refund", "why": "It is about money.", "given": given}
    assert output(run, "refund")["word"] == "Where is my money?"
    offered = {one["function"]["name"]: one["function"]["description"] for one in said.heard[0]["tools"]}
    assert offered["hand_over_to_refund"].endswith("It is about money.")


def test_it_is_an_event_of_its_own_in_the_record(cast: Cast, said: Provider) -> None:
    said.says = [OVER]
    run = work(cast, step("answer"))
    event = Event.objects.get(kind="steprun.handed_over", run_id=run.pk)
    told = json.loads(event.body)
    assert (told["heir"], told["passed_by"]) == ("refund", ["answer"])


def test_without_handing_over_it_goes_its_usual_way(cast: Cast, said: Provider) -> None:
    said.says = [ANSWER]
    line = [agent(hands_over=[{"to": "end"}]), step("answer"), step("end")]
    run = carry_on(start(cast, *line))
    assert statuses(run) == {"ask": "done", "answer": "done", "end": "done"}


def test_it_hands_over_only_by_itself(cast: Cast, said: Provider) -> None:
    both = asks(("test_say", {"word": "card"}), ("hand_over_to_refund", {"why": "Money."}))
    said.says = [both, OVER]
    run = work(cast)
    assert run.status == "done"
    (turn,) = AgentTurn.objects.filter(step_run=asker(run))
    assert turn.calls[1]["error"] == "Hand over by itself, once nothing else is asked for."
    assert StepRun.objects.get(run=run, given__isnull=False).status == "done"


def test_what_it_says_wrongly_it_hears(cast: Cast, said: Provider) -> None:
    said.says = [asks(("hand_over_to_refund", {})), OVER]
    run = work(cast)
    assert run.status == "done"
    assert "'why' is a required property" in AgentTurn.objects.get().calls[0]["error"]


def test_an_answer_that_only_says_so_hands_nothing_over(cast: Cast, said: Provider) -> None:
    said.says = [{"content": json.dumps({"handed_to": "refund", "found": "x"})}]
    run = work(cast)
    assert run.status == "failed"
    assert asker(run).error == "The answer says that the work is handed over, and nothing was called."


def test_what_cannot_be_kept_stops_it(cast: Cast, said: Provider) -> None:
    said.says = [asks(("hand_over_to_end", {"why": "So."}))]
    run = carry_on(start(cast, agent(hands_over=[{"to": "end", "keeps": {"x": "input.nothing"}}]), step("end")))
    assert run.status == "failed"
    assert "What goes along to end cannot be worked out" in asker(run).error


def test_a_step_that_gets_another_key_is_still_handed_to(cast: Cast) -> None:
    text = source(agent(hands_over=[{"to": "end"}]), step("end"))
    made = changing._renamed(text.replace("key: end\n", "key: last_one\n"), "end", "last_one")
    assert documents.read(made)["steps"][0]["hands_over"] == [{"to": "last_one"}]


LOOK = step("look", "person", review=REVIEW)
WAYS_IN = [{"name": "yes", "if": "true", "steps": [LOOK]}, {"name": "no", "steps": []}]


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ([agent(hands_over=[{"to": "nobody"}])], "hands over to 'nobody', which is no step here."),
        ([step("end"), agent(hands_over=[{"to": "end"}])], "which does not come later."),
        ([agent(hands_over=[{"to": "ask"}])], "which does not come later."),
        ([agent(hands_over=[{"to": "end"}]), LOOK, step("end")], "past 'look', where a person decides."),
        (
            [agent(hands_over=[{"to": "end"}]), step("way", "decision", branches=WAYS_IN), step("end")],
            "past 'look', where a person decides.",
        ),
        (
            [agent(hands_over=[{"to": "end"}]), step("say", review=REVIEW), step("end")],
            "past 'say', where a person decides.",
        ),
        ([agent(hands_over=[{"to": "one"}]), step("m", "map", over="[1]", steps=[step("one")])], "the same sequence."),
        ([agent(hands_over=[{"to": "end"}, {"to": "end"}]), step("end")], "hands over to 'end', twice."),
        ([agent(hands_over=[{"to": "end"}], review={**REVIEW, "when": "after"}), step("end")], "decides after it"),
        ([step("one", fallback=agent(hands_over=[{"to": "end"}])), step("end")], "only stands in for another step."),
    ],
)
def test_ways_that_cannot_be_are_told(steps: list[Spec], told: str) -> None:
    with pytest.raises(BadDocument) as raised:
        documents.read(source(*steps))
    assert told in str(raised.value)
