"""The page of a run shows every kind of step: which way it went, what runs side by side, what it waits for, undoes."""

from datetime import timedelta
from typing import Any

import pytest

from audit.clock_time import now
from orchestration import progress
from orchestration.models import Attempt
from tests.cast import Cast
from tests.pages.conftest import Look, Seen
from tests.pages.rows import ASKED, Sheet, decision, parallel, spec


def node(seen: Seen, key: str) -> Any:
    return next(placed.node for placed in seen.context["drawings"][0].nodes if placed.node.key == key)


def test_the_way_not_taken_says_so(cast: Cast, look: Look) -> None:
    sheet = Sheet(cast, [decision("how", settle=[spec("amount")], refuse=[spec("no")])], cast.workflow.slug)
    run = sheet.run()
    sheet.began(run, "how", output={"branch": "settle"})
    sheet.began(run, "amount", "running")
    seen = look(cast.rita, f"/runs/{run.pk}/?step=how")
    assert (node(seen, "how").under, node(seen, "amount").state) == ("settle", "now")
    assert (node(seen, "no").state, node(seen, "no").under) == ("skip", "not taken")
    assert "refuse otherwise not taken" in seen.text


def test_the_lines_of_an_empty_way_follow_the_decision(cast: Cast, look: Look) -> None:
    sheet = Sheet(cast, [decision("large", yes=[spec("second")], no=[]), spec("end")], cast.workflow.slug)
    run = sheet.run()
    sheet.began(run, "large", output={"branch": "no"})
    sheet.began(run, "end", "running")
    drawing = look(cast.rita, f"/runs/{run.pk}/").context["drawings"][0]
    assert [edge.state for edge in drawing.edges] == ["done", "skip", "done", "skip", "done"]


def test_branches_side_by_side_show_how_each_stands(cast: Cast, look: Look) -> None:
    sheet = Sheet(cast, [parallel("check", cover=[spec("cover")], photos=[spec("photos")])], cast.workflow.slug)
    run = sheet.run()
    around = sheet.began(run, "check", "waiting", awaits="steps", waiting_since=now(), parts=2, parts_done=1)
    sheet.began(run, "cover", parent=around, part=0)
    sheet.began(run, "photos", "running", parent=around, part=1)
    seen = look(cast.rita, f"/runs/{run.pk}/?step=check")
    assert (node(seen, "check").state, node(seen, "check").under) == ("now", "1 of 2 done")
    assert "It goes on when all of them are done." in seen.text
    assert seen.context["standing"].said == "At work: Photos"


def test_what_runs_is_a_try_that_stands_on_the_step(cast: Cast, look: Look) -> None:
    sheet = Sheet(cast, [spec("read", "model")], cast.workflow.slug)
    run = sheet.run()
    held = sheet.began(run, "read", "running", fence=2)
    Attempt.objects.create(step_run=held, fence=1, worker="one", result="failed", error="busy", ended_at=now())
    seen = look(cast.rita, f"/runs/{run.pk}/")
    assert [tried.attempt.fence for tried in seen.context["shown"].tries] == [2, 1]
    assert "At work for 8" in seen.text
    assert [bar.kind for bar in seen.context["timeline"].rows[0].bars] == ["fail", "ai"]


@pytest.mark.parametrize(
    ("waits", "said"),
    [
        ({"awaits": "event", "awaits_event": "payment.received"}, "Waits for payment.received"),
        ({"awaits": "moment", "wake_at": now}, "Waits until"),
    ],
)
def test_a_wait_says_what_for_and_until_when(cast: Cast, look: Look, waits: dict[str, Any], said: str) -> None:
    sheet = Sheet(cast, [spec("pause", "wait", event="payment.received")], cast.workflow.slug)
    run = sheet.run()
    fields = {name: value() + timedelta(hours=30) if callable(value) else value for name, value in waits.items()}
    sheet.began(run, "pause", "waiting", waiting_since=now(), **fields)
    seen = look(cast.rita, f"/runs/{run.pk}/")
    assert said in seen.context["standing"].said
    assert node(seen, "pause").state == "hold"
    assert [bar.kind for bar in seen.context["timeline"].rows[0].bars] == ["idle"]


def test_another_run_is_opened_from_its_node_and_leads_back(cast: Cast, look: Look) -> None:
    sheet = Sheet(cast, [spec("pay", "workflow", workflow="drawn")], cast.workflow.slug)
    run = sheet.run()
    held = sheet.began(run, "pay", "waiting", awaits="run", waiting_since=now())
    child = sheet.run(parent=held, depth=1, title="The inner one")
    seen = look(cast.rita, f"/runs/{run.pk}/")
    assert (node(seen, "pay").opens, node(seen, "pay").under) == (f"/runs/{child.pk}/", f"run {child.pk}")
    assert "The inner one" in seen.text
    inner = look(cast.rita, f"/runs/{child.pk}/")
    assert f'href="/runs/{run.pk}/?step=pay"' in inner.html


