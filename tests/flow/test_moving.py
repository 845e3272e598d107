"""Runs in flight go over to another version: what was done stays, what was approved holds for exactly that or is asked
again, and whoever cannot be moved is told why.
"""

from copy import deepcopy
from typing import Any

import pytest
from django.test import Client

from audit.actors import person
from audit.models import Event
from audit.reading import recheck
from orchestration import control, waking
from orchestration.models import Run, StepRun, Version, Workflow
from orchestration.moving import doing
from orchestration.moving.doing import Came, CannotMove
from orchestration.moving.judging import plan
from orchestration.moving.preview import Preview
from reviews import decisions
from reviews.models import Review
from reviews.states import ReviewStatus
from tests.cast import Cast, carry_out_all
from tests.flow.drawn import REVIEW, begin, carry_on, output, publish, start, statuses, step
from tests.flow.hands import approve, take_one

pytestmark = pytest.mark.django_db


def asked(key: str, **more: Any) -> dict[str, Any]:
    """A step that somebody approves before it acts."""
    return step(key, review=deepcopy(REVIEW), **more)


def other(key: str, word: str = "another", **more: Any) -> dict[str, Any]:
    """The step of that key, saying something else."""
    return step(key, input={"word": f"'{word}'"}, **more)


def waiting(cast: Cast, *steps: dict[str, Any], **more: Any) -> Run:
    """A run carried as far as it goes without a person."""
    run = start(cast, *steps, **more)
    carry_out_all()
    return Run.objects.get(pk=run.pk)


def newer(cast: Cast, *steps: dict[str, Any], **more: Any) -> Version:
    """The next version of the same workflow."""
    workflow = publish(cast, *steps, **more)
    return Version.objects.select_related("workflow").get(workflow=workflow, status="published")


def look(run: Run, version: Version) -> Preview:
    """What going there would come to."""
    rows = Run.objects.select_related("version__workflow", "workflow").filter(pk=run.pk)
    return plan(list(rows), version)[0]


def move(cast: Cast, run: Run, version: Version) -> Came:
    """Move it as it stands."""
    return doing.move_runs({run.pk: look(run, version).seen}, version, by=cast.adam, reason="A better text.")[0]


def test_an_unchanged_question_carries_over_and_the_rest_is_new(cast: Cast) -> None:
    run = waiting(cast, step("a"), asked("b"), step("c"))
    version = newer(cast, step("a"), asked("b", purpose="Said better."), other("c"), step("d"))
    review = Review.objects.get(run=run)
    found = look(run, version)
    assert (found.refused, found.carries, found.stale) == ([], ["b"], [])
    assert any("C will be carried out as version 2 has it" in told for told in found.follows)
    assert any("D is new" in told for told in found.follows)
    assert move(cast, run, version).moved
    review.refresh_from_db()
    assert review.status == ReviewStatus.OPEN
    approve(cast, review)
    carry_out_all()
    assert statuses(run) == dict.fromkeys("abcd", "done")
    assert output(run, "c")["word"] == "another"
    assert Run.objects.get(pk=run.pk).version == version


def test_a_changed_question_is_withdrawn_and_asked_again(cast: Cast) -> None:
    run = waiting(cast, step("a"), asked("b"))
    old = Review.objects.get(run=run)
    version = newer(cast, step("a"), other("b", review=REVIEW))
    found = look(run, version)
    assert found.stale == ["b"]
    assert move(cast, run, version).told == "Moved; asked again: B."
    carry_out_all()
    old.refresh_from_db()
    new = Review.objects.exclude(pk=old.pk).get(run=run)
    assert (old.status, new.status) == (ReviewStatus.WITHDRAWN, ReviewStatus.OPEN)
    assert new.arguments == {"word": "another"}
    with pytest.raises(decisions.CannotDecide):
        approve(cast, old)
    approve(cast, new)
    carry_out_all()
    assert output(run, "b")["word"] == "another"


