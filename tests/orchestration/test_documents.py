"""The document: what it may say, and the sentence for each thing that it may not."""

from typing import Any

import pytest

from orchestration import documents
from orchestration.documents import BadDocument
from orchestration.documents.outline import alone, walk
from tests.orchestration.drafting import EVERY_KIND, branching, document, each, step, tell


def refusals(*steps: dict[str, Any], **parts: Any) -> list[str]:
    return refusals_of(document(*steps, **parts))


def refusals_of(source: str) -> list[str]:
    try:
        documents.read(source)
    except BadDocument as error:
        return list(map(str, error.problems))
    return []


def reading(text: str, key: str = "reader") -> dict[str, Any]:
    return step(key, label=text)


def test_it_takes_a_step_of_every_kind() -> None:
    placed = list(walk(documents.read(EVERY_KIND)))
    kinds = {step.spec["kind"] for step in placed}
    assert len(kinds) == 11
    assert [(p.key, p.parent_key, p.branch, p.role.value) for p in placed[:6]] == [
        ("sort", None, 0, "step"),
        ("sort_by_hand", "sort", 0, "fallback"),
        ("way", None, 0, "step"),
        ("look", "way", 0, "step"),
        ("research", "look", 0, "step"),
        ("answer", "look", 1, "step"),
    ]


def test_a_step_alone_keeps_its_branches_without_their_steps() -> None:
    way = next(placed.spec for placed in walk(documents.read(EVERY_KIND)) if placed.key == "way")
    assert alone(way)["branches"] == [{"name": "urgent", "if": "steps.sort.urgent"}, {"name": "usual"}]


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("a: &x 1\nb: *x", "line 1: anchors and aliases are not read here."),
        ("a: !!python/object:os.system {}", "line 1: tags are not read here."),
        ("a: 1\na: 2", "line 2: 'a' stands twice."),
        ("a: {b: [{c: 1, c: 2}]}", "line 1: 'c' stands twice."),
        ("1: 2", "line 1: 1 is no text, so it is no key."),
        ("? [a]\n: 2", "line 1: ['a'] is no text, so it is no key."),
        ("a: .nan", "nan"),
        ("a: 9007199254740993", "exceeds"),
        ("a: 1\n---\nb: 2", "single document"),
        ("[" * 5000, "nested too deeply"),
        ('a: "\\0"', "characters that cannot be kept"),
        ("<<: {a: 1}", "merge"),
        ("- a", "must be of type object."),
        ("a" * 600_000, "larger than 512 kB"),
    ],
)
def test_it_refuses_what_is_no_plain_yaml(source: str, told: str) -> None:
    (problem,) = refusals_of(source)
    assert told in problem


def test_on_and_dates_are_texts_in_it() -> None:
    source = document(tell(retry={"on": ["busy"]})).replace("'on'", "on")
    assert "\n    on:" in source
    (step,) = documents.read(source)["steps"]
    assert step["retry"] == {"on": ["busy"]}


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ({"retires": 3}, "step 'tell': 'retires' is not known here; is 'retry' meant?"),
        ({"over": "input.items"}, "step 'tell': 'over' is not known here; is 'owner' meant?"),
        ({"limits": {"second": 3}}, "step 'tell', limits: 'second' is not known here; is 'seconds' meant?"),
        ({"limits": {"seconds": "3"}}, "step 'tell', limits.seconds: must be of type number."),
        ({"retry": {"on": ["never"]}}, "step 'tell', retry.on.0: 'never' is not one of"),
        ({"kind": "tol"}, "step 'tell', kind: 'tol' is not one of"),
        ({"key": "Tell me"}, "step 'Tell me', key: may hold only small letters, digits and underscores."),
        ({"key": "tell\n"}, "may hold only small letters"),
        ({"name": "x" * 121}, "step 'tell', name: is longer than 120 characters."),
        ({"input": {"to": 5}}, "step 'tell', input.to: must be of type string."),
        ({"tool": "no.such"}, "step 'tell' calls 'no.such', which is no tool here."),
        ({"output": {"type": "nothing"}}, "The JSON schema of output is wrong"),
        ({"limits": {"tries": 2}, "retry": {"tries": 3}}, "says twice how often it is tried"),
        ({"limits": {"seconds": 9, "total_seconds": 3}}, "has less time in all"),
        ({"limits": {"turns": 3}}, "which only an agent has"),
        ({"metrics": [{"name": "m", "expresion": "1"}]}, "'expresion' is not known here; is 'expression' meant?"),
    ],
)
@pytest.mark.django_db
def test_it_says_what_is_wrong_with_a_step(parts: dict[str, Any], told: str) -> None:
    (problem,) = refusals({**tell(), **parts})
    assert told in problem


