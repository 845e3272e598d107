"""Dry runs of agents: the case says what models answer, tools return and people say; nothing outside is called."""

from typing import Any

import pytest

from orchestration import documents, dry, queue, rates
from orchestration.documents import BadDocument
from orchestration.dry import Course
from orchestration.dry import cases as trying
from orchestration.models import AgentTurn, StepRun
from reviews.models import Review
from tests import tools
from tests.agents.drawn import agent
from tests.agents.test_workers import finder
from tests.cast import Cast
from tests.flow.drawn import source
from tests.loopback import Provider

pytestmark = pytest.mark.django_db

ANSWER = {"answer": {"found": "on its way"}}
WRITE = {"call": "test.keyed", "with": {"word": "card", "sum": 10}}


def tried(cast: Cast, *turns: dict[str, Any], more: dict[str, Any] | None = None, **spec: Any) -> Course:
    """A dry run of the agent, whose model says these turns."""
    case = {"talks": {"ask": list(turns), **(more or {})}}
    return dry.run(source(agent(**spec)), {}, starter=cast.adam, script=dry.of_case(case))


def path(course: Course) -> list[tuple[str, str]]:
    return [(one.step, one.status) for one in course.steps]


def test_it_plays_an_agent_to_its_end_and_nothing_reaches_outside(cast: Cast, said: Provider) -> None:
    call = {**WRITE, "returns": {"sent": True}}
    course = tried(cast, {"calls": [{"call": "test.say", "with": {"word": "find"}}]}, {"calls": [call]}, ANSWER)
    assert path(course) == [("ask", "done"), ("ask-test_say", "done"), ("ask-test_keyed", "done")]
    assert (course.status, course.steps[0].gives) == ("done", {"found": "on its way"})
    assert course.steps[0].told == [
        "Turn 1: its model asks for test.say.",
        "Turn 2: its model asks for test.keyed.",
        "Turn 3: its model answers.",
    ]
    assert [one[1] for one in tools.calls] == [{"word": "find"}]  # it only reads, in the house
    assert course.steps[2].gives == {"sent": True, "verdict": "approved", "edited": False}
    assert (said.asked, AgentTurn.objects.count(), StepRun.objects.count(), Review.objects.count()) == ([], 0, 0, 0)


def test_reviewers_decide_as_the_case_says(cast: Cast, said: Provider) -> None:
    no = {**WRITE, "decision": "rejected"}
    edit = {**WRITE, "decision": {"verdict": "approved", "edit": {"sum": 5}}, "returns": {"ok": True}}
    course = tried(cast, {"calls": [no]}, {"calls": [edit]}, ANSWER)
    first, second = course.steps[1], course.steps[2]
    assert (first.gives, first.asked[0].verdict) == ({"verdict": "rejected", "edited": False}, "rejected")
    assert (second.asked[0].edited, course.status) == (True, "done")


def test_a_write_without_a_result_stops_it_and_says_so(cast: Cast, said: Provider) -> None:
    course = tried(cast, {"calls": [WRITE]}, ANSWER)
    assert (course.status, tools.calls) == ("stopped", [])
    assert "test.keyed@1 would be called here" in course.sentence


def test_a_case_that_ends_before_its_agent_stops_it(cast: Cast, said: Provider) -> None:
    course = tried(cast, {"calls": [{"call": "test.say", "with": {"word": "find"}}]})
    assert "would be asked for turn 2" in course.sentence


def test_people_answer_and_a_talk_ends(cast: Cast, said: Provider) -> None:
    asked = {"calls": [{"call": "ask", "with": {"question": "Which?"}, "reply": "The blue one."}]}
    course = tried(cast, asked, ANSWER, asks={"group": "reviewer"})
    assert course.steps[1].gives["answer"] == "The blue one."
    silent = {"calls": [{"call": "ask", "with": {"question": "Which?"}}]}
    assert "does not say what they answer" in tried(cast, silent, ANSWER, asks={"group": "reviewer"}).sentence
    speaks = {"says": "Which one?", "reply": "None, thank you.", "over": True}
    over = tried(cast, speaks, {"says": "Bye."}, asks={"group": "reviewer"}, talks=True, output={"type": "object"})
    assert (over.status, over.steps[0].gives) == ("done", {"said": "Which one?"})


def test_a_worker_has_a_talk_of_its_own(cast: Cast, said: Provider) -> None:
    turns = {"ask-finder": [{"calls": [{"call": "test.say", "with": {"word": "x"}}]}, {"answer": {"facts": "sent"}}]}
    gives = {"calls": [{"call": "finder", "with": {"task": "When?"}}]}
    course = tried(cast, gives, ANSWER, more=turns, workers=[finder()])
    assert path(course) == [("ask", "done"), ("ask-finder", "done"), ("ask-finder-test_say", "done")]


def test_its_limits_hold(cast: Cast, said: Provider) -> None:
    again = {"calls": [{"call": "test.say", "with": {"word": "find"}}]}
    course = tried(cast, again, again, again, ANSWER)
    assert (course.status, "3 times over" in course.sentence) == ("failed", True)


def test_a_failed_call_is_told_to_the_model_and_takes_nothing_of_a_limit(cast: Cast, said: Provider) -> None:
    course = tried(cast, {"calls": [{"call": "test.say", "with": {"word": "x"}, "fails": "It is full."}]}, ANSWER)
    assert (course.status, course.steps[1].error, tools.calls) == ("done", "It is full.", [])
    assert queue.bells().connection.zcard(f"{rates.MINUTE}test.say") == 0


def test_a_test_case_of_an_agent_passes_and_is_kept(cast: Cast, said: Provider) -> None:
    case = {
        "name": "It sends a card",
        "input": {},
        "expect": {"status": "done", "output": ["steps.ask.found == 'on its way'"]},
        "stops_at": ["ask-test_keyed"],
        "talks": {"ask": [{"calls": [{**WRITE, "returns": {"sent": True}}]}, ANSWER]},
    }
    (told,) = trying.run_all(source(agent(), tests=[case]), by=cast.adam)
    assert told.result is not None
    assert (told.result.passed, told.result.told) == (True, "")


@pytest.mark.parametrize(
    ("talks", "told"),
    [
        ({"nobody": [ANSWER]}, "which is no agent here"),
        ({"ask": [{"calls": [{"call": "email.send"}]}]}, "which it may not"),
        ({"ask": [{"calls": [{"call": "test.say", "returns": {}, "fails": "x"}]}]}, "says what it returns"),
        ({"ask": [{}]}, "talks"),
    ],
)
def test_what_no_agent_would_do_is_refused(cast: Cast, talks: Any, told: str) -> None:
    case = {"name": "x", "input": {}, "expect": {"status": "done"}, "talks": talks}
    with pytest.raises(BadDocument) as raised:
        documents.read(source(agent(), tests=[case]))
    assert told in str(raised.value)
