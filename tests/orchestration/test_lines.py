"""Each problem of a document says at which line it stands, whoever finds it."""

from typing import Any

import pytest

from audit.actors import person
from orchestration import documents, workflows
from orchestration.documents import BadDocument, Problem
from tests.cast import Cast
from tests.orchestration.drafting import ASKED, branching, document, each, step, tell

HERE = "HERE"  # what the line holds that is to be named


def line_of(source: str, text: str) -> int:
    """The one line that holds a text."""
    (found,) = [number for number, line in enumerate(source.splitlines(), start=1) if text in line]
    return found


def problem(source: str) -> Problem:
    with pytest.raises(BadDocument) as caught:
        documents.read(source)
    return caught.value.problems[0]


@pytest.mark.parametrize(
    "source",
    [
        "a: 1\nb: &HERE 2",
        "a: 1\nb: !HERE 2",
        "a: 1\nHERE: 2\nc: 1\na: 3",
        "a: 1\nb: [1, 2\nHERE: 3",
        "a: 1\nb: [\n HERE: [.nan]]",
        'a: 1\nb: "\\0 HERE"',
        "a: 1\nb: 9007199254740993 # HERE",
        "a: 1\n---\nHERE: 1",
    ],
)
def test_what_is_no_plain_yaml(source: str) -> None:
    wanted = {"HERE: 2": 4, "---": 2}
    line = next((at for text, at in wanted.items() if text in source), line_of(source, HERE))
    assert problem(source).line == line


@pytest.mark.parametrize(
    ("steps", "at"),
    [
        ([step("a"), tell(retires=3)], "retires: 3"),
        ([step("a"), tell(limits={"seconds": "soon"})], "seconds: soon"),
        ([step("a"), tell(tool=5)], "tool: 5"),
        ([step("a"), {k: v for k, v in tell().items() if k != "tool"}], "key: tell"),
        ([step("a"), tell("a")], "- key: a\n  name: A\n  kind: tool"),
        ([step("a"), tell(tool="no.such")], "key: tell"),
        ([step("a"), tell(output={"type": "text"})], "type: text"),
        ([step("a"), each("m", step("b", label="steps.later.x"))], "label: steps.later.x"),
        ([step("a"), step("b", label="1 +")], "label: 1 +"),
        ([step("a"), tell(review={**ASKED, "summary": "steps.later.x"})], "summary: steps.later.x"),
        ([step("a"), tell(metrics=[{"name": "m", "expression": "later"}])], "expression: later"),
        ([step("a"), step("gate", "person", releases=["nowhere"])], "- nowhere"),
        ([branching("d", "decision", x=[step("a", label="nothing")])], "label: nothing"),
        ([tell(fallback=tell("b", name="x" * 121))], "x" * 121),
        ([tell(compensate=tell("b", owner={"usr": "adam"}))], "usr: adam"),
    ],
)
@pytest.mark.django_db
def test_what_is_wrong_with_a_step(steps: list[dict[str, Any]], at: str) -> None:
    source = document(*steps)
    assert source.count(at) == 1
    assert problem(source).line == source[: source.index(at)].count("\n") + 1


@pytest.mark.parametrize(
    ("parts", "at"),
    [
        ({"title": "steps.a.x"}, "title: steps.a.x"),
        ({"limits": {"key": "run.id"}}, "key: run.id"),
        ({"result": {"x": "steps.b.x"}}, "x: steps.b.x"),
        ({"risk": "huge"}, "risk: huge"),
        ({"budget": {"currency": "EUR"}}, "budget:"),
        ({"budget": {"currency": "EUR", "run": 2}}, "run: 2"),
        ({"retention": {"days": 0}}, "days: 0"),
        ({"input": {"type": "object", "properties": {"a": {"$ref": "#/b"}}}}, "$ref"),
        ({"tests": [{"name": "t", "input": {}, "expect": {"output": ["nothing"]}}]}, "- nothing"),
        ({"tests": [{"name": "t", "input": {}, "expect": {"status": "done"}, "stops_at": ["b"]}]}, "- b"),
        ({"tests": [{"name": "t", "input": {}, "expect": {"status": "done"}, "recorded": {"b": {}}}]}, "b: {}"),
    ],
)
def test_what_is_wrong_with_the_workflow(parts: dict[str, Any], at: str) -> None:
    source = document(step("a"), **parts)
    assert problem(source).line == line_of(source, at)


@pytest.mark.parametrize(
    ("steps", "at"),
    [
        ([step("a"), tell(owner={"user": "nemo"})], "user: nemo"),
        ([step("a"), tell(permission={"see": ["nobodies"]})], "- nobodies"),
        ([step("a"), tell(review={"waiver": "short"})], "waiver: short"),
        ([step("a"), step("other", "workflow", workflow="nowhere", input={})], "key: other"),
    ],
)
def test_what_only_publishing_finds(cast: Cast, steps: list[dict[str, Any]], at: str) -> None:
    source = document(*steps)
    with pytest.raises(BadDocument) as caught:
        workflows.publish(source, actor=person(cast.adam), by=cast.adam)
    near = line_of(source, at)
    assert [near - told.line in (0, 1) and told.line > 0 for told in caught.value.problems] == [True]


def test_no_more_is_told_than_anybody_reads() -> None:
    stray: dict[str, Any] = {f"x{n}": 1 for n in range(10_000)}
    source = document(tell(**stray))
    with pytest.raises(BadDocument) as caught:
        documents.read(source)
    assert len(caught.value.problems) <= 100
    assert len(str(caught.value)) < 10_000


def test_a_document_that_lacks_something_can_be_sketched() -> None:
    bare = {"key": "new", "name": "New", "kind": "tool", "purpose": "Help.", "input": {}}
    sketched = documents.sketch(document(bare))
    (spec,) = sketched.document["steps"]
    assert (spec["owner"], spec["review"], spec["metrics"], spec["tool"], sketched.problems) == ({}, {}, [], "", [])
    assert problem(document(bare)).missing
