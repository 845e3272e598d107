"""What must be true of the database before Handrail starts."""

from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.db import connections

from audit import guards

GUARDS = {
    "audit_event": ("event_refuses_change", "event_refuses_truncate"),
    "audit_leaf": ("leaf_refuses_change", "leaf_refuses_truncate"),
    "audit_personal": ("personal_refuses_change", "personal_refuses_truncate"),
    "audit_exhibit": ("exhibit_refuses_change", "exhibit_refuses_truncate"),
    "audit_pending": ("pending_refuses_change", "pending_refuses_truncate"),
}
FOUND = """
SELECT tgrelid::regclass::text, tgname, tgenabled::text FROM pg_trigger
WHERE NOT tgisinternal AND tgrelid = ANY (SELECT to_regclass(t) FROM unnest(%s::text[]) AS t)
UNION ALL SELECT t, '', '' FROM unnest(%s::text[]) AS t WHERE to_regclass(t) IS NULL
"""
OWNED = """
SELECT relname FROM pg_class
WHERE oid = ANY (SELECT to_regclass(t) FROM unnest(%s::text[]) AS t)
  AND pg_has_role(current_user, relowner, 'USAGE')
"""


def guarded() -> dict[str, tuple[str, ...]]:
    """Every append-only table with its triggers: the ledger's, and those of other apps."""
    return {**GUARDS, **{relation: guards.names_of(relation) for relation in guards.others()}}


def connect() -> None:
    """Register the checks with Django, under the tag `database`."""
    checks.register(ledger_is_guarded, checks.Tags.database)
    checks.register(ledger_is_not_owned, checks.Tags.database)


def _ask(question: str, databases: Sequence[str] | None) -> list[tuple[Any, ...]] | None:
    """The answer, or None where there is nothing to ask: no database named, or none migrated."""
    if not databases or "default" not in databases:
        return None
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT to_regclass('audit_event')")
        if cursor.fetchone()[0] is None:
            return None
        cursor.execute(question, [list(guarded())] * question.count("%s"))
        return list(cursor.fetchall())


def ledger_is_guarded(databases: Sequence[str] | None = None, **_: Any) -> list[checks.CheckMessage]:
    """Every table of the ledger has its triggers, and they fire in replica mode too."""
    found = _ask(FOUND, databases)
    if found is None:
        return []
    always = {(table, name) for table, name, enabled in found if enabled == "A"}
    absent = {table for table, name, _enabled in found if not name}  # its migration has not run yet
    standing = {table: names for table, names in guarded().items() if table not in absent}
    missing = [f"{table}.{name}" for table, names in standing.items() for name in names if (table, name) not in always]
    return [
        checks.Error(
            f"The ledger is not guarded: trigger {name} is missing or switched off.",
            hint="Somebody changed the database by hand. Look at who could, then run: manage.py guard",
            id="audit.E001",
        )
        for name in missing
    ]


def ledger_is_not_owned(databases: Sequence[str] | None = None, **_: Any) -> list[checks.CheckMessage]:
    """The application's role does not own the ledger's tables: an owner could drop their guards."""
    owned = _ask(OWNED, databases)
    return [
        checks.Error(
            f"The role in DATABASE_URL owns {table}, so it could remove the guards of the ledger.",
            hint="Give DATABASE_URL a role that owns nothing, and the owner to MIGRATE_DATABASE_URL.",
            id="audit.E002",
        )
        for (table,) in owned or []
    ]
