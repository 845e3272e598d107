"""The copies of the bookings that the server holds, and what was done on each: calls, effects and repeats."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.airline import desk
from tests.airline.bookings import Bookings, fresh
from tests.airline.desk import Answer
from tests.airline.recordings import Call

SHARED = "shared"
ANOTHER = "Error: this key was given to another call before"


@dataclass
class Kept:
    """What was asked under a key, the first answer, and how often it was asked for again."""

    call: Call
    answer: Answer
    repeats: int = 0


@dataclass
class Run:
    """One copy of the bookings; `made` are the writes that changed them, in order."""

    bookings: Bookings
    calls: int = 0
    repeats: int = 0
    misused: int = 0
    made: list[tuple[str, Call]] = field(default_factory=list)
    kept: dict[str, Kept] = field(default_factory=dict)

    def ask(self, key: str, call: Call) -> Answer:
        """Do it; a key that was given before gets the first answer and changes nothing. "" is no key."""
        self.calls += 1
        if key in self.kept:
            return self._again(self.kept[key], call)
        answer = desk.answer(self.bookings, call)
        if answer.changed:
            self.made.append((key, call))
        if key:
            self.kept[key] = Kept(call, answer)
        return answer

    def _again(self, kept: Kept, call: Call) -> Answer:
        if kept.call != call:
            self.misused += 1
            return Answer(ANOTHER, refused=True)
        self.repeats += 1
        kept.repeats += 1
        return kept.answer

    def counted(self) -> dict[str, int]:
        """In figures."""
        counts = {"calls": self.calls, "effects": len(self.made), "repeats": self.repeats, "misused": self.misused}
        return {**counts, "keys": len(self.kept)}

    def told(self) -> dict[str, Any]:
        """In figures and in full, as JSON can hold it."""
        made = [{"key": key, "name": call.name, "arguments": call.arguments} for key, call in self.made]
        keys = {key: {"name": kept.call.name, "repeats": kept.repeats} for key, kept in self.kept.items()}
        changed = [[table, name, record] for (table, name), record in self.bookings.changed().items()]
        return {**self.counted(), "made": made, "keyed": keys, "changed": changed}


class Runs:
    """Every run that asked for anything, by its name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._runs: dict[str, Run] = {}

    def of(self, name: str) -> Run:
        """The run of that name, with a copy of its own from its first call on; "" is the shared one."""
        return self._runs.setdefault(name or SHARED, Run(fresh(self._folder)))

    def counted(self) -> dict[str, dict[str, int]]:
        """Every run in figures."""
        return {name: run.counted() for name, run in self._runs.items()}
