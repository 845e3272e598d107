"""What was right: the bookings that a conversation should have ended with, and the writes that lead there."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.airline import desk
from tests.airline.bookings import Bookings, Effect, fresh
from tests.airline.recordings import EXCERPT, Call, Conversation


def writes(calls: Iterable[Call]) -> list[Call]:
    """Those that write."""
    return [call for call in calls if call.name in desk.WRITES]


def expected_end(conversation: Conversation, folder: Path = EXCERPT) -> Bookings:
    """The bookings as they should be in the end."""
    return after(conversation.expected, folder)


def recorded_end(conversation: Conversation, folder: Path = EXCERPT) -> Bookings:
    """The bookings as the recorded calls leave them, with nobody between."""
    return after((answered.call for answered in conversation.answered()), folder)


def after(calls: Iterable[Call], folder: Path = EXCERPT) -> Bookings:
    """The bookings after these calls on a fresh copy."""
    bookings = fresh(folder)
    for call in calls:
        desk.answer(bookings, call)
    return bookings


def differences(ended: Effect, should: Effect) -> list[str]:
    """Each record that is not as it should be, and what of it; none when the bookings are the same."""
    found = []
    for table, name in sorted(ended.keys() | should.keys()):
        one, other = ended.get((table, name)), should.get((table, name))
        if one == other:
            continue
        if one is None or other is None:
            found.append(f"{table} {name}: {'not' if one is None else 'wrongly'} changed")
            continue
        keys = [key for key in {**one, **other} if one.get(key) != other.get(key)]
        found.append(f"{table} {name}: {', '.join(keys)} differ")
    return found


def matching(bookings: Bookings, asked: Call, still_open: Iterable[Call]) -> Call | None:
    """The first open call that would do to these bookings just what the asked one would; None where none would.

    A call that would change nothing, or be refused, is like no other.
    """
    wanted = desk.effect(bookings, asked) if asked.name in desk.WRITES else {}
    if not wanted:
        return None
    return next((call for call in still_open if desk.effect(bookings, call) == wanted), None)


@dataclass(frozen=True)
class Verdict:
    """What is said to a write that was asked for, and why."""

    approved: bool
    why: str


class Reviewer:
    """Approves a write whose effect is that of one still open, and refuses every other.

    `bookings` are the reviewer's own copy, on which only what was approved is done.
    """

    def __init__(self, conversation: Conversation, folder: Path = EXCERPT) -> None:
        self.bookings = fresh(folder)
        self.still_open = writes(conversation.expected)

    def decide(self, asked: Call) -> Verdict:
        """Say so, and hold what is approved for done."""
        verdict, found = self.judge(asked)
        if found:
            self.still_open.remove(found)
            desk.answer(self.bookings, asked)
        return verdict

    def judge(self, asked: Call) -> tuple[Verdict, Call | None]:
        """What would be said, and the open call that it is; nothing is held for done."""
        found = matching(self.bookings, asked, self.still_open)
        if found:
            return Verdict(True, f"It does what {found.name} should do."), found
        if asked.name in desk.WRITES and not desk.effect(self.bookings, asked):
            return Verdict(False, f"It would change nothing: {self._said(asked)}"), None
        return Verdict(False, "No change that is still open is this one."), None

    def _said(self, asked: Call) -> str:
        return desk.answer(self.bookings.copy(), asked).text
