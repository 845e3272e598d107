"""A test of a model: asked for on a page, made by a worker, and shown with how long it took and what it cost."""

from decimal import Decimal
from typing import Any

import pytest

from audit.actors import person
from audit.models import Event, User
from orchestration import catalog, jobs, queue
from orchestration.catalog import CannotChange, NotAllowed, beside, testing
from orchestration.models import Model, ModelTest
from tests import clock
from tests.cast import Cast
from tests.catalog.conftest import signed
from tests.fakes import FakeModels
from tests.loopback import Provider

pytestmark = pytest.mark.django_db


def near(farm: Provider, **more: Any) -> dict[str, Any]:
    """What is said of a model of that farm."""
    return {"route": "openai/triage", "endpoint": f"http://127.0.0.1:{farm.port}/v1", "private_endpoint": True, **more}


def come_of(row: Model, by: User) -> ModelTest:
    """Ask, and let a worker do what its bell says."""
    test = testing.ask(row, by=by)
    jobs.try_model(test.pk)
    test.refresh_from_db()
    return test


def test_it_makes_one_call_and_tells_what_it_took(cast: Cast, farm: Provider) -> None:
    prices = {"price_in": Decimal("2.5"), "price_out": Decimal(10)}
    row = catalog.add("house/large", near(farm, **prices), by=cast.adam)
    test = come_of(row, cast.adam)
    assert (test.status, test.error, test.tokens_in, test.tokens_out) == ("done", "", 40, 20)
    assert test.cost == Decimal("0.0003")
    assert test.milliseconds is not None
    assert test.ended_at is not None
    assert farm.asked == ["triage"]
    events = list(Event.objects.filter(object_type="modeltest").order_by("id").values_list("kind", flat=True))
    assert events == ["modeltest.asked", "modeltest.done"]
    assert Model.objects.get(pk=row.pk).status == "proposed"


def test_a_call_that_fails_is_told_in_a_sentence(cast: Cast, farm: Provider) -> None:
    farm.status, farm.body = 429, b"{}"
    test = come_of(catalog.add("house/large", near(farm), by=cast.adam), cast.adam)
    assert (test.status, test.error) == ("failed", "house/large: The provider is busy (429).")


def test_a_missing_key_is_told_and_nobody_is_called(cast: Cast, ada: User, farm: Provider) -> None:
    row = catalog.add("house/large", near(farm, secret="env:A_KEY_OF_TESTS"), by=cast.adam)
    signed(row, by=cast.adam, second=ada)
    test = come_of(row, cast.adam)
    assert (test.status, test.error) == ("failed", "A_KEY_OF_TESTS is not in the environment.")
    assert farm.asked == []


def test_no_key_goes_to_an_address_that_nobody_has_signed(cast: Cast, ada: User, farm: Provider) -> None:
    row = catalog.add("house/large", near(farm, secret="env:A_KEY_OF_TESTS"), by=cast.adam)
    with pytest.raises(CannotChange, match="nobody has signed"):
        testing.ask(row, by=cast.adam)
    signed(row, by=cast.adam, second=ada)
    test = testing.ask(row, by=cast.adam)
    catalog.change(row.pk, {"endpoint": "http://127.0.0.1:9/v1"}, by=cast.adam, seen=catalog.state_of(row))
    jobs.try_model(test.pk)
    test.refresh_from_db()
    assert (test.status, farm.asked) == ("failed", [])


def test_a_built_in_model_is_tested_too(cast: Cast, models: FakeModels) -> None:
    catalog.bring_in_line(actor=person(cast.adam))
    test = come_of(Model.objects.get(name="handrail/intent"), cast.adam)
    assert (test.status, models.intent.calls) == ("done", 1)


def test_a_busy_worker_makes_it_beside_its_steps(cast: Cast, farm: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "LOOK", 0.0)
    test = testing.ask(catalog.add("house/large", near(farm), by=cast.adam), by=cast.adam)
    cast.start()
    jobs.advance()
    test.refresh_from_db()
    assert test.status == "done"


def test_one_at_a_time(cast: Cast, farm: Provider) -> None:
    row = catalog.add("house/large", near(farm), by=cast.adam)
    testing.ask(row, by=cast.adam)
    with pytest.raises(CannotChange, match="under way"):
        testing.ask(row, by=cast.adam)


def test_a_retired_model_is_not_called(cast: Cast, farm: Provider) -> None:
    row = catalog.add("house/large", near(farm), by=cast.adam)
    catalog.retire(row, actor=person(cast.adam))
    with pytest.raises(CannotChange, match="retired"):
        testing.ask(row, by=cast.adam)


def test_only_admins_ask(cast: Cast, farm: Provider) -> None:
    row = catalog.add("house/large", near(farm), by=cast.adam)
    with pytest.raises(NotAllowed):
        testing.ask(row, by=cast.mina)


def test_a_lost_bell_is_rung_again_and_a_test_that_nobody_takes_ends(
    cast: Cast, farm: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[int] = []
    monkeypatch.setattr(queue, "ring_for_test", rung.append)
    test = testing.ask(catalog.add("house/large", near(farm), by=cast.adam), by=cast.adam)
    clock.jump(10)
    assert testing.sweep() == 0
    assert rung == [test.pk, test.pk]
    clock.jump(120)
    assert testing.sweep() == 1
    test.refresh_from_db()
    assert (test.status, test.error) == ("failed", "No worker took this up in two minutes. Is one running?")


def test_a_test_whose_worker_died_ends(cast: Cast, farm: Provider) -> None:
    test = testing.ask(catalog.add("house/large", near(farm), by=cast.adam), by=cast.adam)
    taken = testing.take()
    assert taken == test
    clock.jump(100)
    testing.sweep()
    assert taken is not None
    testing._end_once(taken, testing.Came("", 5, 1, 1))  # it comes back late
    test.refresh_from_db()
    assert (test.status, test.error) == ("failed", "The worker that made this call was lost.")
