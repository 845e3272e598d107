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


class Story:
    """What is known of each object until now. `whole`: from the first entry on, so that nothing begins unseen."""

    def __init__(self, *, whole: bool) -> None:
        self._whole = whole
        self._now: dict[str, str] = {}

    def faults(self, entry: Entry) -> Iterator[str]:
        """What cannot follow what was told before, in words."""
        family, _, status = str(entry.columns.get("kind")).partition(".")
        moves = MOVES.get(family)
        if moves is None:
            return
        was = _was(entry)
        if was is None:
            if status == "open":
                yield from self._begin(f"{family}:{entry.columns.get('object_id')}", status)
            return
        yield from self._move(f"{family}:{entry.columns.get('object_id')}", was, status, moves)

    def _begin(self, name: str, status: str) -> Iterator[str]:
        if name in self._now:
            yield f"{name} begins a second time"
        self._now[name] = status

    def _move(self, name: str, was: str, status: str, moves: Mapping[str, frozenset[str]]) -> Iterator[str]:
        known = self._now.get(name)
        if known is None and self._whole:
            yield f"{name} becomes {status}, and nobody ever asked for it"
        elif known is not None and known != was:
            yield f"{name} becomes {status} from {was}, and it was {known}"
        if status not in moves.get(was, ()):
            yield f"{name} becomes {status} from {was}, which cannot be"
        self._now[name] = status


def _was(entry: Entry) -> str | None:
    body = entry.columns.get("body")
    if not isinstance(body, str) or MARK not in body:
        return None
    try:
        was = json.loads(body).get("was")
    except (ValueError, AttributeError):
        return None
    return was if isinstance(was, str) else None
