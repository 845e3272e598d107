"""Who called whom: the picture of each pattern, its calls as data, and the page that shows it."""

import json
from typing import Any

import pytest

from audit.actors import person
from orchestration import templates, workflows
from orchestration.models import Run
from reviews.models import Review
from reviews.runpages import actors, called
from tests.agents.conftest import said as said
from tests.agents.drawn import ANSWER, agent, asks
from tests.agents.test_workers import FACTS, finder
from tests.cast import Cast
from tests.flow.drawn import begin, carry_on, start
from tests.flow.hands import approve
from tests.loopback import Provider
from tests.pages.conftest import Look

pytestmark = pytest.mark.django_db


def says(**fields: Any) -> dict[str, Any]:
    return {"content": json.dumps(fields)}


VOTE = {"because": "It is what it is."}
HANDS = ("hand_over_to_desk", {"why": "It is a complaint."})
FINDER, DOUBTER = ("finder", {"task": "When?"}), ("doubter", {"task": "Is it so?"})
SPEAKS = {"argument": "Stairs keep people out.", "agrees": False}
JUDGED = ("judge", "enough", "gives", 1)
PATTERNS: dict[str, tuple[dict[str, str], list[dict[str, Any]], set[tuple[str, str, str, int]]]] = {
    "chain-with-gate": (
        {"about": "The lift", "facts": "It stands still."},
        [says(title="The lift", text="It stands still.")],
        {("-start", "write", "gives", 1), ("write", "gate", "gives", 1), ("write", "file", "gives", 1)},
    ),
    "router": (
        {"message": "When do you open?"},
        [says(kind="question", confidence=0.9), says(answer="At nine.")],
        {("-start", "sort", "gives", 1), ("sort", "way", "gives", 1), ("way", "answer", "sends", 1)},
    ),
    "parallel-vote": (
        {"proposal": "A pond at the door."},
        [says(yes=True, **VOTE), says(yes=True, **VOTE), says(yes=False, **VOTE)],
        {
            *(("-start", one, "gives", 1) for one in ("use", "cost", "risk")),
            *((one, to, "gives", 1) for one in ("use", "cost", "risk") for to in ("count", "merge")),
            ("count", "merge", "sends", 1),
        },
    ),
    "orchestrator-and-workers": (
        {"question": "Why is the lift slow?"},
        [asks(FINDER), says(facts="It stops."), asks(DOUBTER), says(doubts="None."), says(report="It stops.")],
        {
            ("-start", "lead", "gives", 1),
            ("lead", "lead-finder", "calls", 1),
            ("lead", "lead-doubter", "calls", 1),
        },
    ),
    "evaluator-and-optimizer": (
        {"brief": "A greeting."},
        [
            says(text="Hi."),
            says(good=False, remarks="It is too short."),
            says(text="Good morning."),
            says(good=True, remarks=""),
        ],
        {
            ("-start", "write", "gives", 1),
            ("write", "judge", "gives", 2),
            ("judge", "write", "gives", 1),
            ("judge", "enough", "gives", 1),
        },
    ),
    "handoff": (
        {"message": "You were closed!", "customer": "C-2"},
        [asks(HANDS), says(answer="We are sorry.")],
        {
            ("-start", "front", "gives", 1),
            ("front", "desk", "hands", 1),
            ("front", "desk", "gives", 1),
            ("front", "complaints", "gives", 1),
            ("desk", "complaints", "sends", 1),
        },
    ),
    "debate": (
        {"question": "Do we need a lift?"},
        [
            says(**SPEAKS),
            says(**SPEAKS),
            says(**SPEAKS),
            says(**{**SPEAKS, "agrees": True}),
            says(verdict="for", because="Both sides end there."),
        ],
        {
            ("-start", "pro", "gives", 1),
            ("pro", "contra", "gives", 2),
            ("contra", "pro", "gives", 1),
            ("pro", "judge", "gives", 1),
            ("contra", "judge", "gives", 1),
        },
    ),
}


def carried(cast: Cast, key: str, given: dict[str, str]) -> Run:
    """A run of a template with the models of the tests, to its end."""
    source = (
        templates.get(key)
        .source.replace("handrail/unplugged", "openai/agent")
        .replace("model: any", "model: openai/draft")
    )
    published = workflows.publish(source, actor=person(cast.adam), by=cast.adam)
    run = carry_on(begin(cast, published.workflow, given))
    for review in Review.objects.filter(status="open"):
        approve(cast, review)
    return carry_on(run)


def calls_of(run: Run) -> set[tuple[str, str, str, int]]:
    return {(one.by, one.to, one.what, one.times) for one in actors.find(run).calls}


@pytest.mark.parametrize("key", list(PATTERNS))
def test_the_picture_of_each_pattern_is_right(cast: Cast, said: Provider, key: str) -> None:
    given, said.says, wanted = PATTERNS[key]
    said.says = list(said.says)
    run = carried(cast, key, given)
    assert (run.status, said.says) == ("done", []), list(run.step_runs.values_list("step__key", "status", "error"))
    assert calls_of(run) == wanted
    found = actors.find(run)
    for drawing in (called.across(found), called.down(found)):
        assert {one.node.key for one in drawing.nodes} == {one.key for one in found.actors}
        assert len(drawing.edges) == len(found.calls)
        assert all(one.x >= 0 and one.right <= drawing.width and one.bottom <= drawing.height for one in drawing.nodes)


def test_many_calls_of_a_tool_are_one_line_with_their_number(cast: Cast, said: Provider, look: Look) -> None:
    many = [asks(*[("test_say", {"word": f"{turn}-{n}"}) for n in range(6)]) for turn in range(2)]
    said.says = [*many, ANSWER]
    run = carry_on(start(cast, agent()))
    assert ("ask", "ask-test_say", "calls", 12) in calls_of(run)
    seen = look(cast.adam, f"/runs/{run.pk}/?graph=calls")
    assert "Ask called test.say: arguments 12 times" in seen.text
    assert "× 12" in seen.html
    assert "?graph=calls&amp;step=ask&amp;tab=talk#step" in seen.html


def test_its_queries_do_not_grow_with_the_calls(cast: Cast, said: Provider, look: Look) -> None:
    taken = []
    for count in (1, 12):
        said.says = [asks(*[("test_say", {"word": f"{n}"}) for n in range(count)]), ANSWER]
        run = carry_on(start(cast, agent()))
        taken.append(look(cast.adam, f"/runs/{run.pk}/?graph=calls").queries)
    assert taken[0] == taken[1]


def test_a_worker_and_whoever_approves_its_calls_are_on_it(cast: Cast, said: Provider) -> None:
    write = asks(("test_keyed", {"word": "card"}))
    said.says = [asks(("finder", {"task": "Send it."})), write, FACTS, ANSWER]
    run = carry_on(start(cast, agent(workers=[finder(tools=["test.keyed"])])))
    approve(cast, Review.objects.get())
    run = carry_on(run)
    found = calls_of(run)
    assert ("ask", "ask-finder", "calls", 1) in found
    assert ("ask-finder", "ask-finder-test_keyed", "calls", 1) in found
    assert ("ask-finder-test_keyed", "people-reviewer", "asks", 1) in found


def test_a_run_that_has_only_begun_has_a_picture(cast: Cast, look: Look) -> None:
    run = cast.start()
    seen = look(cast.adam, f"/runs/{run.pk}/?graph=calls")
    assert seen.status == 200
    assert look(cast.noah, f"/runs/{run.pk}/?graph=calls").status == 404