def test_an_approval_in_its_undo_window_carries_over_or_becomes_stale(cast: Cast) -> None:
    slow = {**REVIEW, "undo_seconds": 60}
    runs = [waiting(cast, step("a"), step("b", review=slow)) for _ in "12"]
    for run in runs:
        approve(cast, Review.objects.get(run=run))
    same = newer(cast, step("a"), step("b", review=slow, purpose="Said better."))
    assert move(cast, runs[0], same).moved
    assert look(runs[0], same).refused == ["The run is on version 2 already."]
    changed = newer(cast, step("a"), other("b", review=slow))
    assert move(cast, runs[1], changed).told == "Moved; asked again: B."
    carry_on(runs[0], jumps=1)
    carry_out_all()
    assert output(runs[0], "b")["word"] == "b"
    old, new = Review.objects.filter(run=runs[1]).order_by("pk")
    assert (old.status, new.status) == (ReviewStatus.APPROVED, ReviewStatus.OPEN)
    with pytest.raises(decisions.CannotDecide):
        decisions.undo(old.pk, by=cast.rita)


def test_there_and_back_again(cast: Cast) -> None:
    run = waiting(cast, step("a"), asked("b"))
    first = run.version
    second = newer(cast, other("a"), other("b", review=REVIEW), step("c"))
    for version in (second, first, second):
        assert move(cast, Run.objects.get(pk=run.pk), version).moved
        carry_out_all()
    assert Review.objects.filter(run=run).count() == 4
    approve(cast, Review.objects.open().get(run=run))
    carry_out_all()
    assert statuses(run) == dict.fromkeys("abc", "done")
    assert output(run, "a")["word"] == "a"


def test_a_step_that_is_gone_keeps_what_it_did(cast: Cast) -> None:
    run = waiting(cast, step("a"), asked("b"), step("c"), step("d"))
    version = newer(cast, asked("b"), step("d"))
    found = look(run, version)
    assert any("A is over and stays on record" in told for told in found.stays)
    assert any("C will not be carried out" in told for told in found.follows)
    assert move(cast, run, version).moved
    approve(cast, Review.objects.get(run=run))
    carry_out_all()
    assert statuses(run) == dict.fromkeys("abd", "done")
    assert Run.objects.get(pk=run.pk).status == "done"


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ([step("a")], "B is under way, and version 2 has no such step."),
        ([asked("b"), step("a")], "In version 2 A comes after B, and it has begun already."),
        ([step("a"), step("b", "wait", for_seconds="60")], "B has begun, and is of another kind"),
        (
            [step("a"), step("n"), asked("b"), other("c", word="x") | {"input": {"word": "steps.n.word"}}],
            "C reads what N",
        ),
    ],
)
def test_what_makes_a_move_impossible(cast: Cast, steps: list[dict[str, Any]], told: str) -> None:
    run = waiting(cast, step("a"), asked("b"))
    version = newer(cast, *steps)
    found = look(run, version)
    assert [one for one in found.refused if told in one], found.refused
    came = move(cast, run, version)
    assert (came.moved, Run.objects.get(pk=run.pk).version_id) == (False, run.version_id)


def test_what_is_in_flight_is_not_moved(cast: Cast) -> None:
    run = start(cast, step("a"), step("b"))
    take_one()
    version = newer(cast, step("a"), other("b"))
    assert look(run, version).refused == ["A is being carried out at this moment."]
    assert not move(cast, run, version).moved


def test_an_input_that_no_longer_fits_keeps_it_where_it_is(cast: Cast) -> None:
    run = waiting(cast, asked("a"))
    schema = {"type": "object", "required": ["who"], "properties": {"who": {"type": "string"}}}
    found = look(run, newer(cast, asked("a"), input=schema))
    assert "does not fit version 2" in found.refused[0]


def test_what_a_gate_released_must_stay_what_it_was(cast: Cast) -> None:
    gate = step("gate", "person", input={}, releases=["c"], review=deepcopy(REVIEW))
    run = waiting(cast, gate, asked("b"), step("c"))
    approve(cast, Review.objects.get(run=run))
    carry_out_all()
    changed = newer(cast, gate, asked("b"), other("c"))
    assert "it would not be what was released" in look(run, changed).refused[0]
    same = newer(cast, gate, asked("b"), step("c", name="Said better"))
    assert look(run, same).carries == ["b", "gate"]
    assert move(cast, run, same).moved
    approve(cast, Review.objects.open().get(run=run))
    carry_out_all()
    assert statuses(run) == {"gate": "done", "b": "done", "c": "done"}


