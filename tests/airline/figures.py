"""What a file of recordings comes to, played with nobody between, and again past a reviewer."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.airline import desk, judged, playback
from tests.airline.bookings import fresh
from tests.airline.recordings import EXCERPT, Conversation

RIGHT = 1.0


@dataclass
class Plain:
    """One conversation with nobody between.

    `unlike` are the calls whose answers are not the recorded ones. Every write that was asked for is `right` by effect,
    `refused` by its tool, `idle` (it left the bookings as they were), or `wrong`; `word_for_word` are those spelled as
    an expected one.
    """

    calls: int = 0
    unlike: list[str] = field(default_factory=list)
    asked: int = 0
    word_for_word: int = 0
    right: int = 0
    refused: int = 0
    idle: int = 0
    wrong: int = 0
    ends_right: bool = False
    fingerprint: bool | None = None


@dataclass
class Gated:
    """One conversation past a reviewer.

    `approved` and `ends_right` are for a talk that goes on as recorded whatever was refused; `approved_till_unfit` and
    `ends_right_till_unfit` for one that ends where a write is refused that was carried out when it was recorded.
    """

    approved: int = 0
    approved_till_unfit: int = 0
    unfit: bool = False
    ends_right: bool = False
    ends_right_till_unfit: bool = False


def plain(conversation: Conversation, folder: Path = EXCERPT) -> Plain:
    """Play it as it was recorded."""
    found, bookings = Plain(), fresh(folder)
    still_open = judged.writes(conversation.expected)
    spelled = list(still_open)
    for recorded in conversation.answered():
        found.calls += 1
        match = judged.matching(bookings, recorded.call, still_open)
        answer = desk.answer(bookings, recorded.call)
        if answer.text != recorded.result:
            found.unlike.append(f"call {found.calls}: {recorded.call.name}")
        if recorded.call.name not in desk.WRITES:
            continue
        found.asked += 1
        if recorded.call in spelled:
            spelled.remove(recorded.call)
            found.word_for_word += 1
        if match:
            still_open.remove(match)
        found.right += match is not None
        found.refused += match is None and answer.refused
        found.idle += match is None and not answer.refused and not answer.changed
        found.wrong += match is None and answer.changed
    should = judged.expected_end(conversation, folder)
    found.ends_right = bookings.changed() == should.changed()
    found.fingerprint = should.fingerprint() == conversation.fingerprint if conversation.fingerprint else None
    return found


def gated(conversation: Conversation, folder: Path = EXCERPT) -> Gated:
    """Play it past a reviewer."""
    found, reviewer = Gated(), judged.Reviewer(conversation, folder)
    should = judged.expected_end(conversation, folder).changed()
    for recorded in conversation.answered():
        if recorded.call.name not in desk.WRITES:
            continue
        approved = reviewer.decide(recorded.call).approved
        if not (approved or found.unfit) and playback.carried_out(recorded):
            found.unfit, found.ends_right_till_unfit = True, reviewer.bookings.changed() == should
        found.approved += approved
        found.approved_till_unfit += approved and not found.unfit
    found.ends_right = reviewer.bookings.changed() == should
    if not found.unfit:
        found.ends_right_till_unfit = found.ends_right
    return found


def unlike_its_reward(conversation: Conversation, found: Plain) -> str:
    """Why the bookings end otherwise than the reward says; "" where they do not."""
    if found.ends_right == (conversation.reward == RIGHT):
        return ""
    if not found.ends_right:
        return "The bookings end wrong, and yet it was rewarded."
    if not conversation.scored:
        return "The bookings end right; the recording stopped at its limit and was never scored."
    if conversation.outputs:
        return f"The bookings end right; {', '.join(conversation.outputs)} had to be said as well."
    return "The bookings end right, and yet it was not rewarded."


def lines(conversations: list[Conversation], folder: Path = EXCERPT) -> Iterator[dict[str, Any]]:
    """Each figure by its name; then whatever is other than recorded, by conversation."""
    ended = [plain(conversation, folder) for conversation in conversations]
    past = [gated(conversation, folder) for conversation in conversations]
    marks = [found.fingerprint for found in ended if found.fingerprint is not None]
    figures = {
        "conversations": len(conversations),
        "recorded_results": sum(found.calls for found in ended),
        "recorded_results_equal": sum(found.calls - len(found.unlike) for found in ended),
        "fingerprints": len(marks),
        "fingerprints_equal": sum(marks),
        "writes_expected": sum(len(judged.writes(conversation.expected)) for conversation in conversations),
        "writes_asked": sum(found.asked for found in ended),
        "writes_word_for_word": sum(found.word_for_word for found in ended),
        "writes_right": sum(found.right for found in ended),
        "writes_refused_by_the_tool": sum(found.refused for found in ended),
        "writes_idle": sum(found.idle for found in ended),
        "writes_wrong": sum(found.wrong for found in ended),
        "rewarded": sum(conversation.reward == RIGHT for conversation in conversations),
        "right_without_gate": sum(found.ends_right for found in ended),
        "right_with_gate": sum(found.ends_right for found in past),
        "approved": sum(found.approved for found in past),
        "unfit": sum(found.unfit for found in past),
        "right_till_unfit": sum(found.ends_right_till_unfit for found in past),
        "approved_till_unfit": sum(found.approved_till_unfit for found in past),
    }
    yield from ({"name": name, "value": value} for name, value in figures.items())
    for conversation, found in zip(conversations, ended, strict=True):
        differing = [*found.unlike, *filter(None, [unlike_its_reward(conversation, found)])]
        yield from ({"difference": one, "conversation": conversation.name} for one in differing)
