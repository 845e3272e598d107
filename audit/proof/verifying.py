"""The whole record of the living database, checked as the offline verifier checks an export, in flat memory."""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any

from django.db import connection, transaction

from audit import sealer
from audit.actors import Actor
from audit.ledger import record
from audit.proof.folder import Folder
from audit.proof_models import Checkpoint
from audit.verifier import events
from audit.verifier.checking import Check, Progress
from audit.verifier.events import Entry
from audit.verifier.findings import Claim, Findings, Held
from audit.verifier.notes import Key

SLICE = 500  # rows that are fetched at once
ENTRIES = f"""
SELECT leaf_index, leaf_hash, salt, data, {", ".join(f"e.{name}" for name in events.COLUMNS)}
FROM audit_leaf l JOIN audit_event e ON e.id = l.event_id LEFT JOIN audit_personal p ON p.event_id = e.id
ORDER BY leaf_index
"""  # noqa: S608  (our own column names)
EXHIBITS = "SELECT commitment, salt, content FROM audit_exhibit"
STRAY = """
SELECT count(*) FROM audit_event e
WHERE NOT EXISTS (SELECT FROM audit_leaf l WHERE l.event_id = e.id)
  AND NOT EXISTS (SELECT FROM audit_pending w WHERE w.event_id = e.id)
"""


@transaction.atomic
def check(
    keys: Iterable[Key] = (),
    *,
    held: Iterable[Held] = (),
    claims: Iterable[Claim] = (),
    progress: Progress | None = None,
) -> Findings:
    """Check everything. Without `keys`, those of this installation count; `held` and `claims` come from outside.

    It reads one state of the database, from the beginning of the transaction on.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    notes = Checkpoint.objects.order_by("tree_size").values_list("note", flat=True)
    known = [*(Held(note) for note in notes.iterator(SLICE)), *_signed(), *held]
    found = Check(known, list(keys) or Folder.here().publics(), claims=claims).run(_entries(), progress=progress)
    for commitment, salt, content in _rows(EXHIBITS):
        if sha256(bytes(salt) + bytes(content)).hexdigest() != commitment:
            found.tell(f"The exhibit {commitment[:12]}… is not what was hashed.")
    if stray := next(_rows(STRAY))[0]:
        found.tell(f"{stray} events stand in the table that were never given a number.")
    return found


@transaction.atomic
def tell(found: Findings, *, actor: Actor) -> None:
    """Record that the record was checked, and what came of it."""
    body = {
        "rows": found.entries,
        "checkpoint": found.newest.short if found.newest else "",
        "wrong": found.wrong[:10],
        "more": found.more + max(0, len(found.wrong) - 10),
    }
    if found.whole:
        record("ledger.verified", "ledger", actor=actor, body=body)
    else:
        record("ledger.broken", "ledger", actor=actor, body=body)


def _signed() -> list[Held]:
    """What the signer's folder says was signed last, and what was put into the file of anchors."""
    folder = Folder.here()
    return [Held(note, where) for where, note in folder.kept_outside()]


def _entries() -> Iterator[Entry]:
    for index, leaf_hash, salt, data, *row in _rows(ENTRIES):
        personal = (bytes(salt), data) if salt is not None else None
        yield Entry(index, bytes(leaf_hash), sealer.columns(row), personal)


def _rows(statement: str) -> Iterator[tuple[Any, ...]]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement)
        while rows := cursor.fetchmany(SLICE):
            yield from rows