def test_a_waiting_gate_is_asked_again_when_what_it_releases_is_another(cast: Cast) -> None:
    gate = step("gate", "person", input={}, releases=["c"], review=deepcopy(REVIEW))
    run = waiting(cast, gate, step("c"))
    assert look(run, newer(cast, gate, other("c"))).stale == ["gate"]


def test_inside_a_parallel_step_its_shape_must_stay(cast: Cast) -> None:
    def both(*left: dict[str, Any]) -> dict[str, Any]:
        branches = [{"name": "l", "steps": list(left)}, {"name": "r", "steps": [step("r")]}]
        return step("p", "parallel", join="all", branches=branches)

    run = waiting(cast, both(asked("x")), step("z"))
    grown = newer(cast, both(asked("x"), step("y")), step("z"))
    assert "what stands inside it is another" in look(run, grown).refused[0]
    same = newer(cast, both(other("x", review=REVIEW)), other("z"))
    assert move(cast, run, same).told == "Moved; asked again: X."
    carry_out_all()
    approve(cast, Review.objects.open().get(run=run))
    carry_out_all()
    assert statuses(run) == dict.fromkeys("pxrz", "done")


def test_items_of_a_map_are_asked_again_one_by_one(cast: Cast) -> None:
    def each(inner: dict[str, Any]) -> dict[str, Any]:
        return step("m", "map", over="[1, 2, 3]", steps=[step("i"), inner])

    run = waiting(cast, each(asked("x")), step("z"))
    assert Review.objects.open().filter(run=run).count() == 3
    version = newer(cast, each(other("x", review=REVIEW)), step("z"))
    assert move(cast, run, version).moved
    carry_out_all()
    assert Review.objects.filter(run=run, status=ReviewStatus.WITHDRAWN).count() == 3
    for review in Review.objects.open().filter(run=run):
        approve(cast, review)
    carry_out_all()
    assert Run.objects.get(pk=run.pk).status == "done"


def test_a_wait_begins_anew_where_it_is_another(cast: Cast) -> None:
    run = waiting(cast, step("w", "wait", for_seconds="3600"), step("b"))
    assert look(run, newer(cast, step("w", "wait", for_seconds="3600"), other("b"))).here == ["W goes on waiting."]
    version = newer(cast, step("w", "wait", for_seconds="60"), step("b"))
    assert move(cast, run, version).moved
    assert carry_on(run, jumps=1).status == "running"
    carry_out_all()
    waking.wake_due()
    carry_out_all()
    assert Run.objects.get(pk=run.pk).status == "done"


def test_a_paused_run_stays_paused(cast: Cast) -> None:
    run = waiting(cast, asked("a"))
    control.pause_run(run, actor=person(cast.adam))
    assert move(cast, run, newer(cast, other("a", review=REVIEW))).moved
    assert statuses(run) == {"a": "held"}
    control.release_run(run, actor=person(cast.adam))
    carry_out_all()
    assert Review.objects.open().get(run=run).arguments == {"word": "another"}


def test_a_run_that_moved_on_since_is_left_alone_and_nothing_is_done_twice(cast: Cast) -> None:
    run = waiting(cast, asked("a"), asked("b"))
    version = newer(cast, asked("a"), other("b", review=REVIEW))
    seen = {run.pk: look(run, version).seen}
    approve(cast, Review.objects.get(run=run))
    carry_out_all()
    (came,) = doing.move_runs(seen, version, by=cast.adam, reason="Why not.")
    assert "not stand any more as it was shown" in came.told
    seen = {run.pk: look(run, version).seen}
    first, second = (doing.move_runs(seen, version, by=cast.adam, reason="Why not.")[0] for _ in "12")
    assert (first.moved, second.moved) == (True, False)
    assert Event.objects.filter(kind="run.moved", run_id=run.pk).count() == 1


