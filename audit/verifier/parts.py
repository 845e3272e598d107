"""Parts of a record: a stretch of it, or single entries, each with the proof of where it stands."""

from collections.abc import Iterable, Sequence
from typing import Any

from . import tree
from .checking import look
from .findings import Claim, Findings, Held, read_all
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
    """The roots of the whole parts between a stretch and the checkpoint that covers it, in order."""
    try:
        return [bytes.fromhex(one) for one in manifest.get("after") or []]
    except (TypeError, ValueError):
        raise BadPack("What the manifest says of the entries after cannot be read.") from None


def picked(pack: Pack, held: Sequence[Held], keys: Sequence[Key], claims: Iterable[Claim] = ()) -> Findings:
    """Single entries, each against the newest checkpoint."""
    found = Findings(keys=list(keys))
    checkpoints = read_all(held, keys, found)
    size = pack.size()
    covering = next((one.checkpoint for one in checkpoints if one.checkpoint.size == size), None)
    if covering is None:
        found.tell(f"No checkpoint of {size} entries is here, so nothing shows that these entries are in the record.")
        return found
    found.newest = found.last_good = covering
    story, expected, last = Story(whole=False), {one.number: one for one in claims}, -1
    for entry, (index, proof) in zip(pack.entries(), pack.proofs(), strict=True):
        found.entries += 1
        look(entry, story, expected, found)
        if index <= last:
            found.tell(f"{entry.said}: it stands after number {last}.")
        if not tree.is_included(entry.leaf_hash, index, size, proof, covering.root):
            found.tell(f"{entry.said}: nothing proves that it is number {index} of the record.")
        last = index
    if found.entries != pack.count():
        found.tell(f"{pack.count()} entries were packed, and {found.entries} are here.")
    return found
