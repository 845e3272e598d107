"""Receipts: what its holder can check an entry with, whatever becomes of the database."""

from audit import sealer
from audit.models import Event, Leaf
from audit.proof import checkpoints, proofs
from audit.verifier import receipts

SAID = ("event_id", "kind", "occurred_at", "object_type", "object_id", "object_version", "content_hash", "body_hash")
NAMES = {"event_id": "receipt", "occurred_at": "time", "content_hash": "content", "body_hash": "body"}


class NotYet(RuntimeError):
    """The entry has no number yet, or no checkpoint covers it."""


def of(event: Event, leaf: Leaf | None) -> receipts.Receipt:
    """The receipt of an event, against the newest checkpoint. Raises `NotYet`."""
    covering = checkpoints.covering(leaf.leaf_index) if leaf else None
    if leaf is None or covering is None:
        raise NotYet
    columns = sealer.of(event)
    lines = {NAMES.get(name, name): str(columns[name]) for name in SAID if columns[name] not in ("", 0)}
    proof = proofs.inclusion(leaf.leaf_index, covering.tree_size)
    return receipts.Receipt(lines, leaf.leaf_index, bytes(leaf.leaf_hash), proof, covering.note)
