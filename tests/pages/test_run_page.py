"""The page of a run: where it stands, its graph, its timeline, its events, and the inspector."""

from datetime import timedelta

import pytest

from audit import sealer
from audit.models import Leaf
from orchestration.models import Run
from reviews import decisions
from reviews.models import Review
from tests import clock
from tests.cast import Cast, carry_out_all
from tests.fakes import FakeModels
from tests.pages.conftest import Decide, Look

pytestmark = pytest.mark.usefixtures("models")


def at(review: Review, query: str = "") -> str:
    return f"/runs/{review.run_id}/{query}"


def test_it_says_whom_it_waits_for_and_offers_the_decision(cast: Cast, look: Look) -> None:
    seen = look(cast.rita, at(cast.waiting()))
    assert "Waiting for Reviewers" in seen.text
    assert "Open decision" in seen.text


def test_one_who_may_only_look_is_not_asked_to_decide(cast: Cast, look: Look) -> None:
    review = cast.waiting()
    for user in (cast.mina, cast.adam):
        seen = look(user, at(review))
        assert "Open decision" not in seen.text
        assert "See what is asked" in seen.text


def test_somebody_elses_run_is_not_there(cast: Cast, look: Look) -> None:
    assert look(cast.noah, at(cast.waiting())).status == 404
    assert look(cast.rita, "/runs/999999/").status == 404


def test_the_graph_shows_what_became_of_each_step(cast: Cast, look: Look) -> None:
    drawing = look(cast.rita, at(cast.waiting())).context["drawings"][0]
    states = [(placed.node.name, placed.node.state) for placed in drawing.nodes]
    assert states == [
        ("Form", "done"),
        ("Triage", "done"),
        ("Draft", "done"),
        ("Approve: Send", "wait"),
        ("Send", "todo"),
        ("Outcome", "todo"),
    ]


def test_a_rejection_shows_that_the_step_was_not_carried_out(cast: Cast, look: Look, decide: Decide) -> None:
    review = cast.waiting()
    decide(review, cast.rita, "rejected")
    nodes = {p.node.name: p.node for p in look(cast.rita, at(review)).context["drawings"][0].nodes}
    assert (nodes["Approve: Send"].state, nodes["Send"].state) == ("done", "skip")


def test_what_a_failed_run_did_not_reach_is_drawn_so(cast: Cast, look: Look, models: FakeModels) -> None:
    models.scripted.fails = "No."
    run = cast.start()
    carry_out_all()
    nodes = {p.node.name: p.node.state for p in look(cast.rita, f"/runs/{run.pk}/").context["drawings"][0].nodes}
    assert (nodes["Draft"], nodes["Send"]) == ("fail", "skip")


def test_time_is_split_into_work_and_waiting(cast: Cast, look: Look, decide: Decide) -> None:
    review = cast.waiting()
    clock.jump(3600)
    decide(review, cast.rita)
    parts = {part.kind: part.took for part in look(cast.rita, at(review)).context["parts"]}
    assert parts["wait"] >= timedelta(hours=1)
    assert timedelta(seconds=4) < parts["human"] < timedelta(seconds=6)
    assert parts["ai"] > timedelta()


def test_idle_time_is_folded(cast: Cast, look: Look) -> None:
    review = cast.waiting()
    clock.jump(3 * 3600)
    timeline = look(cast.rita, at(review)).context["timeline"]
    assert len(timeline.folds) == 1
    row = next(row for row in timeline.rows if row.gate)
    assert [bar.kind for bar in row.bars] == ["wait"]
    assert row.bars[0].going


def test_each_try_is_a_bar(cast: Cast, look: Look, models: FakeModels) -> None:
    models.intent.says = "no JSON"
    run = cast.start()
    for _ in range(3):
        carry_out_all()
        clock.jump(10)
    rows = look(cast.rita, f"/runs/{run.pk}/").context["timeline"].rows
    assert [bar.kind for bar in rows[0].bars] == ["fail", "fail", "fail"]


