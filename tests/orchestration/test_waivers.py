"""Waivers: a second person signs the reason and the last day, and after that day no run starts."""

from collections.abc import Callable
from copy import deepcopy
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit import acts, proposals
from audit.actors import person
from audit.models import Event, Proposal, User
from audit.reading import told
from orchestration import control, waived, waivers, workflows
from orchestration.documents import BadDocument
from orchestration.models import Run, StepRun, Version, WaiverSignature, Workflow
from orchestration.starts import CannotStart
from tests import clock, signing
from tests.agents.drawn import agent
from tests.cast import Cast
from tests.flow.drawn import begin, carry_on, publish, step
from tests.pages.conftest import look  # noqa: F401

pytestmark = pytest.mark.django_db
WHY = "The letter is read by a person later."
DAY = 24 * 3600


@pytest.fixture
def olga(cast: Cast) -> User:
    return signing.olga(cast)


def last_day(days: int = 5) -> date:
    return waived.today() + timedelta(days=days)


def said(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def draw(cast: Cast, until: date | None = None, why: str = WHY, **more: Any) -> Workflow:
    waiver = {"reason": why, "until": (until or last_day()).isoformat()}
    groups = {"see": ["reviewer", "admin"], "start": ["admin"], "decide": ["reviewer"], "manage": ["admin", "owner"]}
    return publish(cast, step("first", review={"waiver": waiver}), step("end"), groups=groups, **more)


def sign(proposal: Proposal, by: User) -> Proposal:
    return proposals.countersign(proposal.pk, by=by, shown_hash=proposal.content_hash)


def test_adam_asks_and_olga_signs(cast: Cast, olga: User) -> None:
    workflow, until = draw(cast), last_day()
    proposal = waivers.ask(workflow, "first", WHY, until, by=cast.adam)
    content_hash = waived.Waiver(WHY, until).content_hash
    assert waivers.signed(workflow.pk, [content_hash]) == {}
    sign(proposal, olga)
    signature = waivers.signed(workflow.pk, [content_hash])["first", content_hash]
    assert (signature.signed_by, signature.until, signature.reason) == (olga, until, WHY)
    events = Event.objects.filter(workflow_id=workflow.pk).order_by("-id")[:3]
    assert [told.plain(event) for event in events] == [
        f"No review at First of Drawn until {until}, signed by Olga Brandt: {WHY}",
        f"Olga Brandt signed what Adam Novak proposed, No review at First of Drawn until {said(until)}",
        f"Adam Novak asked for a second signature: No review at First of Drawn until {said(until)}",
    ]


def test_a_waiver_of_an_agents_calls_is_signed_by_itself(cast: Cast, olga: User) -> None:
    until = last_day()
    waiver = {"waiver": {"reason": WHY, "until": until.isoformat()}}
    groups = {"see": ["reviewer", "admin"], "start": ["admin"], "decide": ["reviewer"], "manage": ["admin", "owner"]}
    workflow = publish(cast, agent(review=deepcopy(waiver), call_review=deepcopy(waiver)), groups=groups)
    proposal = waivers.ask(workflow, "ask-calls", WHY, until, by=cast.adam)
    assert dict(proposal.facts)["Step"] == "Calls of Ask"
    sign(proposal, olga)
    content_hash = waived.Waiver(WHY, until).content_hash
    assert [step for step, _ in waivers.signed(workflow.pk, [content_hash])] == ["ask-calls"]
    assert [(one.step_key, one.step) for one in waivers.ending(cast.adam)] == [("ask-calls", "Ask")]  # type: ignore[attr-defined]
    assert acts.get(waivers.ACT).address(proposal) == "/workflows/drawn/?step=ask"


def test_it_is_told_in_facts_what_is_signed(cast: Cast, olga: User) -> None:
    workflow, until = draw(cast), last_day()
    proposal = waivers.ask(workflow, "first", WHY, until, by=cast.adam)
    assert dict(proposal.facts) == {
        "Workflow": "Drawn",
        "Step": "First",
        "Why no review": WHY,
        "Last day": said(until),
    }
    assert acts.get(waivers.ACT).address(proposal) == "/workflows/drawn/?step=first"


def test_the_last_editor_does_not_sign(cast: Cast, olga: User) -> None:
    proposal = waivers.ask(draw(cast), "first", WHY, last_day(), by=olga)
    assert not acts.to_sign(cast.adam).exists()
    with pytest.raises(proposals.Barred):
        sign(proposal, cast.adam)
    otto = signing.olga(cast, "otto")
    assert list(acts.to_sign(otto)) == [proposal]
    sign(proposal, otto)


def test_only_those_who_manage_it_ask_and_sign(cast: Cast, olga: User) -> None:
    workflow = draw(cast)
    with pytest.raises(proposals.NotAllowed):
        waivers.ask(workflow, "first", WHY, last_day(), by=cast.rita)
    proposal = waivers.ask(workflow, "first", WHY, last_day(), by=cast.adam)
    for other in (cast.rita, cast.mina, cast.noah):
        with pytest.raises(proposals.NotAllowed):
            sign(proposal, other)


@pytest.mark.parametrize(
    ("step_key", "why", "days"),
    [("first", "Another reason altogether.", 5), ("first", WHY, 6), ("end", WHY, 5), ("nowhere", WHY, 5)],
)
def test_what_does_not_stand_there_cannot_be_asked(cast: Cast, step_key: str, why: str, days: int) -> None:
    with pytest.raises(proposals.CannotPropose, match="holds no such waiver"):
        waivers.ask(draw(cast), step_key, why, last_day(days), by=cast.adam)


def test_a_day_that_has_passed_cannot_be_asked(cast: Cast) -> None:
    yesterday = last_day(-1)
    with pytest.raises(proposals.CannotPropose, match="has passed already"):
        waivers.ask(draw(cast, yesterday), "first", WHY, yesterday, by=cast.adam)


def test_what_is_signed_is_not_asked_again(cast: Cast, olga: User) -> None:
    workflow = draw(cast)
    sign(waivers.ask(workflow, "first", WHY, last_day(), by=cast.adam), olga)
    with pytest.raises(proposals.CannotPropose, match="signed already"):
        waivers.ask(workflow, "first", WHY, last_day(), by=cast.adam)


def test_a_waiver_that_was_edited_meanwhile_is_not_signed(cast: Cast, olga: User) -> None:
    proposal = waivers.ask(draw(cast), "first", WHY, last_day(), by=cast.adam)
    draw(cast, last_day(300))
    with pytest.raises(proposals.Stale) as raised:
        sign(proposal, olga)
    assert ("Last day", said(last_day()), said(last_day(300))) in raised.value.changed
    Version.objects.filter(pk=Version.objects.latest("pk").pk).update(
        document={}, source="["
    )  # a draft that cannot be read
    with pytest.raises(proposals.Stale, match="not there any more"):
        sign(proposal, olga)
    assert not WaiverSignature.objects.exists()


def test_it_is_not_signed_after_its_last_day(cast: Cast, olga: User) -> None:
    proposal = waivers.ask(draw(cast), "first", WHY, last_day(), by=cast.adam)
    clock.jump(6 * DAY)
    with pytest.raises(proposals.CannotCarryOut):
        sign(proposal, olga)


def test_a_run_starts_until_the_last_day_is_over(cast: Cast) -> None:
    workflow = draw(cast)
    clock.jump(5 * DAY)
    assert not waivers.expired(_current(workflow))
    begin(cast, workflow)
    clock.jump(DAY)
    assert [ended.step for ended in waivers.expired(_current(workflow))] == ["First"]
    with pytest.raises(CannotStart, match=r"has ended: First \(until"):
        begin(cast, workflow)
    assert Run.objects.count() == 1


def test_the_form_says_so(cast: Cast) -> None:
    workflow, client = draw(cast), Client()
    clock.jump(6 * DAY)
    client.force_login(cast.adam)
    for answer in (client.get("/workflows/drawn/start/"), client.post("/workflows/drawn/start/")):
        assert "has ended: First" in answer.content.decode()
    assert answer.status_code == 409
    assert not workflow.runs.exists()


def test_a_restart_is_a_new_run_too(cast: Cast) -> None:
    run = carry_on(begin(cast, draw(cast)))
    clock.jump(6 * DAY)
    with pytest.raises(CannotStart):
        control.restart(Run.objects.get(pk=run.pk), "first", actor=person(cast.adam), started_by=cast.adam)


def test_a_run_inside_a_run_is_one_too(cast: Cast) -> None:
    draw(cast, slug="inner")
    outer = publish(cast, step("call", "workflow", workflow="inner", input={}), slug="outer")
    run = begin(cast, outer)
    clock.jump(6 * DAY)
    assert carry_on(run).status == "failed"
    assert "has ended: First" in StepRun.objects.get(run=run).error


def test_a_start_asks_the_database_nothing_more(cast: Cast) -> None:
    def queries(workflow: Workflow) -> int:
        begin(cast, workflow)
        with CaptureQueriesContext(connection) as asked:
            begin(cast, workflow)
        return len(asked)

    assert queries(draw(cast)) == queries(publish(cast, step("first"), step("end"), slug="plain"))


def test_home_and_the_engine_tell_of_those_that_end(cast: Cast, olga: User, look: Callable[..., Any]) -> None:  # noqa: F811
    soon, later = draw(cast), draw(cast, last_day(30), slug="later")
    sign(waivers.ask(soon, "first", WHY, last_day(), by=cast.adam), olga)
    sign(waivers.ask(later, "first", WHY, last_day(30), by=cast.adam), olga)
    assert [one.workflow for one in waivers.ending(cast.adam)] == [soon]
    assert "The waiver of First ends" in look(cast.adam, "/").text
    assert "First: after that day no new run starts." in look(cast.adam, "/engine/").text
    assert "The waiver" not in look(cast.rita, "/").text
    clock.jump(6 * DAY)
    assert "The waiver of First has ended" in look(cast.adam, "/").text
    assert "it has ended, so no new run starts" in look(cast.adam, "/engine/").text
    draw(cast, last_day(40))
    assert waivers.ending(User.objects.get(pk=cast.adam.pk)) == []


@pytest.mark.parametrize(
    "waiver", [{"reason": WHY}, {"reason": WHY, "until": "soon"}, {"reason": "No.", "until": "2027-01-31"}, 5]
)
def test_a_waiver_that_cannot_be_read_is_refused(cast: Cast, waiver: object) -> None:
    with pytest.raises(BadDocument, match="waiver"):
        publish(cast, step("first", review={"waiver": waiver}))


def test_one_without_an_end_still_stands_in_old_versions(cast: Cast) -> None:
    workflow = publish(cast, step("first"))
    assert not waivers.expired(_current(workflow))
    assert workflows.publish(_current(workflow).source, actor=person(cast.adam), by=cast.adam).number == 1


def _current(workflow: Workflow) -> Version:
    return Version.objects.get(pk=workflow.versions.latest("number").pk)
