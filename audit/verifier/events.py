"""One entry of the record as it is written down elsewhere, and whether its hashes fit."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from . import tree

COLUMNS = (
    "event_id", "schema", "kind", "actor_kind", "actor_id", "on_behalf_of_kind", "on_behalf_of_id", "auth",
    "object_type", "object_id", "object_version", "run_id", "workflow_id", "content_hash", "personal_hash",
    "occurred_at", "body", "body_hash",
)  # fmt: skip
# Texts, whole numbers and nothing else stand in the columns, and their names are ASCII: so this is RFC 8785.
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


@dataclass(frozen=True, slots=True)
class Entry:
    """An event with its number. `personal` is None where it was erased, or taken out, or never was."""

    index: int
    leaf_hash: bytes
    columns: Mapping[str, Any]
    personal: tuple[bytes, str] | None = None

    @property
    def said(self) -> str:
        """Which it is, for a person."""
        return f"entry {self.index} ({self.columns.get('kind')}, {self.columns.get('occurred_at')})"


def leaf_hash(columns: Mapping[str, Any]) -> bytes:
    """The hash of an entry in the tree: of every column but its row number."""
    return tree.leaf(_encode(columns).encode())


def read(line: str) -> Entry:
    """An entry from a line of `record.jsonl`. `ValueError` where it is none."""
    found = json.loads(line)
    try:
        part = found.get("personal")
        personal = (bytes.fromhex(part["salt"]), part["data"]) if part else None
        return Entry(int(found["leaf_index"]), bytes.fromhex(found["leaf_hash"]), dict(found["event"]), personal)
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"That is no entry of a record: {error}.") from None


def faults(entry: Entry) -> Iterator[str]:
    """What does not fit in one entry, in words."""
    columns = entry.columns
    try:
        fits = leaf_hash(columns) == entry.leaf_hash
    except (TypeError, ValueError):
        fits = False
    if not fits:
        yield "it is not what was sealed"
    body, personal_hash = columns.get("body"), columns.get("personal_hash")
    if not isinstance(body, str) or sha256(body.encode("utf-8", "surrogatepass")).hexdigest() != columns.get(
        "body_hash"
    ):
        yield "its body is not the one that was hashed"
    if entry.personal is not None:
        salt, data = entry.personal
        if sha256(salt + data.encode("utf-8", "surrogatepass")).hexdigest() != personal_hash:
            yield "its personal part is not the one that was hashed"
