"""A call that has happened is undone by the tool that people name for that: once, by the same rules, and on record."""

import json
from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from audit.actors import person
from audit.models import Event, User
from orchestration import control, tools, undoing, undos
from orchestration.control import CannotControl
from orchestration.models import Run, StepRun
from orchestration.states import RunStatus
from reviews.models import Review
from tests import tools as calls
from tests.agents.drawn import ANSWER, agent, asks
from tests.cast import Cast
from tests.flow.drawn import REVIEW, begin, carry_on, publish, start, step
from tests.flow.hands import approve
from tests.loopback import Provider

pytestmark = pytest.mark.django_db

WITH = {"word": "'no ' + arguments.word", "id": "output.sum"}


@pytest.fixture(autouse=True)
def _undone_by(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls of `test.keyed` are undone by `test.unsafe`."""
    calls.forget()
    known = tools.TOOLS.load()
    monkeypatch.setitem(known, "test.keyed", replace(known["test.keyed"], undo="test.unsafe", undo_with=WITH))


def signed_in(user: User) -> Client:
    """Their browser."""
    client = Client()
    client.force_login(user)
    return client


def pay(key: str = "pay", **more: Any) -> dict[str, Any]:
    """A step that books a sum."""
    return step(key, tool="test.keyed", input={"word": f"'{key}'", "sum": "7"}, **more)


def made(run: Run, key: str = "pay") -> StepRun:
    """The call."""
    return StepRun.objects.select_related("step", "run").get(run=run, step__key=key, undoes=None)


def made_words() -> list[str]:
    """What was called, in its order."""
    return [str(one[1].get("word")) for one in calls.calls]


def test_a_call_of_a_run_that_has_ended_is_undone_once_and_on_record(cast: Cast) -> None:
    run = carry_on(start(cast, pay()))
    assert run.status == "done"
    undo = undoing.undo(made(run).pk, by=cast.adam, why="Paid twice.")
    assert carry_on(run).status == "done"
    undo.refresh_from_db()
    assert (undo.status, calls.calls[-1][1]) == ("done", {"word": "no pay", "id": 7})
    asked = Event.objects.get(kind="steprun.undo_asked")
    assert (asked.object_id, json.loads(asked.body)["tool"]) == (str(made(run).pk), "test.unsafe@1")
    with pytest.raises(CannotControl, match="Nothing is undone twice"):
        undoing.undo(made(run).pk, by=cast.adam, why="Again.")
    with pytest.raises(CannotControl, match="Nothing undoes this"):
        undoing.undo(undo.pk, by=cast.adam, why="Back.")
    with pytest.raises(IntegrityError), transaction.atomic():
        StepRun.objects.create(run=run, step=undo.step, workflow_id=run.workflow_id, frame=undo.frame)
    assert made_words() == ["pay", "no pay"]


def test_reviews_hold_for_what_undoes_as_for_any_call(cast: Cast) -> None:
    run = start(cast, pay(review=REVIEW))
    carry_on(run)
    approve(cast, Review.objects.get(), word="bay")
    assert carry_on(run).status == "done"
    undoing.undo(made(run).pk, by=cast.adam, why="Wrong.")
    carry_on(run)
    review = Review.objects.get(status="open")
    assert review.content == {"tool": "test.unsafe@1", "arguments": {"word": "no bay", "id": 7}}
    assert made_words() == ["bay"]
    approve(cast, review)
    carry_on(run)
    assert made_words() == ["bay", "no bay"]


def test_what_an_agent_did_is_undone_and_shown_as_such(cast: Cast, said: Provider) -> None:
    said.says = [asks(("test_keyed", {"word": "card", "sum": 3})), ANSWER]
    free = {"waiver": "Nothing here needs a person."}
    run = carry_on(start(cast, agent(call_review=free)))
    call = StepRun.objects.get(run=run, given__isnull=False)
    client = signed_in(cast.adam)
    talk = reverse("run", args=[run.pk], query={"step": "ask", "tab": "talk"})
    assert reverse("undo-call", args=[call.pk]) in client.get(talk).content.decode()
    undoing.undo(call.pk, by=cast.adam, why="No card was wanted.")
    assert carry_on(run).status == "done"
    assert calls.calls[-1][1] == {"word": "no card", "id": 3}
    shown = client.get(talk).content.decode()
    assert ("undone" in shown, reverse("undo-call", args=[call.pk]) in shown) == (True, False)


def test_a_run_that_is_cancelled_undoes_its_calls_backwards_where_its_workflow_says_so(cast: Cast) -> None:
    steps = [pay("one"), pay("two"), step("wait", "wait", for_seconds=3600)]
    run = carry_on(begin(cast, publish(cast, *steps, undo_calls=True)))
    undoing.undo(made(run, "one").pk, by=cast.adam, why="By hand, before.")
    run = carry_on(run)
    assert run.status == RunStatus.RUNNING
    control.cancel_run(run, actor=person(cast.adam), why="Enough.")
    assert carry_on(run).status == "cancelled"
    assert made_words() == ["one", "two", "no one", "no two"]


def test_else_what_was_done_stays_done(cast: Cast) -> None:
    run = carry_on(start(cast, pay("one"), step("wait", "wait", for_seconds=3600)))
    control.cancel_run(run, actor=person(cast.adam), why="Enough.")
    assert carry_on(run).status == "cancelled"
    assert made_words() == ["one"]


def test_arguments_that_cannot_be_worked_out_call_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    known = tools.TOOLS.load()
    monkeypatch.setitem(known, "test.keyed", replace(known["test.keyed"], undo_with={"id": "output.nothing"}))
    run = carry_on(start(cast, pay(), step("fail", input={"word": "input.none"}), undo_calls=True))
    undo = StepRun.objects.get(undoes__isnull=False)
    assert (run.status, undo.status, made_words()) == ("failed", "failed", ["pay"])
    assert "What would undo it cannot be worked out" in undo.error
    with pytest.raises(CannotControl):
        undoing.undo(made(run).pk, by=cast.adam, why="Try.")


def test_without_expressions_the_names_that_both_have_are_taken() -> None:
    tool = replace(tools.get("test.say"), schema={"type": "object", "properties": {"id": {}, "word": {}, "more": {}}})
    found = undos.arguments_for({}, tool, {"word": "card", "sum": 1}, {"id": 7})
    assert found == {"id": 7, "word": "card"}


def test_the_page_says_what_would_be_called_and_asks_why(cast: Cast) -> None:
    run = carry_on(start(cast, pay()))
    client, address = signed_in(cast.adam), reverse("undo-call", args=[made(run).pk])
    shown = client.get(address).content.decode()
    assert "test.unsafe is called." in shown
    assert client.post(address, {"why": " "}).status_code == 422
    assert calls.calls[1:] == []
    assert client.post(address, {"why": "Paid twice."}).status_code == 303
    carry_on(run)
    assert made_words() == ["pay", "no pay"]
    assert client.post(address, {"why": "Again."}).status_code == 409
    page = client.get(reverse("run", args=[run.pk], query={"step": "pay"})).content.decode()
    assert "What this call did was undone." in page
    assert signed_in(cast.rita).get(address).status_code == 403
