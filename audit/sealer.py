"""The sealer: gives each committed event its place in the record and signs what there is then, one sealer at a time.

Numbers come from the pending table, never from "id greater than the last": ids commit out of order, and what
commits late gets a later number instead of none.
"""

import logging
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import connection, transaction

from audit.actors import CLOCK
from audit.ledger import record
from audit.models import Event
from audit.proof import checkpoints, tiles
from audit.proof.checkpoints import Backwards
from audit.proof.folder import NoKey
from audit.verifier import events
from audit.verifier.tree import Frontier

BATCH = 4096  # rows a seal at the most
LOCK = 0x48414E44  # advisory lock of the one sealer

COLUMNS = ", ".join(events.COLUMNS)
PENDING = f"""
SELECT id, {COLUMNS} FROM audit_event
WHERE id = ANY(SELECT event_id FROM audit_pending ORDER BY 1 LIMIT %s) ORDER BY id
"""  # noqa: S608  (our own column names)
NUMBER = """
INSERT INTO audit_leaf (leaf_index, event_id, leaf_hash)
SELECT %s + n - 1, e, h FROM unnest(%s::bigint[], %s::bytea[]) WITH ORDINALITY AS rows (e, h, n)
"""
LAST = "SELECT leaf_index, leaf_hash FROM audit_leaf ORDER BY leaf_index DESC LIMIT 1"

logger = logging.getLogger(__name__)


class Sealed(NamedTuple):
    """What one seal did: the last leaf index, and the events it numbered as (run, workflow, kind, object)."""

    head: int
    events: list[tuple[int | None, int | None, str, str]]


class Tree:
    """The tree as this process last left it; read from the database again where that has gone on by itself."""

    def __init__(self) -> None:
        self._kept = Frontier()
        self._last = b""

    def at(self, size: int, last: bytes) -> Frontier:
        """The tree of the first `size` entries, whose last leaf is `last`; to be changed freely."""
        if size and (self._kept.size, self._last) != (size, last):
            return tiles.frontier(size)
        return self._kept.copy() if size else Frontier()

    def keep(self, grown: Frontier, last: bytes) -> None:
        """From now on it is this one."""
        self._kept, self._last = grown, last


tree = Tree()
unsigned = ""  # why checkpoints are not signed now, as it was last recorded


def columns(row: Sequence[Any]) -> dict[str, Any]:
    """The values of `COLUMNS` by name, in the form in which they are hashed."""
    named: dict[str, Any] = dict(zip(events.COLUMNS, row, strict=True))
    named["event_id"] = str(named["event_id"])
    named["occurred_at"] = named["occurred_at"].isoformat(timespec="microseconds")
    return named


def of(event: Event) -> dict[str, Any]:
    """The columns of an event, in the form in which they are hashed."""
    return columns([getattr(event, name) for name in events.COLUMNS])


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
        ids, hashes = [row[0] for row in rows], [events.leaf_hash(row) for row in named]
        first = _append(cursor, ids, hashes)
        cursor.execute("DELETE FROM audit_pending WHERE event_id = ANY(%s)", [ids])
    return Sealed(first + len(ids) - 1, [(e["run_id"], e["workflow_id"], e["kind"], e["object_id"]) for e in named])


def _append(cursor: Any, ids: list[int], hashes: list[bytes]) -> int:
    """Number them, grow the tree by them and sign it; the first number."""
    cursor.execute(LAST)
    last, last_hash = cursor.fetchone() or (-1, b"")
    grown = tree.at(last + 1, bytes(last_hash))
    cursor.execute(NUMBER, [last + 1, ids, hashes])
    tiles.keep(tiles.grow(grown, hashes))
    _sign(grown)
    tree.keep(grown, hashes[-1])
    return int(last) + 1


def _sign(grown: Frontier) -> None:
    """Sign; where that cannot be, the record goes on without, and says once why."""
    global unsigned
    try:
        checkpoints.sign(grown)
    except (NoKey, Backwards) as error:
        if str(error) != unsigned:
            unsigned = str(error)
            logger.exception("No checkpoint of the record is signed.")
            record("ledger.unsigned", "ledger", actor=CLOCK, body={"why": unsigned, "entries": grown.size})
    else:
        unsigned = ""


def head(cursor: Any = None) -> int:
    """The last leaf index given, or -1 before the first."""
    with connection.cursor() as own:
        (cursor or own).execute("SELECT coalesce(max(leaf_index), -1) FROM audit_leaf")
        return int((cursor or own).fetchone()[0])
