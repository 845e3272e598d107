"""The write path of the ledger: one statement, inside the caller's transaction, with no shared lock."""

import hashlib
import json
import os
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from django.db import connection

from audit import hot
from audit.actors import Actor
from audit.canonical import canonical_text
from audit.places import Place as Place

SCHEMA = 1
SMALL = 4096  # bytes: an exhibit up to this size stands in the event's personal part
WAKE_SEALER = "SELECT pg_notify('handrail_seal', '')"

COLUMNS = (
    "schema, kind, actor_kind, actor_id, on_behalf_of_kind, on_behalf_of_id, auth, object_type, object_id, "
    "object_version, run_id, workflow_id, content_hash, personal_hash, body, body_hash"
)
# Ids are given in the order of `n`. A personal hash is salted, so it belongs to one row alone.
INSERT = f"""
WITH entry AS (
    SELECT * FROM jsonb_to_recordset(%s::jsonb) AS entry (
        n int, schema smallint, kind text, actor_kind text, actor_id text, on_behalf_of_kind text,
        on_behalf_of_id text, auth text, object_type text, object_id text, object_version int, run_id bigint,
        workflow_id bigint, content_hash text, personal_hash text, body text, body_hash text, salt text, data text)
), event AS (
    INSERT INTO audit_event ({COLUMNS}) SELECT {COLUMNS} FROM entry ORDER BY n
    RETURNING id, event_id, personal_hash
), pending AS (
    INSERT INTO audit_pending (event_id) SELECT id FROM event
), personal AS (
    INSERT INTO audit_personal (event_id, salt, data)
    SELECT event.id, decode(salt, 'hex'), data FROM event JOIN entry USING (personal_hash) WHERE personal_hash <> ''
)
SELECT id, event_id FROM event ORDER BY id
"""  # noqa: S608
ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, check_circular=False)


class Receipt(NamedTuple):
    """What proves that an entry was written: its row, and its number for people."""

    id: int
    event_id: uuid.UUID


class Recordable(Protocol):
    """An object that says where it belongs."""

    pk: Any

    def ledger_place(self) -> Place:
        """Its run, its workflow and its labels, as they are now."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be written about `obj`.

    `body` and `exhibits` hold JSON values (money as text). `exhibits` (what was seen or done) and `personal`
    (names, addresses) can be erased later; `body` cannot. `wake` asks the sealer to number it at once.
    """

    kind: str
    obj: Any
    actor: Actor
    body: dict[str, Any] | None = None
    personal: dict[str, Any] | None = None
    exhibits: dict[str, Any] | None = None
    content_hash: str = ""
    object_version: int = 0
    wake: bool = False


class Exhibit(NamedTuple):
    """Something to be kept in the table of exhibits. Others point to its salted SHA-256 in hex."""

    commitment: str
    salt: bytes
    media_type: str
    content: bytes

    @classmethod
    def of(cls, content: bytes, media_type: str) -> "Exhibit":
        """`content` under a new salt."""
        salt = os.urandom(32)
        return cls(hashlib.sha256(salt + content).hexdigest(), salt, media_type, content)


class NotInTransaction(RuntimeError):
    """An entry must commit together with what it tells of, so it is written inside a transaction."""


def record(
    kind: str,
    obj: Any,
    *,
    actor: Actor,
    body: dict[str, Any] | None = None,
    personal: dict[str, Any] | None = None,
    exhibits: dict[str, Any] | None = None,
    content_hash: str = "",
    object_version: int = 0,
    wake: bool = False,
) -> Receipt:
    """Write one entry about `obj`, in the transaction of the act itself. `Entry` says what the arguments are."""
    entry = Entry(kind, obj, actor, body, personal, exhibits, content_hash, object_version, wake)
    return record_all([entry])[0]


def record_all(entries: Sequence[Entry]) -> list[Receipt]:
    """Write many entries with one statement, in the transaction of the acts themselves; receipts in their order."""
    if not entries:
        return []
    if not connection.in_atomic_block:
        raise NotInTransaction(f"{entries[0].kind} was to be recorded outside a transaction.")
    large: list[Exhibit] = []
    rows = [_row(number, entry, large) for number, entry in enumerate(entries)]
    if large:
        keep(large)
    receipts = [Receipt(*row) for row in hot.rows(INSERT, [ENCODER.encode(rows)])]
    if any(entry.wake for entry in entries):
        hot.rows(WAKE_SEALER)
    return receipts


def _row(number: int, entry: Entry, large: list[Exhibit]) -> dict[str, Any]:
    """One row of the statement. Exhibits too large for it are put into `large`."""
    obj, actor = entry.obj, entry.actor
    place = obj.ledger_place() if hasattr(obj, "ledger_place") else Place()
    body = {**(place.labels or {}), **(entry.body or {})}
    private, dirty = _private(entry, body, large)
    text, dirty_too = canonical_text(body)
    if dirty or dirty_too:
        text, _ = canonical_text({**body, "cleaned": True})
    salt = os.urandom(32) if private else b""
    return {
        "n": number,
        "schema": SCHEMA,
        "kind": entry.kind,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "on_behalf_of_kind": actor.on_behalf_of_kind,
        "on_behalf_of_id": actor.on_behalf_of_id,
        "auth": actor.auth,
        "object_type": obj if isinstance(obj, str) else obj._meta.model_name,
        "object_id": str(getattr(obj, "pk", "") or ""),
        "object_version": entry.object_version,
        "run_id": place.run_id,
        "workflow_id": place.workflow_id,
        "content_hash": entry.content_hash,
        "personal_hash": hashlib.sha256(salt + private).hexdigest() if private else "",
        "body": text.decode(),
        "body_hash": hashlib.sha256(text).hexdigest(),
        "salt": salt.hex(),
        "data": private.decode(),
    }


def _private(entry: Entry, body: dict[str, Any], large: list[Exhibit]) -> tuple[bytes, bool]:
    """The erasable part: the actor's name, what is personal, and small exhibits. `body` points to large ones."""
    private, small, any_dirty = dict(entry.personal or {}), {}, False
    if entry.actor.label:
        private["actor"] = entry.actor.label
    for name, value in (entry.exhibits or {}).items():
        content, dirty = canonical_text(value)
        if len(content) <= SMALL:
            small[name] = value
        else:
            large.append(exhibit := Exhibit.of(content, "application/json"))
            body.setdefault("exhibits", {})[name] = exhibit.commitment
            any_dirty |= dirty
    if small:
        private["exhibits"] = {**private.get("exhibits", {}), **small}
    if not private:
        return b"", any_dirty
    text, dirty = canonical_text(private)
    return text, dirty or any_dirty


def keep(exhibits: Sequence[Exhibit]) -> None:
    """Keep exhibits, with one statement."""
    places = ", ".join(["(%s, %s, %s, %s)"] * len(exhibits))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO audit_exhibit (commitment, salt, media_type, content) VALUES {places}",  # noqa: S608
            [value for exhibit in exhibits for value in exhibit],
        )
