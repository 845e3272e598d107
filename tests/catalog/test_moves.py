"""Models are let in by two people, stopped by one, and signed again when something changes that decides."""

from datetime import timedelta
from decimal import Decimal
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from audit import proposals
from audit.actors import person
from audit.models import Event, User
from audit.moves import IllegalMove
from audit.reading import told
from orchestration import catalog, waived
from orchestration.catalog import CannotChange, NotAllowed
from orchestration.models import Model, StepRun
from tests import clock
from tests.cast import Cast, carry_out_all
from tests.catalog.conftest import signed
from tests.fakes import FakeModels

pytestmark = pytest.mark.django_db


def change(row: Model, by: User, **wanted: Any) -> Model:
    row.refresh_from_db()
    return catalog.change(row.pk, wanted, by=by, seen=catalog.state_of(row))


def off(name: str) -> bool:
    catalog.forget()
    catalog.look()
    return catalog.is_off("model", name)


def sentences(row: Model) -> list[str]:
    events = Event.objects.filter(object_type="model", object_id=str(row.pk)).order_by("id")
    return [told.plain(event) for event in events]


def test_the_story_of_a_model(cast: Cast, ada: User) -> None:
    row = catalog.add("house/large", {"ceiling": "personal", "region": "eu"}, by=cast.adam)
    assert (row.status, off("house/large")) == ("proposed", True)
    until = waived.today() + timedelta(days=30)
    proposal = catalog.approve_until(row.pk, until, by=cast.adam)
    with pytest.raises(proposals.OwnProposal):
        proposals.countersign(proposal.pk, by=cast.adam, shown_hash=proposal.content_hash)
    proposals.countersign(proposal.pk, by=ada, shown_hash=proposal.content_hash)
    row.refresh_from_db()
    assert (row.status, row.approved_by, row.approved_until, off("house/large")) == ("approved", ada, until, False)
    catalog.suspend(row, actor=person(cast.adam), why="It answers in riddles.")
    assert off("house/large")
    catalog.resume(row, actor=person(cast.adam))
    assert not off("house/large")
    change(row, cast.adam, ceiling="special")
    row.refresh_from_db()
    assert (row.status, row.approved_by, row.approved_until, off("house/large")) == ("proposed", None, None, True)
    catalog.retire(row, actor=person(cast.adam))
    assert sentences(row) == [
        "Adam Novak proposed the model house/large",
        "Ada Lind let steps use the model house/large",
        "Adam Novak suspended the model house/large: It answers in riddles.",
        "Adam Novak let steps use the suspended model house/large again",
        "Adam Novak changed what is said of the model house/large",
        "The model house/large must be signed again: Adam Novak changed it",
        "Adam Novak retired the model house/large",
    ]


def test_who_changed_it_last_does_not_sign_it(cast: Cast, ada: User) -> None:
    row = catalog.add("house/large", {}, by=cast.adam)
    proposal = catalog.approve_until(row.pk, None, by=ada)
    with pytest.raises(proposals.Barred):
        proposals.countersign(proposal.pk, by=cast.adam, shown_hash=proposal.content_hash)


