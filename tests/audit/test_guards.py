"""The ledger refuses every statement that would change it, whoever sends it."""

import os
from collections.abc import Iterator

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from audit import checks, guards
from audit.actors import COMMAND
from audit.models import Event
from tests import owner
from tests.cast import Cast

KEPT = ("event", "leaf", "personal", "exhibit", "tile", "checkpoint", "anchor")
COLUMNS = {
    "event": "kind",
    "leaf": "leaf_index",
    "personal": "data",
    "exhibit": "media_type",
    "pending": "event_id",
    "tile": "root",
    "checkpoint": "note",
    "anchor": "said",
}
CHANGES = [
    *(f"UPDATE audit_{table} SET {column} = {column}" for table, column in COLUMNS.items()),
    *(f"DELETE FROM audit_{table}" for table in KEPT),
    *(f"TRUNCATE audit_{table}" for table in COLUMNS),
    *(f"TRUNCATE audit_{table} CASCADE" for table in KEPT),
]
APP, OWNER = "DATABASE_URL", "MIGRATE_DATABASE_URL"

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def connect(variable: str) -> psycopg.Connection:
    return psycopg.connect(os.environ[variable], autocommit=True)


@pytest.fixture
def replica() -> Iterator[psycopg.Connection]:
    """The superuser of a server of our own, in the mode that skips ordinary triggers."""
    try:
        connection = psycopg.connect(os.environ[OWNER], user="postgres", autocommit=True)
        connection.execute("SET session_replication_role = replica")
    except psycopg.Error as error:
        pytest.skip(f"No superuser can be reached here: {error}")
    with connection:
        yield connection


@pytest.mark.parametrize("statement", CHANGES)
@pytest.mark.parametrize("variable", [APP, OWNER])
def test_it_refuses_a_change_to_everybody(live_cast: Cast, variable: str, statement: str) -> None:
    before = Event.objects.count()
    with connect(variable) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement)
    assert Event.objects.count() == before > 0


@pytest.mark.parametrize("statement", CHANGES)
def test_replica_mode_does_not_skip_the_guards(replica: psycopg.Connection, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
        replica.execute(statement)


def test_the_owner_cannot_enter_replica_mode() -> None:
    with owner.connect() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("SET session_replication_role = replica")


@pytest.mark.parametrize("database", ["default", "owner"])
def test_flush_is_refused(live_cast: Cast, database: str) -> None:
    before = Event.objects.count()
    with pytest.raises(CommandError):
        call_command("flush", database=database, interactive=False, verbosity=0)
    assert Event.objects.count() == before


@pytest.mark.parametrize("column", ["id", "event_id", "occurred_at"])
def test_the_application_may_not_choose_ids_and_times(column: str) -> None:
    columns = dict.fromkeys(EVERY, "''") | {"schema": "1", "object_version": "0", "run_id": "1", "workflow_id": "1"}
    given = columns | {column: {"id": "1", "event_id": "gen_random_uuid()", "occurred_at": "now()"}[column]}
    with connect(APP) as connection:
        connection.execute(f"INSERT INTO audit_event ({', '.join(columns)}) VALUES ({', '.join(columns.values())})")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(f"INSERT INTO audit_event ({', '.join(given)}) VALUES ({', '.join(given.values())})")


EVERY = (
    "kind", "actor_kind", "actor_id", "on_behalf_of_kind", "on_behalf_of_id", "auth", "object_type", "object_id",
    "content_hash", "personal_hash", "body", "body_hash",
)  # fmt: skip


@pytest.mark.parametrize(
    "tampering",
    [
        "ALTER TABLE audit_event DISABLE TRIGGER event_refuses_change",
        "ALTER TABLE audit_event ENABLE TRIGGER event_refuses_change",
        "DROP TRIGGER event_refuses_change ON audit_event",
    ],
)
def test_a_check_names_a_trigger_that_does_not_always_fire(tampering: str) -> None:
    with owner.connect() as connection:
        connection.execute(tampering)
    (found,) = checks.ledger_is_guarded(["default"])
    assert found.id == "audit.E001"
    assert "audit_event.event_refuses_change" in found.msg
    assert "manage.py guard" in str(found.hint)


def test_guard_puts_everything_back_and_says_so() -> None:
    with owner.connect() as connection:
        for table, names in checks.GUARDS.items():
            for name in names:
                connection.execute(f"DROP TRIGGER {name} ON {table}")
    assert len(checks.ledger_is_guarded(["default"])) == 10
    call_command("guard", verbosity=0)
    assert checks.ledger_is_guarded(["default"]) == []
    assert Event.objects.get(kind="ledger.guarded").actor_kind == COMMAND.kind


def test_guarding_twice_changes_nothing() -> None:
    with owner.connect() as connection:
        for statement in guards.ALL:
            connection.execute(statement)
    assert checks.ledger_is_guarded(["default"]) == []


def test_the_application_owns_no_table_of_the_ledger() -> None:
    assert checks.ledger_is_not_owned(["default"]) == []


def test_a_check_names_an_application_that_owns_the_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "connections", {"default": connections["owner"]})
    found = checks.ledger_is_not_owned(["default"])
    assert {error.id for error in found} == {"audit.E002"}
    assert len(found) == len(checks.guarded())


def test_nothing_is_asked_before_the_tables_stand() -> None:
    assert checks.ledger_is_guarded(None) == []
