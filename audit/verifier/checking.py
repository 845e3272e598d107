"""The check of a record from one end to the other, entry by entry, in memory that hardly grows with its length."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence

from . import events
from .events import Entry
from .findings import Claim, Findings, Held, read_all
from .notes import Checkpoint, Key
from .story import Story
from .tree import Frontier, whole_parts

EVERY = 50_000  # entries between two reports of progress

type Progress = Callable[[int], object]


class Check:
    """One run over entries in the order of their numbers, held against checkpoints and receipts.

    `start` is the tree before the first entry, and `after` are the roots of the whole parts between the last entry
    and the newest checkpoint: both empty for a record from its beginning to its end.
    """

    def __init__(
        self,
        held: Iterable[Held],
        keys: Sequence[Key],
        start: Frontier | None = None,
        *,
        after: Sequence[bytes] = (),
        claims: Iterable[Claim] = (),
    ) -> None:
        self.found = Findings(keys=list(keys))
        self._tree = start.copy() if start else Frontier()
        self._after = after
        self._claims = {one.number: one for one in claims}
        self._story = Story(whole=self._tree.size == 0)
        self._lost: Checkpoint | None = None
        self._held = read_all(held, keys, self.found)
        self._next = bisect_left([one.checkpoint.size for one in self._held], self._tree.size)
        self._compare()

    def run(self, entries: Iterable[Entry], *, progress: Progress | None = None) -> Findings:
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
        look(entry, self._story, self._claims, self.found)
        self._tree.append(entry.leaf_hash)
        self._compare()

    def end(self) -> Findings:
        """What is left to say when there are no more entries."""
        size = self._tree.size
        if self._after:
            self._go_on()
        for checkpoint, where in self._held[self._next :]:
            self.found.tell(
                f"The checkpoint of {checkpoint.size} entries ({where}) covers more than the {size} that are here: "
                f"{checkpoint.size - size} are missing at the end."
            )
        newest = self._held[-1].checkpoint if self._held else None
        self.found.newest = newest
        if newest is None:
            self.found.tell("No checkpoint is here, so nothing shows that the record is as it was.")
        elif newest.size < size:
            self.found.tell(
                f"The newest checkpoint covers {newest.size} of {size} entries: nothing shows that the rest was so."
            )
        return self.found

    def _go_on(self) -> None:
        """From the last entry of a stretch to the newest checkpoint, over those that are not here."""
        size = self._held[-1].checkpoint.size if self._held else self._tree.size
        parts = list(whole_parts(self._tree.size, size))
        if len(parts) != len(self._after):
            self.found.tell(f"What leads from entry {self._tree.size} to the checkpoint of {size} does not fit.")
            return
        for (begin, end), root in zip(parts, self._after, strict=True):
            self._tree.graft(root, end - begin)
        self._next = bisect_left([one.checkpoint.size for one in self._held], self._tree.size)
        self._compare()

    def _number(self, entry: Entry) -> None:
        wanted = self._tree.size
        if entry.index > wanted:
            self.found.tell(f"Before {entry.said}: {entry.index - wanted} entries are missing from number {wanted} on.")
        else:
            self.found.tell(f"{entry.said}: it stands where number {wanted} belongs.")

    def _compare(self) -> None:
        while self._next < len(self._held) and self._held[self._next].checkpoint.size == self._tree.size:
            checkpoint, where = self._held[self._next]
            self._next += 1
            if checkpoint.root == self._tree.root():
                self.found.last_good = checkpoint
            elif self._lost is None:
                self._lost = checkpoint
                good = self.found.last_good
                since = f"after entry {good.size - 1}" if good and good.size else "from the first entry on"
                self.found.tell(
                    f"The first {checkpoint.size} entries are not those that were sealed ({where}): something was "
                    f"changed, moved, put in or taken out {since}."
                )


def look(entry: Entry, story: Story, claims: dict[int, Claim], found: Findings) -> None:
    """Look at one entry by itself, in the story, and against a receipt of it."""
    for fault in (*events.faults(entry), *story.faults(entry)):
        found.tell(f"{entry.said}: {fault}.")
    if (claim := claims.get(entry.index)) and claim.leaf_hash != entry.leaf_hash:
        found.tell(f"{entry.said}: it is not the entry of that number that the receipt ({claim.where}) is for.")
    if entry.personal is None and entry.columns.get("personal_hash"):
        found.absent += 1