def test_a_run_of_a_workflow_that_one_may_not_see_is_not_opened(cast: Cast, look: Look) -> None:
    sheet = Sheet(cast, [spec("pay", "workflow", workflow="secret")], cast.workflow.slug)
    run = sheet.run()
    held = sheet.began(run, "pay", "waiting", awaits="run", waiting_since=now())
    Sheet(cast, [spec("inner")], "secret").run(parent=held, title="Nobody's business")
    seen = look(cast.rita, f"/runs/{run.pk}/")
    assert node(seen, "pay").opens == ""
    assert "Nobody's business" not in seen.text


def test_a_gate_says_what_it_releases_and_the_step_what_it_waits_for(cast: Cast, look: Look) -> None:
    sheet = Sheet(cast, [spec("offer", "person", review=ASKED, releases=["send"]), spec("send")], cast.workflow.slug)
    run = sheet.run()
    assert node(look(cast.rita, f"/runs/{run.pk}/"), "offer").gate
    assert "Releases Send" in look(cast.rita, f"/runs/{run.pk}/?step=offer").text
    assert "Released by Offer" in look(cast.rita, f"/runs/{run.pk}/?step=send").text


def test_a_fallback_is_drawn_once_it_has_begun(cast: Cast, look: Look) -> None:
    sheet = Sheet(cast, [spec("send", fallback=spec("post")), spec("end")], cast.workflow.slug)
    run = sheet.run()
    sheet.began(run, "send", "failed", error="No line.")
    sheet.began(run, "post", "running")
    seen = look(cast.rita, f"/runs/{run.pk}/?step=post")
    assert (node(seen, "send").state, node(seen, "post").state) == ("fail", "now")
    assert "It takes the place of Send" in seen.text
    other = look(cast.rita, f"/runs/{sheet.run().pk}/")
    assert "post" not in {placed.node.key for placed in other.context["drawings"][0].nodes}


def test_what_is_undone_is_drawn_and_said(cast: Cast, look: Look) -> None:
    sheet = Sheet(cast, [spec("send", compensate=spec("recall")), spec("end")], cast.workflow.slug)
    run = sheet.run(ending="cancelled")
    held = sheet.began(run, "send")
    sheet.began(run, "recall", "running", undoes=held)
    seen = look(cast.rita, f"/runs/{run.pk}/")
    assert seen.context["standing"].said == "Being undone: Recall"
    assert (node(seen, "recall").state, node(seen, "end").under) == ("now", "not reached")
    assert "It undoes Send" in seen.text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"status": "paused"}, "Paused"),
        ({"ending": "cancelled"}, "Being cancelled"),
        ({"ending": "failed"}, "Failed, its last steps are ending"),
        ({"status": "accepted", "waits_turn": True}, "Waits for its turn"),
    ],
)
def test_it_says_when_a_run_is_held_or_ends(cast: Cast, look: Look, fields: dict[str, Any], said: str) -> None:
    sheet = Sheet(cast, [spec("send")], cast.workflow.slug)
    run = sheet.run(**fields)
    sheet.began(run, "send", "held")
    assert look(cast.rita, f"/runs/{run.pk}/").context["standing"].said == said
    assert said in look(cast.rita, "/runs/").text


def test_a_step_held_back_says_why(cast: Cast, look: Look) -> None:
    sheet = Sheet(cast, [spec("send")], cast.workflow.slug)
    run = sheet.run("paused")
    sheet.began(run, "send", "held")
    assert "Held back: the run is paused" in look(cast.rita, f"/runs/{run.pk}/").text


def test_a_restarted_run_says_whose_results_it_has(cast: Cast, look: Look) -> None:
    sheet = Sheet(cast, [spec("read"), spec("send")], cast.workflow.slug)
    first = sheet.run("failed", ended_at=now())
    read = sheet.began(first, "read")
    again = sheet.run(restarted_from=first)
    sheet.began(again, "read", shared_from=read)
    sheet.began(again, "send", "running")
    seen = look(cast.rita, f"/runs/{again.pk}/")
    assert f"Restarted from run {first.pk} at Send" in seen.text
    assert node(seen, "read").under == f"shared from run {first.pk}"


def test_how_far_a_step_has_come_is_drawn(cast: Cast, look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = Sheet(cast, [spec("send")], cast.workflow.slug)
    run = sheet.run()
    held = sheet.began(run, "send", "running")
    monkeypatch.setattr(progress, "read", lambda ids: {held.pk: progress.Progress(0.42, "page 3")} if ids else {})
    seen = look(cast.rita, f"/runs/{run.pk}/")
    assert node(seen, "send").under == "42%, page 3"
    assert node(seen, "send").bar == (("now", 0.42),)
