"""Workflows: the list, and the page that says who owns, sees and decides each step."""

import pytest

from audit import moves
from audit.actors import person
from orchestration import workflows
from orchestration.explain import blocks, graph, source
from orchestration.models import Version
from orchestration.states import WorkflowStatus
from tests.cast import DOCUMENT, Cast
from tests.pages.conftest import Decide, Look

PAGE = "/workflows/answer-a-customer/"

pytestmark = pytest.mark.usefixtures("models")


def test_the_list_shows_owner_version_and_what_waits(cast: Cast, look: Look) -> None:
    cast.waiting()
    text = look(cast.mina, "/workflows/").text
    for said in ("Answer a customer", "version 1", "Active", "Adam Novak", "limited", "1 waits for people"):
        assert said in text


def test_only_those_who_may_start_are_offered_it(cast: Cast, look: Look) -> None:
    for path in ("/workflows/", PAGE):
        assert "Start a run" in look(cast.adam, path).text
        assert "Start a run" not in look(cast.rita, path).text


def test_somebody_without_a_role_sees_none(cast: Cast, look: Look) -> None:
    assert "No workflow is shared with you" in look(cast.noah, "/workflows/").text
    assert look(cast.noah, PAGE).status == 404


def test_a_step_shows_owner_tool_groups_and_review_point(cast: Cast, look: Look) -> None:
    text = look(cast.mina, f"{PAGE}?step=send").text
    for said in ("email.send", "Reviewers decide before it acts", "May decide", "taken back for 5 s", "every-email"):
        assert said in text


def test_a_waiver_shows_its_reason(cast: Cast, look: Look) -> None:
    assert "Waived. A label alone changes nothing outside." in look(cast.mina, f"{PAGE}?step=triage").text


def test_metrics_show_how_often_they_were_met(cast: Cast, look: Look, decide: Decide) -> None:
    decide(cast.waiting(), cast.rita)
    decide(cast.waiting(), cast.rita, "rejected")
    (metric,) = look(cast.mina, f"{PAGE}?step=send").context["metrics"]
    assert (metric.met, metric.known, metric.reached) == (1, 2, False)


def test_the_path_is_told_from_trigger_to_outcome(cast: Cast, look: Look) -> None:
    sentences = look(cast.mina, PAGE).context["path"]
    assert [sentence.kind for sentence in sentences] == ["sys", "ai", "ai", "human", "sys", "end"]
    assert sentences[3].bold == "Reviewers decide"
    assert "leaves the house, exactly as it was approved" in sentences[4].rest


def test_the_source_stands_there_with_line_numbers(cast: Cast, look: Look) -> None:
    lines = look(cast.mina, f"{PAGE}?view=yaml&step=draft").context["lines"]
    assert len(lines) == len(cast.version.source.splitlines())
    assert next(line for line in lines if line.here).text.strip() == "- key: draft"


def test_the_lines_of_a_step_end_before_the_next(cast: Cast) -> None:
    places = source.places(DOCUMENT.read_text())
    assert list(places) == ["triage", "draft", "send", "outcome"]
    assert all(places[a][1] < places[b][0] for a, b in zip(list(places), list(places)[1:], strict=False))


def test_versions_show_how_many_runs_follow_each(cast: Cast, look: Look) -> None:
    cast.start()
    newer = DOCUMENT.read_text().replace("risk: limited", "risk: minimal")
    workflows.publish(newer, actor=person(cast.adam), by=cast.adam)
    versions = look(cast.mina, PAGE).context["versions"]
    assert [(version.number, version.runs_in_all) for version in versions] == [(2, 0), (1, 1)]


def test_a_workflow_without_a_version_says_what_is_missing(cast: Cast, look: Look) -> None:
    cast.workflow.current = None
    cast.workflow.save(update_fields=["current"])
    assert "No version is published yet" in look(cast.mina, PAGE).text


def test_a_retired_workflow_offers_no_start(cast: Cast, look: Look) -> None:
    moves.move(cast.workflow, WorkflowStatus.RETIRED, actor=person(cast.adam))
    assert "Start a run" not in look(cast.adam, PAGE).text


def test_a_review_point_is_a_node_of_its_own(cast: Cast) -> None:
    drawn = list(graph.nodes(Version.objects.get().steps.all(), "Form"))
    assert [(node.name, node.kind) for node in blocks.flat(drawn) if node.gate] == [("Approve: Send", "human")]
    wide, tall = graph.across(drawn), graph.down(drawn)
    assert (len(wide.edges), len(tall.edges)) == (5, 5)
    assert max(p.x + p.width for p in wide.nodes) < wide.width
    assert max(p.y + p.height for p in tall.nodes) < tall.height


def test_the_number_of_queries_is_known(cast: Cast, look: Look) -> None:
    cast.waiting()
    assert look(cast.mina, PAGE).queries <= 24
    before = look(cast.mina, "/workflows/").queries
    another = (
        DOCUMENT.read_text()
        .replace("slug: answer-a-customer", "slug: another")
        .replace("name: Answer a customer", "name: Another")
    )
    workflows.publish(another, actor=person(cast.adam), by=cast.adam)
    assert look(cast.mina, "/workflows/").queries == before <= 12
