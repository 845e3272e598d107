"""The write path of the ledger: one statement, inside the caller's transaction, with no shared lock."""

import hashlib
import os
import uuid
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from django.db import connection, transaction

from audit.actors import Actor
from audit.canonical import canonical, clean

SCHEMA = 1
SMALL = 4096  # bytes: an exhibit up to this size stands in the event's personal part
WAKE_SEALER = "SELECT pg_notify('handrail_seal', '')"

INSERT = """
WITH event AS (
    INSERT INTO audit_event (schema, kind, actor_kind, actor_id, on_behalf_of_kind, on_behalf_of_id, auth,
        object_type, object_id, object_version, run_id, workflow_id, content_hash, personal_hash, body, body_hash)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    RETURNING id, event_id
), pending AS (
    INSERT INTO audit_pending (event_id) SELECT id FROM event
), personal AS (
    INSERT INTO audit_personal (event_id, salt, data) SELECT id, %s::bytea, %s FROM event WHERE %s
)
SELECT id, event_id FROM event
"""


class Receipt(NamedTuple):
    """What proves that an entry was written: its row, and its number for people."""

    id: int
    event_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class Place:
    """Where an object belongs: its run and workflow, and the labels an entry about it needs."""

    run_id: int | None = None
    workflow_id: int | None = None
    labels: dict[str, Any] | None = None


class Recordable(Protocol):
    """An object that says where it belongs."""

    pk: Any

    def ledger_place(self) -> Place:
        """Its run, its workflow and its labels, as they are now."""


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
    """Write one entry about `obj`, in the transaction of the act itself.

    `body` and `exhibits` hold JSON values (money as text). `exhibits` (what was seen or done) and `personal`
    (names, addresses) can be erased later; `body` cannot. `wake` asks the sealer to number it at once.
    """
    if not connection.in_atomic_block:
        raise NotInTransaction(f"{kind} was to be recorded outside a transaction.")
    place = obj.ledger_place() if hasattr(obj, "ledger_place") else Place()
    body, dirty = clean({**(place.labels or {}), **(body or {})})
    private, dirty_too = clean(_private(actor, personal, exhibits, body))
    if dirty or dirty_too:
        body["cleaned"] = True
    salt, data = os.urandom(32), canonical(private) if private else b""
    text = canonical(body)
    row = (
        *(SCHEMA, kind, actor.kind, actor.id, actor.on_behalf_of_kind, actor.on_behalf_of_id, actor.auth),
        *(_type(obj), str(getattr(obj, "pk", "") or ""), object_version, place.run_id, place.workflow_id),
        *(content_hash, hashlib.sha256(salt + data).hexdigest() if private else ""),
        *(text.decode(), hashlib.sha256(text).hexdigest()),
        *(salt, data.decode(), bool(private)),
    )
    with connection.cursor() as cursor:
        cursor.execute(INSERT, row)
        receipt = Receipt(*cursor.fetchone())
        if wake:
            cursor.execute(WAKE_SEALER)
    return receipt


def _type(obj: Any) -> str:
    return obj if isinstance(obj, str) else obj._meta.model_name


def _private(
    actor: Actor, personal: dict[str, Any] | None, exhibits: dict[str, Any] | None, body: dict[str, Any]
) -> dict[str, Any]:
    """The erasable part: the actor's name, what is personal, and small exhibits; large ones go to their table."""
    private = dict(personal or {})
    if actor.label:
        private["actor"] = actor.label
    for name, value in (exhibits or {}).items():
        cleaned, _ = clean(value)
        content = canonical(cleaned)
        if len(content) <= SMALL:
            private.setdefault("exhibits", {})[name] = cleaned
        else:
            body.setdefault("exhibits", {})[name] = keep(content, "application/json")
    return private


@transaction.atomic
def keep(content: bytes, media_type: str) -> str:
    """Keep `content` as an exhibit; its salted SHA-256 in hex is what others point to."""
    salt = os.urandom(32)
    commitment = hashlib.sha256(salt + content).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_exhibit (commitment, salt, media_type, content) VALUES (%s, %s, %s, %s)",
            (commitment, salt, media_type, content),
        )
    return commitment