@pytest.mark.parametrize("who", ["mina", "rita", "noah"])
def test_only_admins_propose_sign_and_change(cast: Cast, ada: User, large: Model, who: str) -> None:
    other = getattr(cast, who)
    proposal = catalog.approve_until(large.pk, None, by=cast.adam)
    with pytest.raises(proposals.NotAllowed):
        proposals.countersign(proposal.pk, by=other, shown_hash=proposal.content_hash)
    for act in (
        lambda: catalog.add("house/small", {}, by=other),
        lambda: change(large, other, tags=["cheap"]),
        lambda: catalog.approve_until(large.pk, None, by=other),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_an_admin_who_was_disabled_meanwhile_signs_nothing(cast: Cast, ada: User) -> None:
    proposal = catalog.approve_until(catalog.add("house/large", {}, by=cast.adam).pk, None, by=cast.adam)
    assert ada.has_perm("audit.change_choices")
    User.objects.filter(pk=ada.pk).update(is_active=False)
    with pytest.raises(proposals.NotAllowed):
        proposals.countersign(proposal.pk, by=ada, shown_hash=proposal.content_hash)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ceiling", "special"),
        ("region", "us"),
        ("tiers", ["limited", "high"]),
        ("route", "openai/larger"),
        ("secret", "env:ANOTHER_KEY"),
        ("endpoint", "https://203.0.113.9/v1"),
        ("capabilities", ["tools"]),
        ("languages", ["de"]),
        ("context", 8000),
        ("most_output", 500),
        ("retention_days", 30),
    ],
)
def test_what_decides_is_signed_again(
    cast: Cast, large: Model, name: str, value: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestration.addresses.is_inside", lambda address: False)
    change(large, cast.adam, **{name: value})
    large.refresh_from_db()
    assert (large.status, large.approved_hash, off("house/large")) == ("proposed", "", True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("price_in", Decimal("2.5")),
        ("quality", Decimal("0.9")),
        ("tags", ["cheap"]),
        ("title", "Large"),
        ("requests_per_minute", 60),
        ("calls_at_once", 4),
        ("month_budget", Decimal(200)),
    ],
)
def test_what_does_not_decide_changes_at_once_and_is_on_record(cast: Cast, large: Model, name: str, value: Any) -> None:
    change(large, cast.adam, **{name: value})
    large.refresh_from_db()
    assert (large.status, getattr(large, name), large.stands_as_signed) == ("approved", value, True)
    (event,) = Event.objects.filter(kind="model.changed")
    assert set(event.data["now"]) == {name}
    assert event.data["was"][name] != event.data["now"][name]


def test_what_was_changed_after_it_was_proposed_is_not_signed(cast: Cast, ada: User) -> None:
    row = catalog.add("house/large", {"ceiling": "internal"}, by=cast.adam)
    proposal = catalog.approve_until(row.pk, None, by=cast.adam)
    change(row, cast.adam, ceiling="special")
    with pytest.raises(proposals.Stale) as stale:
        proposals.countersign(proposal.pk, by=ada, shown_hash=proposal.content_hash)
    assert ("May be given, at the most", "Internal", "Special categories") in stale.value.changed


def test_a_change_of_what_somebody_else_changed_meanwhile_is_refused(cast: Cast, ada: User, large: Model) -> None:
    seen = catalog.state_of(large)
    change(large, ada, tags=["dear"])
    with pytest.raises(catalog.ChangedMeanwhile):
        catalog.change(large.pk, {"tags": ["cheap"]}, by=cast.adam, seen=seen)
    large.refresh_from_db()
    assert large.tags == ["dear"]


def test_it_is_off_when_its_time_is_over_and_may_be_signed_for_longer(cast: Cast, ada: User, large: Model) -> None:
    signed(large, by=cast.adam, second=ada, until=waived.today() + timedelta(days=1))
    assert (large.status, off("house/large")) == ("approved", False)
    clock.jump(3 * 86400)
    assert off("house/large")
    assert catalog.told_off("model", "house/large") == "The model house/large is approved no longer: its time is over."
    assert large.why_not(waived.today()) == "ended"
    signed(large, by=cast.adam, second=ada, until=waived.today() + timedelta(days=30))
    assert not off("house/large")
    assert Event.objects.filter(kind="model.renewed").count() == 2


def test_a_suspended_model_goes_on_only_as_it_was_signed(cast: Cast, large: Model) -> None:
    catalog.suspend(large, actor=person(cast.adam))
    Model.objects.filter(pk=large.pk).update(ceiling="special")  # somebody at the database
    with pytest.raises(CannotChange, match="not what was signed"):
        catalog.resume(large, actor=person(cast.adam))
    Model.objects.filter(pk=large.pk).update(ceiling="personal", approved_until=waived.today() - timedelta(days=1))
    with pytest.raises(CannotChange, match="has ended"):
        catalog.resume(large, actor=person(cast.adam))


