"""Whether the story that entries tell can have happened: each object begins once, and goes on from where it was.

An entry `review.approved` says in its body that the review `was` open before. So there is no approval without a
question, and nothing ends twice. Kinds that tell of no status (`review.commented`) have no `was` and are passed over.
"""

import json
from collections.abc import Iterator, Mapping

from .events import Entry

# What a status may become, by the kind of object. `tests/proof/test_story_told.py` holds them to the engine's own.
MOVES: Mapping[str, Mapping[str, frozenset[str]]] = {
    "review": {
        "open": frozenset({"approved", "rejected", "sent_back", "seconded", "lapsed", "withdrawn"}),
        "approved": frozenset({"open"}),
        "rejected": frozenset({"open"}),
        "sent_back": frozenset({"open"}),
    },
    "proposal": {"open": frozenset({"signed", "refused", "withdrawn", "lapsed"})},
    "invitation": {"open": frozenset({"accepted", "withdrawn"})},
}
MARK = '"was":"'
ROOM = 4096  # objects of a kind that are kept side by side, a byte each


class Statuses:
    """The status of each object until now: a byte each, since a record tells of millions."""

    def __init__(self) -> None:
        self._names = [""]
        self._rows: dict[tuple[str, int], bytearray] = {}

    def get(self, family: str, number: int) -> str:
        """Its status; "" where it was not told of yet."""
        row = self._rows.get((family, number // ROOM))
        return self._names[row[number % ROOM]] if row else ""

    def put(self, family: str, number: int, status: str) -> None:
        """Keep its status."""
        if status not in self._names:
            self._names.append(status)
        row = self._rows.setdefault((family, number // ROOM), bytearray(ROOM))
        row[number % ROOM] = self._names.index(status)


class Story:
    """What is known of each object until now. `whole`: from the first entry on, so that nothing begins unseen."""

    def __init__(self, *, whole: bool) -> None:
        self._whole = whole
        self._now = Statuses()

    def faults(self, entry: Entry) -> Iterator[str]:
        """What cannot follow what was told before, in words."""
        family, _, status = str(entry.columns.get("kind")).partition(".")
        moves = MOVES.get(family)
        if moves is None or (status not in moves and not any(status in to for to in moves.values())):
            return
        number = _number(entry.columns.get("object_id"))
        if number is None:
            yield f"it names no {family}"
        elif (was := _was(entry)) is not None:
            yield from self._move(family, number, was, status)
        elif status == "open":
            if self._now.get(family, number):
                yield f"{family} {number} begins a second time"
            self._now.put(family, number, status)
        else:
            yield f"{family} {number} becomes {status}, and the entry does not say from what"

    def _move(self, family: str, number: int, was: str, status: str) -> Iterator[str]:
        known = self._now.get(family, number)
        if not known and self._whole:
            yield f"{family} {number} becomes {status}, and nobody ever asked for it"
        elif known and known != was:
            yield f"{family} {number} becomes {status} from {was}, and it was {known}"
        if status not in MOVES[family].get(was, ()):
            yield f"{family} {number} becomes {status} from {was}, which cannot be"
        self._now.put(family, number, status)


def _number(object_id: object) -> int | None:
    text = str(object_id)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _was(entry: Entry) -> str | None:
    body = entry.columns.get("body")
    if not isinstance(body, str) or MARK not in body:
        return None
    try:
        was = json.loads(body).get("was")
    except (ValueError, AttributeError):
        return None
    return was if isinstance(was, str) else None
