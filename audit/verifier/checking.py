"""The check of a record from one end to the other, entry by entry, in memory that does not grow with its length."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from . import events
from .events import Entry
from .notes import BadNote, Checkpoint, Key, opened
from .story import Story
from .tree import Frontier

SHOWN = 100  # findings that are told one by one
EVERY = 50_000  # entries between two reports of progress


@dataclass
class Findings:
    """What was found. Nothing wrong: `whole`."""

    entries: int = 0
    newest: Checkpoint | None = None
    last_good: Checkpoint | None = None
    signed: int = 0
    erased: int = 0
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


@dataclass(frozen=True)
class Held:
    """A checkpoint that somebody holds, and where it is from: the record, or outside of it."""

    note: str
    where: str = "the record"


class Check:
    """One run over entries in the order of their numbers, held against checkpoints.

    `start` is the tree before the first entry: empty, or as proven for a part of a record.
    """

    def __init__(self, held: Iterable[Held], keys: Sequence[Key], start: Frontier | None = None) -> None:
        self.found = Findings()
        self._tree = start.copy() if start else Frontier()
        self._story = Story(whole=self._tree.size == 0)
        self._keys = list(keys)
        self._lost: Checkpoint | None = None
        self._held = self._read(held)
        self._next = bisect_left([one.size for one, _ in self._held], self._tree.size)

    def run(self, entries: Iterable[Entry], *, progress: Callable[[int], object] | None = None) -> Findings:
        """Look at everything."""
        for entry in entries:
            self.take(entry)
            if progress and self.found.entries % EVERY == 0:
                progress(self.found.entries)
        return self.end()

    def take(self, entry: Entry) -> None:
        """Look at one more entry."""
        self.found.entries += 1
        if entry.index != self._tree.size:
            self._number(entry)
        for fault in events.faults(entry):
            self.found.tell(f"{entry.said}: {fault}.")
        for fault in self._story.faults(entry):
            self.found.tell(f"{entry.said}: {fault}.")
        if entry.personal is None and entry.columns.get("personal_hash"):
            self.found.erased += 1
        self._tree.append(entry.leaf_hash)
        self._compare()

    def end(self) -> Findings:
        """What is left to say when there are no more entries."""
        found, size = self.found, self._tree.size
        for checkpoint, where in self._held[self._next :]:
            found.tell(
                f"The checkpoint of {checkpoint.size} entries ({where}) covers more than the {size} that are here: "
                f"{checkpoint.size - size} are missing at the end."
            )
        sizes = [one.size for one, _ in self._held]
        found.newest = self._held[-1][0] if self._held else None
        if not sizes:
            found.tell("No checkpoint is here, so nothing shows that the record is as it was.")
        elif sizes[-1] < size:
            found.tell(
                f"The newest checkpoint covers {sizes[-1]} of {size} entries: nothing shows that the rest was so."
            )
        return found

    def _number(self, entry: Entry) -> None:
        wanted = self._tree.size
        if entry.index > wanted:
            self.found.tell(f"Before {entry.said}: {entry.index - wanted} entries are missing from number {wanted} on.")
            return
        self.found.tell(f"{entry.said}: it stands where number {wanted} belongs.")

    def _read(self, held: Iterable[Held]) -> list[tuple[Checkpoint, str]]:
        """Those that are signed, by size."""
        read: list[tuple[Checkpoint, str]] = []
        for one in held:
            try:
                checkpoint, _ = opened(one.note, self._keys)
            except BadNote as error:
                self.found.tell(f"A checkpoint ({one.where}): {error}")
                continue
            self.found.signed += 1
            read.append((checkpoint, one.where))
        read.sort(key=lambda pair: pair[0].size)
        for (one, where), (other, there) in pairwise(read):
            if one.origin != other.origin:
                self.found.tell(
                    f"The checkpoints of {where} and {there} are of two logs: {one.origin}, {other.origin}."
                )
            elif one.size == other.size and one.root != other.root:
                self.found.tell(
                    f"Two checkpoints of {one.size} entries differ ({where}, {there}): there were two records."
                )
        return read

    def _compare(self) -> None:
        while self._next < len(self._held) and self._held[self._next][0].size == self._tree.size:
            checkpoint, where = self._held[self._next]
            self._next += 1
            if checkpoint.root == self._tree.root():
                self.found.last_good = checkpoint
            elif self._lost is None:
                self._lost = checkpoint
                good = self.found.last_good
                since = f"after entry {good.size - 1}" if good else "from the first entry on"
                self.found.tell(
                    f"The first {checkpoint.size} entries are not those that were sealed ({where}): something was "
                    f"changed, moved, put in or taken out {since}."
                )