def test_it_says_what_is_missing_deep_inside() -> None:
    inner = tell("inner")
    del inner["tool"]
    assert refusals(branching("way", "decision", a=[each("all", inner)], b=[])) == ["step 'inner': 'tool' is missing."]


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ([step("a"), each("b", step("a"))], "Two steps have the key 'a'."),
        ([step("a"), step("b", fallback=step("a"))], "Two steps have the key 'a'."),
        ([step(f"s{number}") for number in range(201)], "steps: holds more than 200."),
        ([each(f"m{n}", step(f"s{n}")) for n in range(101)], "The document has 202 steps; 200 is the most."),
    ],
)
def test_it_counts_steps_over_the_whole_tree(steps: list[dict[str, Any]], told: str) -> None:
    assert told in refusals(*steps)[0]


@pytest.mark.parametrize(("depth", "told"), [(8, []), (9, ["The steps are nested more than 8 deep."])])
def test_it_is_nested_eight_deep_at_most(depth: int, told: list[str]) -> None:
    nested = step("inmost")
    for number in range(depth):
        nested = branching(f"around{number}", "decision", only=[nested])
    assert refusals(nested) == told


def test_it_refuses_a_document_nested_beyond_reading() -> None:
    nested = "{steps: [" * 200 + "]}" * 200
    assert refusals_of(nested) == ["The document is nested too deeply to be read."]


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ([reading("steps.later.x"), step("later")], "reads steps.later, which comes later."),
        ([reading("steps.reader.x")], "reads steps.reader, which is the step itself."),
        ([reading("steps.nowhere.x")], "reads steps.nowhere, which is no step here."),
        ([each("m", step("a")), reading("steps.a.x")], "which stands inside 'm' and cannot be seen from outside."),
        ([branching("p", "parallel", x=[step("a")], y=[reading("steps.a.x")])], "stands in another branch"),
        ([branching("d", "decision", x=[step("a")], y=[reading("steps.a.x")])], "stands in another branch"),
        ([branching("p", "parallel", x=[reading("steps.p.x")])], "which is not done before what is inside it."),
        ([each("m", reading("steps.m.x"))], "which is not done before what is inside it."),
        ([tell(compensate=tell("undo")), reading("steps.undo.x")], "which only undoes another step."),
        ([step("a"), reading("steps[input.text].x")], "must name the step that it reads, as steps.key."),
        ([step("a"), reading("size(steps) > 0")], "must name the step that it reads, as steps.key."),
        ([step("a"), reading("steps.map(key, key)")], "must name the step that it reads, as steps.key."),
        ([reading("item.x")], "reads 'item', which is not there."),
        ([reading("output.x")], "reads 'output', which is not there."),
        ([reading("[1].map(item, item)")], "calls something of its own 'item'"),
        ([reading("1 +")], "Failed to parse"),
    ],
)
def test_an_expression_reads_only_what_is_there(steps: list[dict[str, Any]], told: str) -> None:
    (problem,) = refusals(*steps)
    assert problem.startswith("step 'reader', label")
    assert told in problem


@pytest.mark.parametrize(
    "steps",
    [
        [step("a"), reading("steps.a.x + steps['a'].y + steps[\"a\"].z")],
        [step("a"), reading("has(steps.a) ? 'steps.b' : r'\\steps.c' // steps.d")],
        [step("a"), reading("input.steps.b + steps.a.steps.c")],
        [reading("input.items.filter(one, one.x > 1).map(two, two.y)[0]")],
        [branching("d", "decision", x=[step("a"), reading("steps.a.x + steps.d.branch")], y=[])],
        [branching("d", "decision", x=[step("a")], y=[]), reading("has(steps.a) ? steps.a.x : ''")],
        [branching("p", "parallel", x=[step("a")], y=[step("b")]), reading("steps.a.x + steps.b.x")],
        [each("m", step("a"), reading("steps.a.x + item.y + string(index)"))],
        [step("a"), each("m", each("n", reading("steps.a.x + item.y")))],
        [each("m", step("a")), reading("steps.m.items[0].x")],
        [tell(fallback=tell("post")), reading("steps.tell.x + steps.post.x")],
        [tell(compensate=reading("steps.tell.message_id"))],
        [each("m", tell(compensate=reading("steps.tell.message_id + item.x")))],
        [{**branching("d", "decision", x=[step("a")]), "compensate": reading("steps.a.x + steps.d.branch")}],
    ],
)
def test_an_expression_may_read_what_was_done_before(steps: list[dict[str, Any]]) -> None:
    assert refusals(*steps) == []


def test_metrics_confidence_and_reviews_read_the_output_too() -> None:
    metrics = [{"name": "m", "expression": "output.x > 1"}]
    review = {"when": "after", "group": "reviewer", "title": "output.x", "why": [{"if": "act.x"}]}
    assert refusals(tell(metrics=metrics, review=review)) == []
    review["summary"] = "steps.later.x"
    assert "step 'tell', review summary: reads steps.later" in refusals(tell(review=review), step("later"))[0]


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ({"title": "steps.a.x"}, "title: reads 'steps', which is not there."),
        ({"limits": {"key": "run.id"}}, "limits key: reads 'run', which is not there."),
        ({"limits": {"per_key": 2}}, "limits: 'key' is a dependency of 'per_key'"),
        ({"result": {"x": "steps.b.x"}}, "result x: reads steps.b, which is no step here."),
        ({"result": {"x": "steps.inner.x"}}, "which stands inside 'm' and cannot be seen from outside."),
        ({"priority": 3}, "priority: 3 is not one of [0, 1, 2]"),
        ({"slug": "A b"}, "slug: may hold only small letters, digits and hyphens."),
    ],
)
def test_it_says_what_is_wrong_with_the_workflow(parts: dict[str, Any], told: str) -> None:
    (problem,) = refusals(step("a"), each("m", step("inner")), **parts)
    assert told in problem


