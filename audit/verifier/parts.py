"""Parts of a record: a stretch of it, or single entries, each with the proof of where it stands."""

from collections.abc import Sequence
from typing import Any

from . import events, tree
from .checking import Findings, Held, read_all
from .notes import Key
from .packs import BadPack, Pack
from .story import Story
from .tree import Frontier


def start(manifest: dict[str, Any]) -> Frontier:
    """The tree before a stretch; empty for a record from its beginning."""
    before = manifest.get("before") or {"size": 0, "roots": []}
    try:
        return Frontier(int(before["size"]), [bytes.fromhex(one) for one in before["roots"]])
    except (KeyError, TypeError, ValueError):
        raise BadPack("What the manifest says of the entries before cannot be read.") from None


def after(manifest: dict[str, Any]) -> list[bytes]:
    """The hashes of the entries between a stretch and the checkpoint that covers it: their whole parts, in order."""
    try:
        return [bytes.fromhex(one) for one in manifest.get("after") or []]
    except (TypeError, ValueError):
        raise BadPack("What the manifest says of the entries after cannot be read.") from None


def picked(pack: Pack, held: Sequence[Held], keys: Sequence[Key]) -> Findings:
    """Single entries, each against the newest checkpoint."""
    found = Findings(keys=list(keys))
    checkpoints = read_all(held, keys, found)
    if not checkpoints:
        found.tell("No checkpoint is here, so nothing shows that the entries are in the record.")
        return found
    newest, _ = checkpoints[-1]
    found.newest = found.last_good = newest
    story, last = Story(whole=False), -1
    for entry, (index, proof) in zip(pack.entries(), pack.proofs(), strict=True):
        found.entries += 1
        for fault in (*events.faults(entry), *story.faults(entry)):
            found.tell(f"{entry.said}: {fault}.")
        if index <= last:
            found.tell(f"{entry.said}: it stands after number {last}.")
        if not tree.is_included(entry.leaf_hash, index, newest.size, proof, newest.root):
            found.tell(f"{entry.said}: nothing proves that it is number {index} of the record.")
        found.erased += entry.personal is None and bool(entry.columns.get("personal_hash"))
        last = index
    return found
