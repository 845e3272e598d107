"""What is written: inside a transaction, in one canonical form, with text that can be kept."""

import hashlib
from decimal import Decimal
from typing import Any

import pytest
import rfc8785
from django.db import transaction
from django.db.models import TextChoices
from hypothesis import given
from hypothesis import strategies as st

from audit.actors import CLOCK, person
from audit.canonical import NotCanonical, canonical, canonical_text, clean, digest
from audit.ledger import SMALL, NotInTransaction, record
from audit.models import Event, Exhibit, Pending
from tests.cast import Cast


class Colour(TextChoices):
    """Text of a class of its own."""

    RED = "red"


NUMBERS = st.integers() | st.floats() | st.sampled_from([1.0, -0.0, 1e21, 1e-7, 0.1, 2**53, 2**53 - 1])
SIMPLE = st.none() | st.booleans() | NUMBERS | st.text() | st.sampled_from([Colour.RED, "\x00", "\\u0000", "\x7f"])
KEYS = st.text() | st.sampled_from(["\ufb33", "\U0001f600", "a", "1"])
VALUES = st.recursive(SIMPLE, lambda some: st.lists(some) | st.dictionaries(KEYS, some) | st.tuples(some))


def by_rfc8785(value: Any) -> bytes | None:
    try:
        return rfc8785.dumps(value)
    except rfc8785.CanonicalizationError:
        return None


def canonical_or_none(value: Any) -> bytes | None:
    try:
        return canonical(value)
    except NotCanonical:
        return None


@given(VALUES)
def test_the_quick_way_comes_to_the_bytes_of_the_standard(value: Any) -> None:
    assert canonical_or_none(value) == by_rfc8785(value)


@given(st.recursive(st.none() | st.text(st.characters()), lambda some: st.dictionaries(st.text(st.characters()), some)))
def test_cleaned_text_is_the_canonical_form_of_what_was_cleaned(value: Any) -> None:
    cleaned, dirty = clean(value)
    assert canonical_text(value) == (canonical(cleaned), dirty)


@pytest.mark.parametrize("value", [{1: "a"}, {None: 1}, {"a": {1}}, {"a": b"b"}, {"a": 1j}, {True: 1, "b": 2}])
def test_what_only_python_would_write_is_refused(value: Any) -> None:
    with pytest.raises(NotCanonical):
        canonical(value)


def test_what_holds_itself_is_refused() -> None:
    value: list[Any] = []
    value.append(value)
    with pytest.raises(NotCanonical):
        canonical(value)


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


@pytest.mark.django_db
def test_what_was_cleaned_in_a_large_exhibit_is_said() -> None:
    record("ledger.guarded", "ledger", actor=CLOCK, exhibits={"large": "\x00" + "x" * SMALL})
    event, exhibit = Event.objects.get(), Exhibit.objects.get()
    assert event.data == {"exhibits": {"large": exhibit.commitment}, "cleaned": True}
    assert bytes(exhibit.content).decode().startswith('"\N{REPLACEMENT CHARACTER}x')


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["\\u0000", "'; --", "\x01\x7f\u2028", "\N{GRINNING FACE}", '"\\"', "%s %(a)s"])
def test_the_body_is_kept_byte_for_byte(text: str) -> None:
    record("ledger.guarded", "ledger", actor=CLOCK, body={"a": text}, personal={"b": text})
    event = Event.objects.get()
    salted = bytes(event.personal.salt) + event.personal.data.encode()
    assert event.body.encode() == rfc8785.dumps({"a": text})
    assert event.personal_hash == hashlib.sha256(salted).hexdigest()