def test_a_decision_taken_back_leaves_two_waits(cast: Cast, look: Look, decide: Decide) -> None:
    review = cast.waiting()
    decide(review, cast.rita, later=0)
    decisions.undo(review.pk, by=cast.rita)
    gate = next(row for row in look(cast.rita, at(review)).context["timeline"].rows if row.gate)
    assert [bar.kind for bar in gate.bars] == ["wait", "human", "wait"]


def test_events_have_their_number_once_sealed(cast: Cast, look: Look) -> None:
    review = cast.waiting()
    assert "not yet sealed" in look(cast.rita, at(review)).text
    while sealer.seal():
        pass
    seen = look(cast.rita, at(review))
    assert "not yet sealed" not in seen.text
    newest = seen.context["events"][0]
    assert newest.leaf == Leaf.objects.get(event=newest.event).leaf_index


def test_all_events_are_shown_when_asked_for(cast: Cast, look: Look, decide: Decide) -> None:
    review = cast.waiting()
    decide(review, cast.rita)
    few, every = look(cast.rita, at(review)), look(cast.rita, at(review, "?events=all"))
    assert len(few.context["events"]) == 12
    assert len(every.context["events"]) == every.context["event_count"] > 12


def test_the_inspector_begins_where_the_run_stands(cast: Cast, look: Look) -> None:
    assert look(cast.rita, at(cast.waiting())).context["selected"] == "send"


@pytest.mark.parametrize(
    ("tab", "said"),
    [
        ("summary", "Made with"),
        ("input", "Why is my card payment still pending?"),
        ("output", '"Your pending card payment"'),
        ("prompt", "system"),
        ("raw", '"tokens_in"'),
        ("nonsense", "Made with"),
    ],
)
def test_each_tab_shows_its_part(cast: Cast, look: Look, tab: str, said: str) -> None:
    assert said in look(cast.rita, at(cast.waiting(), f"?step=draft&tab={tab}")).text


def test_what_is_large_is_loaded_only_when_opened(cast: Cast, look: Look) -> None:
    review = cast.waiting()
    summary = look(cast.rita, at(review, "?step=draft"))
    assert "Your payment is on its way" not in summary.html
    assert "Your payment is on its way" in look(cast.rita, at(review, "?step=draft&tab=output")).html


def test_what_a_step_wrote_is_for_the_groups_that_may_see_it(cast: Cast, look: Look) -> None:
    review = cast.waiting()
    assert "you are in none of them" in look(cast.mina, at(review, "?step=draft&tab=output")).text
    assert "Your payment is on its way" in look(cast.rita, at(review, "?step=draft&tab=output")).html


def test_an_unknown_step_shows_where_the_run_stands(cast: Cast, look: Look) -> None:
    assert look(cast.rita, at(cast.waiting(), "?step=nothing")).context["selected"] == "send"


def test_what_started_it_can_be_looked_at(cast: Cast, look: Look) -> None:
    seen = look(cast.rita, at(cast.waiting(), "?step=-start"))
    assert "Started from the form" in seen.text
    assert "ines.duarte@customer.example" in seen.text


def test_a_run_that_nobody_took_up_yet_says_so(cast: Cast, look: Look) -> None:
    run = cast.start()
    assert "Nobody has begun yet" in look(cast.rita, f"/runs/{run.pk}/").text


def test_it_says_what_a_done_run_came_to(cast: Cast, look: Look, decide: Decide) -> None:
    review = cast.waiting()
    decide(review, cast.rita)
    seen = look(cast.rita, at(review))
    assert Run.objects.get().status == "done"
    assert "Sent as written" in seen.text
    assert "4 of 4" in seen.text


def test_markup_in_a_title_stays_text(cast: Cast, look: Look) -> None:
    review = cast.waiting(question="<script>alert(1)</script>\u200b")
    page = look(cast.rita, at(review)).html
    assert "<script>alert" not in page
    assert "\u200b" not in page


def test_the_number_of_queries_is_known(cast: Cast, look: Look) -> None:
    review = cast.waiting()
    assert look(cast.rita, at(review)).queries <= 26
    assert look(cast.rita, at(review, "?step=draft&tab=raw")).queries <= 30