def test_only_its_owner_and_who_manages_it_move_runs_and_say_why(cast: Cast) -> None:
    run = waiting(cast, asked("a"))
    version = newer(cast, asked("a"), step("b"))
    seen = {run.pk: look(run, version).seen}
    for user in (cast.rita, cast.noah):
        with pytest.raises(CannotMove, match="may not"):
            doing.move_runs(seen, version, by=user, reason="Why not.")
    with pytest.raises(CannotMove, match="why"):
        doing.move_runs(seen, version, by=cast.adam, reason="  ")
    draft = Version.objects.create(workflow=version.workflow, source="")
    assert "A draft takes no runs" in look(run, draft).refused[0]


def test_it_is_told_in_the_record(cast: Cast) -> None:
    run = waiting(cast, asked("a"))
    version = newer(cast, other("a", review=REVIEW))
    move(cast, run, version)
    event = Event.objects.get(kind="run.moved")
    assert (event.data["was"], event.data["version"], event.data["stale"]) == (1, 2, ["a"])
    assert event.about["reason"] == "A better text."
    assert StepRun.objects.get(run=run).step.version == version


def test_a_moved_run_can_be_restarted_on_its_new_version(cast: Cast) -> None:
    run = waiting(cast, step("a"), step("g"), asked("b"))
    version = newer(cast, step("a"), asked("b"))
    move(cast, run, version)
    again = control.restart(Run.objects.get(pk=run.pk), "b", actor=person(cast.adam), started_by=cast.adam)
    carry_out_all()
    assert (again.version_id, statuses(again)) == (version.pk, {"a": "done", "b": "waiting"})


def test_the_page_shows_each_run_and_moves_those_chosen(cast: Cast, client: Client) -> None:
    first, second = (waiting(cast, asked("a")) for _ in "12")
    version = newer(cast, other("a", review=REVIEW))
    client.force_login(cast.adam)
    page = client.get(f"/workflows/drawn/move/?from=1&to={version.number}")
    assert page.status_code == 200
    assert "It is asked again" in page.content.decode()
    sent = {f"seen-{one.run.pk}": one.seen for one in page.context["previews"]}
    given = {"from": "1", "to": "2", "run": [str(first.pk)], "reason": "A better text.", **sent}
    told = client.post("/workflows/drawn/move/", given).content.decode()
    assert "Moved; asked again: A." in told
    assert [Run.objects.get(pk=run.pk).version_id for run in (first, second)] == [version.pk, second.version_id]
    assert client.post("/workflows/drawn/move/", given).status_code == 200
    assert client.post("/workflows/drawn/move/", {**given, "reason": ""}).status_code == 422
    assert client.post("/workflows/drawn/move/", {"from": "1", "to": "2"}).status_code == 422
    assert client.get("/workflows/drawn/move/?from=x&to=99").status_code == 404
    assert client.get("/workflows/drawn/move/?from=1&to=99").status_code == 404
    assert client.get(f"/runs/{first.pk}/").status_code == 200


def test_a_page_of_runs_costs_no_more_queries_than_one(
    cast: Cast, client: Client, django_assert_max_num_queries: Any
) -> None:
    workflow: Workflow = publish(cast, step("a"), asked("b"), step("c"))
    for _ in range(20):
        begin(cast, workflow)
    carry_out_all()
    version = newer(cast, step("a"), other("b", review=REVIEW), step("d"))
    rows = Run.objects.select_related("version__workflow", "workflow").filter(workflow=workflow)
    with django_assert_max_num_queries(12):
        assert len(plan(list(rows), version)) == 20


def test_the_ledger_verifies_afterwards(cast: Cast) -> None:
    run = waiting(cast, asked("a"))
    move(cast, run, newer(cast, other("a", review=REVIEW)))
    carry_out_all()
    for event in Event.objects.select_related("personal"):
        assert all(
            check.agrees is not False for check in recheck.checks(event, None, recheck.kept(event)) if check.stands
        )
