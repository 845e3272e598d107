"""Numbers without a gap, for what commits late too, with two sealers at once as with one."""

import hashlib
import os
import threading

import psycopg
import pytest
import rfc8785
from django.db import connection, transaction

from audit import ledger, sealer
from audit.actors import CLOCK
from audit.models import Event, Leaf, Pending
from tests.audit.conftest import seal_all

pytestmark = pytest.mark.django_db(transaction=True)
LATE = """
WITH event AS (
    INSERT INTO audit_event (schema, kind, actor_kind, actor_id, on_behalf_of_kind, on_behalf_of_id, auth, object_type,
        object_id, object_version, content_hash, personal_hash, body, body_hash)
    VALUES (1, 'late.one', 'clock', '', '', '', '', '', '', 0, '', '', '{}', '') RETURNING id
) INSERT INTO audit_pending (event_id) SELECT id FROM event
"""


def write(count: int) -> None:
    for number in range(count):
        with transaction.atomic():
            ledger.record("ledger.guarded", "ledger", actor=CLOCK, body={"number": number})


def numbers() -> list[int]:
    return list(Leaf.objects.order_by("leaf_index").values_list("leaf_index", flat=True))


def test_numbers_begin_at_nought_and_have_no_gap() -> None:
    write(7)
    assert sealer.head() == -1
    seal_all()
    assert numbers() == list(range(7))
    assert not Pending.objects.exists()


def test_a_seal_takes_no_more_than_it_was_told() -> None:
    write(5)
    first = sealer.seal(2)
    assert first is not None
    assert (first.head, Pending.objects.count()) == (1, 3)
    seal_all()
    assert numbers() == list(range(5))


def test_nothing_to_seal_is_no_seal() -> None:
    assert sealer.seal() is None


def test_a_transaction_held_open_still_gets_its_number() -> None:
    with psycopg.connect(os.environ["DATABASE_URL"]) as held:
        held.execute(LATE)
        write(100)
        seal_all()
        assert numbers() == list(range(100))
        held.commit()
    seal_all()
    late = Leaf.objects.get(event__kind="late.one")
    assert late.leaf_index == 100
    assert late.event_id < Event.objects.exclude(kind="late.one").order_by("id").values_list("id", flat=True)[0]


def test_two_sealers_at_once_neither_fork_nor_gap() -> None:
    ended = threading.Event()

    def seal_on() -> None:
        while not ended.is_set() or Pending.objects.exists():
            sealer.seal(9)
        connection.close()

    def write_on() -> None:
        write(150)
        connection.close()

    sealers = [threading.Thread(target=seal_on) for _ in range(2)]
    writers = [threading.Thread(target=write_on) for _ in range(2)]
    for thread in [*sealers, *writers]:
        thread.start()
    for thread in writers:
        thread.join()
    ended.set()
    for thread in sealers:
        thread.join()
    assert numbers() == list(range(300))
    assert Leaf.objects.values("event_id").distinct().count() == 300


def test_a_second_sealer_that_passed_the_lock_would_fail_rather_than_fork() -> None:
    write(1)
    seal_all()
    write(1)
    with psycopg.connect(os.environ["DATABASE_URL"]) as other, pytest.raises(psycopg.errors.UniqueViolation):
        other.execute("INSERT INTO audit_leaf (leaf_index, event_id, leaf_hash) SELECT 0, max(id), '' FROM audit_event")


def test_the_leaf_hash_is_of_every_column_but_the_id() -> None:
    write(3)
    seal_all()
    for leaf in Leaf.objects.select_related("event"):
        event = leaf.event
        row = {field.name: getattr(event, field.name) for field in Event._meta.fields if field.name != "id"}
        row |= {"event_id": str(event.event_id), "occurred_at": event.occurred_at.isoformat(timespec="microseconds")}
        assert hashlib.sha256(b"\x00" + rfc8785.dumps(row)).digest() == bytes(leaf.leaf_hash)