def test_a_suspended_model_that_is_changed_is_proposed(cast: Cast, large: Model) -> None:
    catalog.suspend(large, actor=person(cast.adam))
    assert change(large, cast.adam, region="us").status == "proposed"


def test_the_moves_that_there_are(cast: Cast, large: Model) -> None:
    with pytest.raises(IllegalMove):
        catalog.resume(large, actor=person(cast.adam))
    catalog.retire(large, actor=person(cast.adam))
    for act in (catalog.suspend, catalog.retire, catalog.resume):
        with pytest.raises(IllegalMove):
            act(large, actor=person(cast.adam))
    catalog.approve_until(large.pk, None, by=cast.adam)
    large.refresh_from_db()
    assert large.status == "proposed"


def test_a_day_that_has_passed_is_refused(cast: Cast, large: Model) -> None:
    with pytest.raises(CannotChange, match="has passed"):
        catalog.approve_until(large.pk, waived.today() - timedelta(days=1), by=cast.adam)


def test_a_day_that_passes_before_the_signature_is_not_signed(cast: Cast, ada: User) -> None:
    row = catalog.add("house/large", {}, by=cast.adam)
    proposal = catalog.approve_until(row.pk, waived.today(), by=cast.adam)
    clock.jump(2 * 86400)
    with pytest.raises(proposals.CannotCarryOut):
        proposals.countersign(proposal.pk, by=ada, shown_hash=proposal.content_hash)
    row.refresh_from_db()
    assert row.status == "proposed"


@pytest.mark.parametrize("why", ["proposed", "suspended", "retired"])
def test_a_model_that_is_not_approved_is_not_asked_and_the_step_says_why(
    cast: Cast, models: FakeModels, why: str
) -> None:
    catalog.bring_in_line(actor=person(cast.adam))
    row = Model.objects.get(name="handrail/scripted")
    if why == "proposed":
        catalog.change(row.pk, {"ceiling": "internal"}, by=cast.adam, seen=catalog.state_of(row))
    else:
        getattr(catalog, "suspend" if why == "suspended" else "retire")(row, actor=person(cast.adam))
    catalog.forget()
    run = cast.start()
    carry_out_all()
    draft = StepRun.objects.get(run=run, step__key="draft")
    assert (draft.status, draft.awaits) == ("waiting", "outcome")
    told = "No model may do this. handrail/scripted: nobody has approved it."
    assert (draft.question or {})["unknown"] == told
    assert models.scripted.calls == 0


def test_what_is_built_in_stays_what_its_code_says(cast: Cast) -> None:
    catalog.bring_in_line(actor=person(cast.adam))
    row = Model.objects.get(name="handrail/intent")
    with pytest.raises(CannotChange, match="what its code says"):
        change(row, cast.adam, endpoint="https://203.0.113.9/v1")


def test_two_models_of_one_name_there_are_not(cast: Cast, large: Model) -> None:
    with pytest.raises(CannotChange, match="already"):
        catalog.add("house/large", {}, by=cast.adam)


def test_what_was_in_the_catalog_before_is_approved_as_it_stood(cast: Cast) -> None:
    Model.objects.all().delete()
    for name in ("handrail/intent", "openai/gpt-x"):
        Model.objects.create(name=name, title=name, status="approved")
    migration = import_module("orchestration.migrations.0013_models")
    migration.as_it_stood(apps, SimpleNamespace(connection=connection))
    rows = {row.name: row for row in Model.objects.all()}
    assert {name: (row.ceiling, row.region) for name, row in rows.items()} == {
        "handrail/intent": ("special", "own"),
        "openai/gpt-x": ("personal", ""),
    }
    assert all(row.stands_as_signed and not row.why_not(waived.today()) for row in rows.values())
