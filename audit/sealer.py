"""The sealer: gives each committed event its place in the record, one sealer at a time.

Numbers come from the pending table, never from "id greater than the last": ids commit out of order, and what
commits late gets a later number instead of none.
"""

import hashlib
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import connection, transaction

from audit.canonical import canonical

BATCH = 4096  # rows a seal at the most
LOCK = 0x48414E44  # advisory lock of the one sealer
LEAF = b"\x00"

COLUMNS = (
    "event_id, schema, kind, actor_kind, actor_id, on_behalf_of_kind, on_behalf_of_id, auth, object_type, object_id, "
    "object_version, run_id, workflow_id, content_hash, personal_hash, occurred_at, body, body_hash"
)
PENDING = f"""
SELECT id, {COLUMNS} FROM audit_event
WHERE id = ANY(SELECT event_id FROM audit_pending ORDER BY 1 LIMIT %s) ORDER BY id
"""  # noqa: S608  (our own column names)
NUMBER = """
INSERT INTO audit_leaf (leaf_index, event_id, leaf_hash)
SELECT %s + n - 1, e, h FROM unnest(%s::bigint[], %s::bytea[]) WITH ORDINALITY AS rows (e, h, n)
"""


class Sealed(NamedTuple):
    """What one seal did: the last leaf index, and the events it numbered as (run, workflow, kind, object)."""

    head: int
    events: list[tuple[int | None, int | None, str, str]]


def leaf_hash(columns: dict[str, Any]) -> bytes:
    """SHA-256(0x00 || canonical JSON of every column of the event but its id), RFC 6962's leaf."""
    return hashlib.sha256(LEAF + canonical(columns)).digest()


def columns(row: Sequence[Any]) -> dict[str, Any]:
    """The values of `COLUMNS` by name, in the form in which they are hashed."""
    named: dict[str, Any] = dict(zip(COLUMNS.split(", "), row, strict=True))
    named["event_id"] = str(named["event_id"])
    named["occurred_at"] = named["occurred_at"].isoformat(timespec="microseconds")
    return named


@transaction.atomic
def seal(limit: int = BATCH) -> Sealed | None:
    """Number up to `limit` pending events. None when there was nothing to do, or another sealer is at it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return None
        cursor.execute(PENDING, [limit])
        rows = cursor.fetchall()
        if not rows:
            return None
        named = [columns(row[1:]) for row in rows]
        ids = [row[0] for row in rows]
        first = head(cursor) + 1
        cursor.execute(NUMBER, [first, ids, [leaf_hash(row) for row in named]])
        cursor.execute("DELETE FROM audit_pending WHERE event_id = ANY(%s)", [ids])
    return Sealed(first + len(ids) - 1, [(e["run_id"], e["workflow_id"], e["kind"], e["object_id"]) for e in named])


def head(cursor: Any = None) -> int:
    """The last leaf index given, or -1 before the first."""
    with connection.cursor() as own:
        (cursor or own).execute("SELECT coalesce(max(leaf_index), -1) FROM audit_leaf")
        return int((cursor or own).fetchone()[0])
