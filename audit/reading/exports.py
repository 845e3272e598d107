"""The record and the decisions as files: read in slices by key, so that memory stays the same however long they are."""

import csv
import io
import json
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from functools import partial
from typing import Any

from asgiref.sync import sync_to_async
from django.db import close_old_connections, connection

from audit import sealer
from audit.models import Leaf, User
from audit.reading import entries
from audit.reading.entries import Sought
from audit.reading.told import plain, who
from audit.reports import decided
from audit.reports.decided import Row
from audit.reports.verdicts import EXPORTED
from audit.reports.wanted import Wanted
from audit.sight import Reach

SLICE = 1000
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what makes a spreadsheet read a text as a formula
TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl; charset=utf-8"}

type Slice = Callable[[int], tuple[str, int] | None]  # after this key -> text, and the last key in it

RECORD = (
    "event", "receipt", "time", "kind", "sentence", "actor_kind", "actor_id", "actor", "on_behalf_of_kind",
    "on_behalf_of_id", "auth", "object_type", "object_id", "object_version", "run", "workflow", "content_hash",
    "personal_hash", "body_hash", "leaf_hash", "body",
)  # fmt: skip
DECISIONS = (
    "receipt", "time", "verdict", "workflow", "version", "run", "step", "rule", "title", "reviewer", "reason",
    "confidence", "asked_at", "due_at", "seconds", "late", "outcome", "sent_to",
)  # fmt: skip


async def stream(read: Slice) -> AsyncIterator[str]:
    """Slice after slice, each read in a short query of its own, until there is no more."""
    after = -1
    while (found := await sync_to_async(_slice)(read, after)) is not None:
        text, after = found
        yield text


def _slice(read: Slice, after: int) -> tuple[str, int] | None:
    """One slice; between two, the connection goes back to the pool."""
    try:
        return read(after)
    finally:
        if not connection.in_atomic_block:
            close_old_connections()


def record(user: User, sought: Sought, form: str, upto: int) -> Slice:
    """The events that `user` may see, oldest first, up to and with number `upto`."""
    return partial(_record, user, sought, _record_csv if form == "csv" else _record_jsonl, upto)


def _record(
    user: User, sought: Sought, write: Callable[[Sequence[Leaf], bool], str], upto: int, after: int
) -> tuple[str, int] | None:
    leaves = entries.numbered(user, sought).filter(leaf_index__gt=after, leaf_index__lte=upto)
    found = list(leaves.order_by("leaf_index")[:SLICE])
    if not found:
        return (write([], True), upto) if after < 0 else None
    return write(found, after < 0), found[-1].leaf_index


def _record_jsonl(leaves: Sequence[Leaf], first: bool) -> str:
    return "".join(json.dumps(whole(leaf), ensure_ascii=False) + "\n" for leaf in leaves)


def whole(leaf: Leaf) -> dict[str, Any]:
    """Every column, in the form in which it was hashed, and the personal part with its salt: enough to check again."""
    event = leaf.event
    part = getattr(event, "personal", None)
    return {
        "leaf_index": leaf.leaf_index,
        "leaf_hash": bytes(leaf.leaf_hash).hex(),
        "event": sealer.of(event),
        "personal": {"salt": bytes(part.salt).hex(), "data": part.data} if part else None,
    }


def _record_csv(leaves: Sequence[Leaf], first: bool) -> str:
    return _csv(RECORD if first else (), map(_line, leaves))


def _line(leaf: Leaf) -> tuple[Any, ...]:
    event = leaf.event
    return (
        *(leaf.leaf_index, str(event.event_id), event.occurred_at.isoformat(), event.kind, plain(event)),
        *(event.actor_kind, event.actor_id, who(event), event.on_behalf_of_kind, event.on_behalf_of_id, event.auth),
        *(event.object_type, event.object_id, event.object_version, event.run_id, event.workflow_id),
        *(event.content_hash, event.personal_hash, event.body_hash, bytes(leaf.leaf_hash).hex(), event.body),
    )


def decisions(wanted: Wanted, reach: Reach) -> Slice:
    """The decisions behind a figure, oldest first."""
    return partial(_decisions, wanted, reach)


def _decisions(wanted: Wanted, reach: Reach, after: int) -> tuple[str, int] | None:
    rows = decided.page(wanted, reach, before=None, after=after, limit=SLICE)
    if not rows:
        return (_csv(DECISIONS, []), 2**62) if after < 0 else None
    return _csv(DECISIONS if after < 0 else (), map(_decision, rows)), rows[-1]["id"]


def _decision(row: Row) -> tuple[Any, ...]:
    about = json.loads(row["private"] or "{}")
    return (
        *(str(row["event_id"]), row["at"].isoformat(), EXPORTED[row["verdict"]], row["workflow"], row["version"]),
        *(row["run_id"], row["step"], row["rule"], *(about.get(name, "") for name in ("title", "actor", "reason"))),
        *(row["confidence"], row["asked_at"].isoformat(), row["due_at"].isoformat()),
        *(round(row["waited"], 1), row["late"], row["outcome"], row["back_to"]),
    )


def _csv(head: Sequence[str], lines: Iterable[Sequence[Any]]) -> str:
    written = io.StringIO()
    writer = csv.writer(written)
    if head:
        writer.writerow(head)
    writer.writerows([cell(value) for value in line] for line in lines)
    return written.getvalue()


def cell(value: Any) -> Any:
    """A value for a spreadsheet: text that it would read as a formula gets a quote in front."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
