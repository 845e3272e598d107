"""What the editor does by itself for somebody who is new: where a step goes, contracts, test cases, first steps."""

from typing import Any

import pytest

from orchestration import documents
from orchestration.documents.loading import load
from orchestration.documents.outline import walk
from orchestration.dry import Course
from orchestration.dry.course import Asked, Passed
from orchestration.editing import deriving, guide, skeletons, steps, trying
from orchestration.editing.trying import CannotKeep
from tests.orchestration.drafting import document, step

END = step("end")


def think(**parts: Any) -> dict[str, Any]:
    return step(
        "think", "model", **{"model": "handrail/scripted", "prompt": "Think.", "input": {}, "output": {}} | parts
    )


@pytest.mark.parametrize(
    ("key", "place"), [("-workflow", "after:think"), ("think", "after:think"), ("end", "after:think")]
)
def test_a_new_step_goes_before_the_outcome(key: str, place: str) -> None:
    assert guide.place(document(think(), END), key) == place


def test_a_new_step_goes_first_where_there_is_only_an_outcome() -> None:
    assert guide.place(document(END), "end") == steps.FIRST


@pytest.mark.parametrize("kind", skeletons.NAMES)
def test_what_is_guessed_for_a_new_step_fits(kind: str) -> None:
    made = steps.add(document(END), kind, steps.FIRST)
    problems = documents.sketch(made.source).problems
    told = [str(problem) for problem in problems if kind not in {"map", "workflow"}]
    assert told == (["step 'decide' needs an `if` at its branch 'Yes'."] if kind == "decision" else [])


def test_a_contract_is_made_of_what_the_step_is_given() -> None:
    given = {"text": "input.text", "said": "steps.first.body", "fixed": "'always'", "sum": "1 + 1"}
    output = {"type": "object", "properties": {"body": {"title": "Text", "type": "string", "minLength": 1}}}
    first = {**think(output=output), "key": "first"}
    made = deriving.contract(document(first, think(input=given), END), "think").source
    spec = next(one.spec for one in walk(load(made).value) if one.key == "think")
    contract = spec["input_schema"]
    assert contract["required"] == ["text", "said", "fixed", "sum"]
    assert contract["properties"] == {
        "text": {"type": "string"},
        "said": {"title": "Text", "type": "string"},
        "fixed": {"type": "string"},
        "sum": {},
    }
    assert not deriving.is_wanted(spec)


def test_what_a_contract_says_already_stays() -> None:
    held = {"type": "object", "properties": {"text": {"type": "string", "maxLength": 9}}}
    spec = think(input={"text": "input.text", "more": "input.yes"}, input_schema=held)
    assert deriving.is_wanted(spec)
    made = deriving.contract(document(spec, END), "think").source
    contract = load(made).value["steps"][0]["input_schema"]
    assert (contract["properties"]["text"]["maxLength"], contract["required"]) == (9, ["more"])


def tried(**parts: Any) -> Course:
    """A course in which somebody was asked, a tool answered as it was recorded, and a model here."""
    asked = Asked("before", "reviewer", "All.", {}, "approved")
    passed = [
        Passed("think", "Think", "model", status="done", gives={"word": "yes"}, made="here"),
        Passed("send", "Send", "tool", status="done", gives={"sent": True, "verdict": "approved"}, made="recorded"),
        Passed("end", "End", "outcome", status="done", gives={"label": "sent"}),
    ]
    passed[1].asked.append(asked)
    return Course(**{"status": "done", "steps": passed, "outcome": "sent", **parts})


def test_a_dry_run_becomes_a_test_case() -> None:
    case = trying.case_of(tried(), {"text": "Hello"}, name="")
    assert case == {
        "name": "sent",
        "input": {"text": "Hello"},
        "expect": {"outcome": "sent"},
        "stops_at": ["send"],
        "recorded": {"think": {"word": "yes"}, "send": {"sent": True}},
    }


def test_what_was_rejected_is_decided_so_in_the_test_case() -> None:
    case = trying.case_of(tried(status="failed", outcome=""), {}, name="Refused", rejected=["send"])
    assert (case["expect"], case["decisions"]) == ({"status": "failed"}, {"send": "rejected"})
    assert "send" not in case["recorded"]


def test_what_stopped_is_no_test_case() -> None:
    with pytest.raises(CannotKeep):
        trying.case_of(tried(status="stopped"), {}, name="")


def test_test_cases_have_names_of_their_own() -> None:
    source, case = document(END), {"name": "Once", "input": {}, "expect": {"outcome": "done"}}
    once = trying.add(source, case)
    twice = trying.add(once, case)
    assert [one["name"] for one in load(twice).value["tests"]] == ["Once", "Once (2)"]
    assert not documents.sketch(twice).problems
