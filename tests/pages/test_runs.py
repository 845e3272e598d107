"""The list of runs: what it shows, how it is searched and filtered, and its pages."""

import pytest

from orchestration.models import Run
from tests.cast import Cast, carry_out_all
from tests.fakes import FakeModels
from tests.pages.conftest import Decide, Look
from tests.pages.rows import Sheet, spec

pytestmark = pytest.mark.usefixtures("models")


def titles(seen: object) -> list[str]:
    return [line.run.title for line in seen.context["page"].rows]  # type: ignore[attr-defined]


def test_it_lists_the_newest_first_with_where_each_stands(cast: Cast, look: Look) -> None:
    cast.waiting(question="First?")
    cast.start(question="Second?")
    seen = look(cast.rita, "/runs/")
    assert titles(seen) == ["Second?", "First?"]
    assert "Waiting for Reviewers" in seen.text
    assert "Next: Triage" in seen.text


def test_titles_are_searched(cast: Cast, look: Look) -> None:
    cast.start(question="Where is my card?")
    cast.start(question="What does it cost?")
    assert titles(look(cast.rita, "/runs/?q=CARD")) == ["Where is my card?"]


@pytest.mark.parametrize(
    ("state", "expected"),
    [("", 4), ("live", 2), ("waiting", 1), ("done", 1), ("failed", 1), ("nonsense", 4)],
)
def test_the_state_filters(
    cast: Cast, look: Look, decide: Decide, models: FakeModels, state: str, expected: int
) -> None:
    decide(cast.waiting(), cast.rita)
    models.scripted.fails = "No."
    cast.start()
    carry_out_all()
    models.scripted.fails = ""
    cast.waiting()
    cast.start()
    assert len(titles(look(cast.rita, f"/runs/?state={state}"))) == expected


def test_a_workflow_and_a_version_filter(cast: Cast, look: Look) -> None:
    cast.start()
    assert len(titles(look(cast.rita, "/runs/?workflow=answer-a-customer&version=1"))) == 1
    assert len(titles(look(cast.rita, "/runs/?workflow=answer-a-customer&version=2"))) == 0
    assert len(titles(look(cast.rita, "/runs/?workflow=another"))) == 0


def test_pages_go_on_behind_an_id_and_back(cast: Cast, look: Look) -> None:
    for number in range(53):
        cast.start(question=f"Question {number}?")
    first = look(cast.rita, "/runs/")
    older = first.context["page"].older
    assert (len(titles(first)), first.context["page"].newer) == (50, "")
    second = look(cast.rita, f"/runs/{older}")
    assert titles(second) == ["Question 2?", "Question 1?", "Question 0?"]
    assert titles(look(cast.rita, f"/runs/{second.context['page'].newer}")) == titles(first)


@pytest.mark.parametrize("query", ["before=abc", "after=-1", "version=x", f"before={10**40}", "q=%00"])
def test_nonsense_in_the_address_is_passed_over(cast: Cast, look: Look, query: str) -> None:
    cast.start()
    assert look(cast.rita, f"/runs/?{query}").status == 200


def test_somebody_without_a_role_sees_no_run(cast: Cast, look: Look) -> None:
    cast.start()
    seen = look(cast.noah, "/runs/")
    assert titles(seen) == []
    assert "No runs yet" in seen.text


def test_the_number_of_queries_does_not_grow(cast: Cast, look: Look) -> None:
    cast.waiting()
    before = look(cast.rita, "/runs/").queries
    for _ in range(6):
        cast.waiting()
    assert Run.objects.count() == 7
    assert look(cast.rita, "/runs/").queries == before <= 20


def test_a_run_that_another_started_names_it(cast: Cast, look: Look) -> None:
    sheet = Sheet(cast, [spec("pay", "workflow")], cast.workflow.slug)
    outer = sheet.run()
    sheet.run(parent=sheet.began(outer, "pay", "waiting", awaits="run"), title="Inner")
    assert f"Inner in run {outer.pk}" in look(cast.rita, "/runs/").text


def test_paused_and_cancelled_runs_are_found(cast: Cast, look: Look) -> None:
    sheet = Sheet(cast, [spec("pay")], cast.workflow.slug)
    for status in ("paused", "cancelled"):
        run = sheet.run(status, title=status)
        assert titles(look(cast.rita, f"/runs/?state={status}")) == [run.title]
