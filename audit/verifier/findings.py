"""What a check found, and the checkpoints that it is held against."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from .notes import BadNote, Checkpoint, Key, opened

SHOWN = 100  # findings that are told one by one


@dataclass
class Findings:
    """What was found. Nothing wrong: `whole`."""

    entries: int = 0
    newest: Checkpoint | None = None
    last_good: Checkpoint | None = None
    signed: int = 0
    absent: int = 0
    keys: list[Key] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    more: int = 0

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.wrong

    def tell(self, sentence: str) -> None:
        """Keep what is wrong; of very many the first ones, and their number."""
        if len(self.wrong) < SHOWN:
            self.wrong.append(sentence)
        else:
            self.more += 1


class Held(NamedTuple):
    """A checkpoint that somebody holds, and where it is from: the record, or outside of it."""

    note: str
    where: str = "the record"


class Claim(NamedTuple):
    """What a receipt says: the entry of that number has that hash."""

    number: int
    leaf_hash: bytes
    where: str


class Dated(NamedTuple):
    """A checkpoint whose signature fits, and where it is from."""

    checkpoint: Checkpoint
    where: str


def read_all(held: Iterable[Held], keys: Sequence[Key], found: Findings) -> list[Dated]:
    """Those that are signed, by size; what is wrong with them goes into `found`."""
    read = []
    for one in held:
        try:
            checkpoint, _ = opened(one.note, keys)
        except BadNote as error:
            found.tell(f"A checkpoint ({one.where}): {error}")
            continue
        found.signed += 1
        read.append(Dated(checkpoint, one.where))
    read.sort(key=lambda one: one.checkpoint.size)
    for earlier, later in pairwise(read):
        _agree(earlier, later, found)
    return read


def _agree(one: Dated, other: Dated, found: Findings) -> None:
    if one.checkpoint.origin != other.checkpoint.origin:
        found.tell(
            f"The checkpoints of {one.where} and {other.where} are of two logs: "
            f"{one.checkpoint.origin}, {other.checkpoint.origin}."
        )
    elif one.checkpoint.size == other.checkpoint.size and one.checkpoint.root != other.checkpoint.root:
        found.tell(
            f"Two checkpoints of {one.checkpoint.size} entries differ ({one.where}, {other.where}): "
            "there were two records."
        )
