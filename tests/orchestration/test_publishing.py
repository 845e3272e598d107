"""Publishing: the document's tree becomes rows, and what it starts is pinned."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit import moves
from audit.actors import COMMAND, person
from orchestration import catalog, documents, readiness, workflows
from orchestration.documents import BadDocument
from orchestration.explain import path, source
from orchestration.models import Step, StepGroup, Version
from orchestration.states import WorkflowStatus
from tests.cast import Cast
from tests.orchestration.drafting import EVERY_KIND, branching, document, each, step, tell


def publish(cast: Cast, text: str) -> Version:
    return workflows.publish(text, actor=person(cast.adam), by=cast.adam)


def refusal(cast: Cast, *steps: dict[str, Any], **parts: Any) -> str:
    with pytest.raises(BadDocument) as caught:
        publish(cast, document(*steps, **parts))
    return str(caught.value)


def starting(slug: str, key: str = "other", **parts: Any) -> dict[str, Any]:
    return step(key, "workflow", workflow=slug, **{"input": {}, **parts})


def named(slug: str, *steps: dict[str, Any], **parts: Any) -> str:
    return document(*steps, slug=slug, name=slug, **parts)


def test_it_makes_a_row_of_every_step_in_the_tree(cast: Cast) -> None:
    steps = list(publish(cast, EVERY_KIND).steps.select_related("parent"))
    assert [step.position for step in steps] == list(range(1, 17))
    places = {step.key: (step.parent.key if step.parent else "", step.branch, step.role) for step in steps}
    assert places["sort_by_hand"] == ("sort", 0, "fallback")
    assert places["correct"] == ("tell", 0, "compensation")
    assert places["answer"] == ("look", 1, "step")
    assert places["research-test_say"] == ("research", 0, "call")
    assert places["number"] == ("each_claim", 0, "step")
    assert places["outcome"] == ("", 0, "step")


def test_a_row_does_not_repeat_the_steps_inside_it(cast: Cast) -> None:
    specs = {step.key: step.spec for step in publish(cast, EVERY_KIND).steps.all()}
    assert specs["way"]["branches"] == [{"name": "urgent", "if": "steps.sort.urgent"}, {"name": "usual"}]
    assert not {"steps", "fallback", "compensate"} & set().union(*specs.values())


def test_groups_of_inner_steps_become_rows(cast: Cast) -> None:
    version = publish(cast, EVERY_KIND)
    rows = StepGroup.objects.filter(step__version=version).values_list("step__key", "group__name", "may")
    assert ("sort_by_hand", "reviewer", "decide") in rows
    assert ("correct", "reviewer", "decide") in rows


def test_it_needs_no_query_for_each_step(cast: Cast) -> None:
    def queries(slug: str, count: int) -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            publish(
                cast,
                named(slug, *(each(f"m{n}", step(f"s{n}", permission={"see": ["reviewer"]})) for n in range(count))),
            )
        return len(asked)

    assert queries("few", 1) == queries("many", 50)


@pytest.mark.parametrize(
    ("inner", "told"),
    [
        ({"owner": {"user": "nemo"}}, "Nobody here has the login 'nemo'."),
        ({"owner": {"group": "nobodies"}}, "There is no group 'nobodies' here."),
        ({"permission": {"see": ["nobodies"]}}, "There is no group 'nobodies' here."),
        ({"review": {"waiver": "short"}}, "step 'inner', review: waiver 'short' is too short"),
        ({"review": {"when": "after", "group": "reviewer"}}, "step 'inner', review: 'title' is a required property"),
    ],
)
def test_people_groups_and_reviews_are_checked_inside_too(cast: Cast, inner: dict[str, Any], told: str) -> None:
    assert told in refusal(cast, each("m", tell("inner", **inner)))
    assert told in refusal(cast, tell(fallback=tell("inner", **inner)))


def test_it_keeps_what_may_be_under_way_at_once(cast: Cast) -> None:
    workflow = publish(cast, EVERY_KIND).workflow
    assert (workflow.runs_at_once, workflow.steps_at_once, workflow.runs_per_key) == (20, 50, 2)
    workflow = publish(cast, named("settle-claims", step("a"), limits={"key": "input.text"})).workflow
    assert (workflow.runs_at_once, workflow.steps_at_once, workflow.runs_per_key) == (None, None, 1)


def test_a_sub_workflow_is_pinned_in_what_is_hashed(cast: Cast) -> None:
    publish(cast, named("inner", step("a")))
    text = named("outer", starting("inner"))
    first = publish(cast, text)
    assert first.document["steps"][0]["version"] == 1
    assert first.hash == documents.fingerprint(first.document)
    assert "version" not in first.source
    assert first.steps.get().spec["version"] == 1
    assert publish(cast, text) == first
    publish(cast, named("inner", step("b")))
    second = publish(cast, text)
    assert (second.number, second.document["steps"][0]["version"]) == (2, 2)


def test_a_version_can_be_pinned_by_hand(cast: Cast) -> None:
    publish(cast, named("inner", step("a")))
    publish(cast, named("inner", step("b")))
    assert publish(cast, named("outer", starting("inner", version=1))).document["steps"][0]["version"] == 1
    told = refusal(cast, starting("inner", version=3))
    assert told == "step 'other' starts version 3 of 'inner', which was never published."


def test_a_sub_workflow_must_take_runs(cast: Cast) -> None:
    assert "'nowhere', which is no workflow that takes runs here" in refusal(cast, starting("nowhere"))
    moves.move(cast.workflow, WorkflowStatus.RETIRED, actor=person(cast.adam))
    assert "which is no workflow that takes runs here" in refusal(cast, starting("answer-a-customer", version=1))


def test_a_sub_workflow_needs_a_version(cast: Cast) -> None:
    cast.workflow.current = None
    cast.workflow.save(update_fields=["current"])
    assert "of which no version is published" in refusal(cast, starting("answer-a-customer"))


def test_a_sub_workflow_is_given_what_it_asks_for(cast: Cast) -> None:
    told = refusal(cast, starting("answer-a-customer", input={"question": "input.text", "mood": "input.text"}))
    assert "gives no 'customer', which 'answer-a-customer' asks for." in told
    assert "gives 'mood', which 'answer-a-customer' does not take." in told


def test_a_workflow_does_not_start_itself(cast: Cast) -> None:
    publish(cast, named("first", step("a")))
    assert "starts the workflow that it belongs to" in refusal(cast, each("m", starting("first")), slug="first")
    publish(cast, named("second", tell(fallback=starting("first"))))
    publish(cast, named("third", branching("d", "decision", x=[starting("second")])))
    assert refusal(cast, starting("third"), slug="first") == "'first' starts itself, through 'third', 'second'."


def test_workflows_start_one_another_five_deep_at_most(cast: Cast) -> None:
    publish(cast, named("w0", step("a")))
    for depth in range(1, 6):
        publish(cast, named(f"w{depth}", starting(f"w{depth - 1}")))
    told = refusal(cast, starting("w5"), slug="w6")
    assert told == "Workflows start one another more than 5 deep: 'w5', 'w4', 'w3', 'w2', 'w1', 'w0'."


def test_a_refused_document_leaves_nothing_behind(cast: Cast) -> None:
    refusal(cast, starting("nowhere"), slug="new-one")
    assert not Version.objects.filter(workflow__slug="new-one").exists()


def explained(cast: Cast) -> dict[str, str]:
    version = publish(cast, EVERY_KIND)
    steps = list(version.steps.select_related("owner", "owner_group"))
    return {sentence.bold: sentence.rest for sentence in path.explain(version, steps, [])}


@pytest.mark.parametrize(
    ("bold", "said"),
    [
        ("Sort:", "AI does it."),
        ("Reviewers decide: If Sort fails, Sort by hand:", "Say how urgent it is."),
        ("Which way:", "It goes on: if steps.sort.urgent, with “urgent”; otherwise with “usual”."),
        ("Look into it (urgent):", "“agent” and “letter” begin at the same time. It goes on when 1 of them is done."),
        ("Research (agent):", "An AI agent does it, in 5 turns at most; it may call test.say."),
        ("Answer (letter):", "an event “letter” for which event.customer == input.customer for at most 86400 seconds"),
        ("Each claim:", "For each of input.claims it does the steps inside it, up to 5 at once."),
        ("Write (each item of Each claim):", "It starts a run of “answer-a-customer”, version 1"),
        ("Reviewers decide: Release:", "Only then, and exactly as it was shown: Tell."),
        ("Tell:", "This leaves the house, exactly as it was approved."),
        ("To undo Tell, Correct:", "Tell the customer that it was a mistake."),
    ],
)
def test_the_path_has_a_sentence_for_each_kind(cast: Cast, bold: str, said: str) -> None:
    assert said in explained(cast)[bold]


def test_a_gate_counts_as_approval_before_something_leaves(cast: Cast) -> None:
    catalog.bring_in_line(actor=COMMAND)
    assert readiness.check(EVERY_KIND).counts["outside"][2:] == (2, 2)


def test_the_lines_of_inner_steps_are_found() -> None:
    places = source.places(EVERY_KIND)
    assert list(places) == [placed.key for placed in documents.outline.walk(documents.read(EVERY_KIND))]
    assert places["look"][0] < places["research"][0] <= places["research"][1] < places["answer"][0] <= places["look"][1]


@pytest.mark.usefixtures("models")
def test_the_page_shows_every_kind(cast: Cast, client: Any) -> None:
    publish(cast, EVERY_KIND)
    client.force_login(cast.adam)
    steps = Step.objects.filter(version__workflow__slug="settle-claims").exclude(role="call")
    for key in steps.values_list("key", flat=True):
        answer = client.get(f"/workflows/settle-claims/?step={key}")
        assert answer.status_code == 200, key
        assert f'<code class="mono muted">{key}</code>' in answer.content.decode()
