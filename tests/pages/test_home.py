"""Home, by role: what waits, what is late, what was decided, and nothing for those who may see nothing."""

import pytest

from audit import choices, sealer
from audit.actors import person
from audit.models import Leaf, User
from audit.moves import begin
from orchestration.models import Trigger
from reviews import decisions
from tests import clock
from tests.cast import Cast, carry_out_all
from tests.fakes import FakeModels
from tests.pages.conftest import Decide, Look

pytestmark = pytest.mark.usefixtures("models")


def test_it_says_how_many_wait_for_a_reviewer_and_how_many_soon(cast: Cast, look: Look) -> None:
    cast.waiting()
    cast.waiting()
    seen = look(cast.rita, "/")
    assert "2 wait for you, 2 within the hour" in seen.text
    assert "Start deciding" in seen.text


def test_a_manager_sees_what_waits_overall(cast: Cast, look: Look) -> None:
    cast.waiting()
    seen = look(cast.mina, "/")
    assert "1 waits for a decision" in seen.text
    assert "Start deciding" not in seen.text


def test_own_work_does_not_wait_for_whoever_started_it(cast: Cast, look: Look) -> None:
    cast.adam.groups.add(cast.groups["reviewer"])
    cast.waiting()
    assert "Nothing waits for you" in look(User.objects.get(pk=cast.adam.pk), "/").text


def test_what_is_late_names_whom_was_asked(cast: Cast, look: Look) -> None:
    cast.waiting()
    clock.jump(2 * 3600)
    seen = look(cast.mina, "/")
    assert "1 late" in seen.text
    assert "asked Reviewers at" in seen.text


def test_the_days_figures_are_counted(cast: Cast, look: Look, decide: Decide) -> None:
    decide(cast.waiting(), cast.rita)
    decide(cast.waiting(), cast.ravi, "rejected")
    figures = look(cast.rita, "/").context["today"]
    assert (figures.decided, figures.by_you, figures.in_time) == (2, 1, 2)
    assert figures.cost > 0
    assert sum(hour.count for hour in figures.hours) == 2


def test_a_decision_taken_back_does_not_count(cast: Cast, look: Look, decide: Decide) -> None:
    taken = decide(cast.waiting(), cast.rita, later=0)
    decisions.undo(taken.review_id, by=cast.rita)
    assert look(cast.rita, "/").context["today"].decided == 0


def test_live_runs_show_where_they_stand(cast: Cast, look: Look) -> None:
    cast.waiting()
    assert "Waiting for Reviewers" in look(cast.mina, "/").text


def test_an_owner_sees_their_workflows_of_the_month(cast: Cast, look: Look, decide: Decide) -> None:
    decide(cast.waiting(), cast.rita)
    seen = look(cast.adam, "/")
    assert "Workflows you own" in seen.text
    assert "100% in time" in seen.text
    assert "Workflows you own" not in look(cast.rita, "/").text


def test_events_stand_with_their_number(cast: Cast, look: Look) -> None:
    cast.start()
    sealer.seal()
    entries = look(cast.rita, "/").context["events"]
    assert entries[0].event.kind == "run.accepted"
    assert entries[0].leaf == Leaf.objects.get(event=entries[0].event).leaf_index


def test_events_of_no_workflow_are_for_those_who_may_read_the_record(cast: Cast, look: Look) -> None:
    kinds = {entry.event.kind for entry in look(cast.rita, "/").context["events"]}
    assert not any(kind.startswith("group") for kind in kinds)
    assert any(entry.event.kind == "group.joined" for entry in look(cast.mina, "/").context["events"])


def test_it_says_whether_questions_arrive(cast: Cast, look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choices, "_declared", {})
    choices.declare("arrive", "Questions keep arriving", "", True)
    feed = Trigger(workflow=cast.workflow, kind="feed", name="Sample questions", owner=cast.adam)
    begin(feed, actor=person(cast.adam))
    assert "Sample questions" in look(cast.rita, "/").text
    assert "Questions keep arriving on" in look(cast.rita, "/").text
    choices.write("arrive", False, actor=person(cast.adam))
    assert "Questions keep arriving off" in look(cast.rita, "/").text


def test_somebody_without_a_role_is_told_whom_to_ask(cast: Cast, look: Look) -> None:
    cast.waiting()
    seen = look(cast.noah, "/")
    assert "Nothing is shared with you yet" in seen.text
    assert "Adam Novak" in seen.text
    assert "Ines" not in seen.text


def test_models_that_fail_show_it(cast: Cast, look: Look, models: FakeModels) -> None:
    models.scripted.fails = "The provider is away."
    cast.start()
    carry_out_all()
    scripted = next(model for model in look(cast.adam, "/").context["models"] if "scripted" in model.model)
    assert not scripted.answers
    assert scripted.ticks[-1].kind == "n"


def test_the_number_of_queries_does_not_grow(cast: Cast, look: Look) -> None:
    for _ in range(2):
        cast.waiting()
    before = look(cast.rita, "/").queries
    for _ in range(5):
        cast.waiting()
    assert look(cast.rita, "/").queries == before <= 36


def test_hidden_characters_are_shown(cast: Cast, look: Look) -> None:
    cast.waiting(question="Safe\u202e?<b>")
    page = look(cast.rita, "/").html
    assert "\u202e" not in page
    assert "Safe[U+202E]?&lt;b&gt;" in page
