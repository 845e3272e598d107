"""What is written: inside a transaction, in one canonical form, with text that can be kept."""

import hashlib
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from audit.actors import CLOCK, person
from audit.canonical import NotCanonical, canonical, digest
from audit.ledger import SMALL, NotInTransaction, record
from audit.models import Event, Exhibit, Pending
from tests.cast import Cast


@pytest.mark.django_db(transaction=True)
def test_it_refuses_to_record_outside_a_transaction() -> None:
    with pytest.raises(NotInTransaction):
        record("ledger.guarded", "ledger", actor=CLOCK)
    assert not Event.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_entry_goes_with_the_act_that_it_tells_of() -> None:
    with transaction.atomic():
        record("ledger.guarded", "ledger", actor=CLOCK)
        transaction.set_rollback(True)
    assert not Event.objects.exists()
    assert not Pending.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**53 + 1, -(2**53) - 1, Decimal("1.5"), object()])
def test_it_refuses_what_has_no_canonical_form(value: Any) -> None:
    with pytest.raises(NotCanonical), transaction.atomic():
        record("ledger.guarded", "ledger", actor=CLOCK, body={"value": value})
    assert not Event.objects.exists()


@pytest.mark.django_db
def test_it_cleans_text_that_cannot_be_kept_and_says_so() -> None:
    record("ledger.guarded", "ledger", actor=CLOCK, body={"a": "x\x00y", "b": ["\ud800"]}, personal={"c": "fine"})
    event = Event.objects.get()
    assert event.data == {"a": "x\N{REPLACEMENT CHARACTER}y", "b": ["\N{REPLACEMENT CHARACTER}"], "cleaned": True}
    assert event.about == {"c": "fine"}


@pytest.mark.django_db
def test_the_body_is_canonical_and_hashed() -> None:
    record("ledger.guarded", "ledger", actor=CLOCK, body={"b": 1, "a": "é"})
    event = Event.objects.get()
    assert event.body == '{"a":"é","b":1}'
    assert event.body_hash == hashlib.sha256(event.body.encode()).hexdigest() == digest({"a": "é", "b": 1})


@pytest.mark.django_db
def test_names_stand_only_in_the_part_that_can_be_erased(cast: Cast) -> None:
    record("ledger.guarded", "ledger", actor=person(cast.rita), personal={"title": "Ines"})
    event = Event.objects.get(kind="ledger.guarded")
    salted = bytes(event.personal.salt) + event.personal.data.encode()
    assert event.about == {"actor": "Rita Bauer", "title": "Ines"}
    assert "Rita" not in event.body
    assert event.personal_hash == hashlib.sha256(salted).hexdigest()


@pytest.mark.django_db
def test_a_large_exhibit_stands_in_its_own_table() -> None:
    text = "x" * (SMALL + 1)
    record("ledger.guarded", "ledger", actor=CLOCK, exhibits={"large": text, "small": "y"})
    event, exhibit = Event.objects.get(), Exhibit.objects.get()
    assert event.data["exhibits"] == {"large": exhibit.commitment}
    assert event.about["exhibits"] == {"small": "y"}
    assert exhibit.commitment == hashlib.sha256(bytes(exhibit.salt) + canonical(text)).hexdigest()