@pytest.mark.parametrize(
    ("step", "told"),
    [
        (step("d", "decision", branches=[{"name": "x", "if": "true", "steps": []}]), "takes its last branch, 'x'"),
        (step("d", "decision", branches=[{"name": "x", "steps": []}] * 2), "has two branches 'x'."),
        (
            step("d", "decision", branches=[{"name": "x", "steps": []}, {"name": "y", "steps": []}]),
            "needs an `if` at its branch 'x'.",
        ),
        (branching("p", "parallel", x=[]), "branches.0.steps: must not be empty."),
        ({**branching("p", "parallel", x=[step("a")]), "join": {"quorum": 2}}, "waits for 2 branches and has 1."),
        ({**branching("p", "parallel", x=[step("a")]), "join": "some"}, "'some' is not one of ['all', 'any', 'first']"),
        (each("m", step("a"), most_failures=3), "most_failures means nothing without on_failure: continue."),
        (each("m", step("a"), at_once=0), "at_once: 0 is less than the minimum of 1"),
        (each("m"), "steps: must not be empty."),
        (step("w", "wait"), "waits for one thing: for_seconds, until or event."),
        (step("w", "wait", for_seconds=3, until="input.text"), "waits for one thing"),
        (step("w", "wait", for_seconds=0), "for_seconds: 0 is less than or equal to the minimum of 0"),
        (step("w", "wait", event="paid"), "so it says for how many seconds at most."),
        (step("w", "wait", for_seconds=3, match="event.x"), "waits for no event, so match means nothing."),
        (step("w", "wait", until="2030-01-31"), "a date needs its own quotation marks"),
        (step("w", "workflow", workflow="x", input={}, tool="y"), "'tool' is not known here."),
        (
            step("a", "agent", model="m", prompt="p", tools=["no"], input={}, output={}),
            "may call 'no', which is no tool",
        ),
        (step("h", "person", review={"waiver": "Nobody needs to look."}), "so its review says when: before."),
        (step("d", "decision", branches=[{"name": "x", "steps": []}], review={"when": "after"}), "nobody decides"),
        (each("m", step("a"), review={"when": "before"}), "a person can decide after it"),
        (tell(fallback=each("m", step("a"))), "step 'm' stands in for another step"),
        (tell(fallback=tell("b", fallback=tell("c"))), "step 'b' stands in for another step"),
    ],
)
@pytest.mark.django_db
def test_it_says_what_a_kind_must_say(step: dict[str, Any], told: str) -> None:
    assert any(told in problem for problem in refusals(step))


@pytest.mark.parametrize("way", [{"for_seconds": 3}, {"for_seconds": "input.n"}, {"until": "'2030-01-31'"}])
def test_it_takes_each_way_of_waiting(way: dict[str, Any]) -> None:
    assert refusals(step("w", "wait", **way)) == []


def gate(*keys: str, **parts: Any) -> dict[str, Any]:
    return step("gate", "person", releases=list(keys), **parts)


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ([gate("nowhere")], "releases 'nowhere', which is no step here."),
        ([tell(), gate("tell")], "releases 'tell', which does not come later."),
        ([gate("a"), step("a")], "releases 'a', which is of kind outcome"),
        ([gate("tell"), each("m", tell())], "releases 'tell', which stands inside 'm' and is done once for each item."),
        ([branching("d", "decision", x=[gate("tell")], y=[]), tell()], "which can be reached without it."),
        ([branching("p", "parallel", x=[gate("tell")], y=[tell()])], "which can be reached without it."),
        ([gate("tell"), step("a"), tell(input={"to": "steps.a.x"})], "which reads steps.a: that is not there yet"),
        ([gate("tell"), step("other", "person", releases=["tell"]), tell()], "which 'gate' releases already."),
        ([tell("first", fallback=gate("tell")), tell()], "but it only stands in for another step"),
    ],
)
def test_a_gate_stands_on_every_way_to_what_it_releases(steps: list[dict[str, Any]], told: str) -> None:
    (problem,) = refusals(*steps)
    assert told in problem


@pytest.mark.parametrize(
    "steps",
    [
        [step("a"), gate("tell"), tell(input={"to": "steps.a.x"})],
        [gate("tell", "other"), branching("p", "parallel", x=[tell()], y=[tell("other")])],
        [branching("d", "decision", x=[gate("tell"), branching("e", "decision", z=[tell()])], y=[])],
        [each("m", gate("tell"), tell(input={"to": "item.email"}))],
    ],
)
def test_a_gate_releases_what_follows_in_its_branch(steps: list[dict[str, Any]]) -> None:
    assert refusals(*steps) == []
