"""What an agent may do, in sentences: on the path of its workflow, under its node, and between two versions."""

from copy import deepcopy
from typing import Any

import pytest

from audit.actors import person
from orchestration import documents, workflows
from orchestration.editing import compared
from orchestration.editing.drawn import steps_of
from orchestration.explain import graph, path
from orchestration.explain.blocks import flat
from orchestration.models import Version
from tests.agents.drawn import agent
from tests.cast import Cast
from tests.flow.drawn import REVIEW, Spec, source
from tests.pages.conftest import look  # noqa: F401

pytestmark = pytest.mark.django_db
WORKER: Spec = {
    "key": "help",
    "name": "Helper",
    "purpose": "Helps.",
    "model": "openai/agent",
    "prompt": "Help.",
    "tools": ["test.say"],
    "output": {"type": "object"},
    "limits": {"turns": 2},
}
LIMITS = {"turns": 5, "calls": 9, "cost": "2.00", "minutes": 20, "repeats": 3}


def told(**parts: Any) -> list[tuple[str, str, str]]:
    """The sentences of the agent's own."""
    document = documents.sketch(source(agent(**parts))).document
    version = Version(document=document)
    found = path.explain(version, steps_of(document, version), [])
    return [(one.kind, one.bold, one.rest) for one in found[1:]]


def test_all_that_an_agent_may_do_is_said() -> None:
    talk = {"group": "reviewer", "due_minutes": 30}
    (_, bold, rest), calls, asked = told(workers=[deepcopy(WORKER)], asks=talk, talks=True, limits=LIMITS)
    assert bold == "Ask:"
    for sentence in (
        "in 5 turns at most; it may call test.say and test.keyed.",
        "At the most it takes 9 calls, 2.00 US dollars and 20 minutes of work.",
        "The same call 3 times over stops it.",
        "It may give work to “Helper”, which may call test.say, in 2 turns.",
        "What it says without a call goes to Reviewers, until they end the talk.",
    ):
        assert sentence in rest
    assert "Nobody decides" not in rest
    assert calls[:2] == ("human", "Reviewers decide")
    assert calls[2].startswith("before Ask calls test.keyed: they see exactly what would be called.")
    assert "the soonest 60 minutes" in calls[2]
    assert asked == ("human", "Reviewers answer", "what Ask asks, within 30 minutes.")


def test_that_nobody_decides_is_said_with_its_reason() -> None:
    ((_, _, bare),) = told(call_review={"waiver": {"reason": "It only notes.", "until": "2031-01-31"}})
    assert "Nobody decides on its calls of test.keyed: It only notes." in bare
    ((_, _, reads),) = told(tools=["test.say"])
    assert "decide" not in reads


def test_its_node_says_it_in_a_few_words() -> None:
    def under(**parts: Any) -> str:
        document = documents.sketch(source(agent(**parts))).document
        blocks = graph.nodes(steps_of(document, Version(document=document)), "Form")
        (node,) = [one for one in flat(blocks) if one.key == "ask"]
        assert "An AI agent does it" in node.said
        return node.under

    assert under(workers=[deepcopy(WORKER)], asks={"group": "reviewer"}) == "2 tools, 1 worker\nasks people"
    assert under(tools=[]) == "agent"


def differ(before: Spec, after: Spec) -> list[str]:
    old, new = (documents.sketch(source(agent(**deepcopy(one)))).document for one in (before, after))
    return [sentence for one in compared.changes(old, new, words=True) for sentence in one.said]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({}, {"tools": ["test.say", "test.hold"]},
         ["It may call test.hold as well.", "It may not call test.keyed any more."]),
        ({}, {"workers": [WORKER]}, ["It may give work to “Helper”, which may call test.say."]),
        ({"workers": [WORKER]}, {}, ["It may not give work to “Helper” any more."]),
        ({"workers": [WORKER]}, {"workers": [{**WORKER, "tools": [], "prompt": "Help more.", "limits": {"turns": 4}}]},
         ["The worker “Helper”: It may not call test.say any more.",
          "The worker “Helper”: At the most 4 turns, not 2.",
          "The worker “Helper”: Changed: prompt."]),
        ({}, {"call_review": {"waiver": {"reason": "It only notes.", "until": "2031-01-31"}}},
         ["Nobody decides on its calls any more.", "That is waived: It only notes."]),
        ({}, {"call_review": {**REVIEW, "group": "owner"}}, ["Owners decide on its calls that change something."]),
        ({}, {"call_review": {**REVIEW, "title": "'Other'"}},
         ["The same groups decide on its calls; what they are shown or told has changed."]),
        ({}, {"asks": {"group": "reviewer"}}, ["It may ask Reviewers."]),
        ({"asks": {"group": "reviewer"}}, {}, ["It may ask nobody any more."]),
        ({"asks": {"group": "reviewer"}}, {"asks": {"group": "reviewer"}, "talks": True},
         ["What it says without a call goes to them, until they end the talk."]),
        ({"limits": {"turns": 5}}, {"limits": {"turns": 8, "cost": "2.00"}},
         ["At the most 8 turns, not 5.", "At the most 2.00 US dollars; there was no such limit."]),
        ({"limits": {"calls": 5}}, {}, ["No limit on calls any more; it was 5."]),
        ({}, {"prompt": "Other."}, []),
    ],
)  # fmt: skip
def test_what_changed_in_an_agent_is_said_plainly(before: Spec, after: Spec, said: list[str]) -> None:
    assert differ(before, after) == said


def test_the_pages_say_it(cast: Cast, look: Any) -> None:  # noqa: F811
    for parts in ({}, {"workers": [deepcopy(WORKER)], "asks": {"group": "reviewer"}}):
        workflows.publish(source(agent(**parts)), actor=person(cast.adam), by=cast.adam)
    page = look(cast.rita, "/workflows/drawn/compare/?from=1&to=2").text
    assert "It may give work to “Helper”, which may call test.say." in page
    page = look(cast.rita, "/workflows/drawn/").text
    assert "Reviewers answer" in page
    assert "2 tools, 1 worker" in page
