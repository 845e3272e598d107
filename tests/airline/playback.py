"""The recorded assistant, played back: which turn of which conversation follows what was said so far.

Nothing is remembered between two questions: the conversation is known by a mark in what was said, or else by its first
messages, and the turn by how many the assistant has had.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tests.airline import desk
from tests.airline.recordings import Answered, Conversation, Message

MARKED = re.compile(r"\[recording (\d+)\]")


class How(StrEnum):
    """How a turn came about: as recorded, or as the end of the talk."""

    PLAYED = "played"
    OVER = "over"
    UNFIT = "unfit"
    UNKNOWN = "unknown"


ENDS = {
    How.OVER: "The recording is over.",
    How.UNFIT: "The recording is over here: what was recorded next followed a write that was not carried out.",
    How.UNKNOWN: "There is no recording of this conversation.",
}


@dataclass(frozen=True)
class Turn:
    """What the assistant says, in which turn of which conversation (-1 where none is known)."""

    message: Message
    how: How
    conversation: int
    number: int


def mark(conversation: Conversation) -> str:
    """What makes a conversation known, wherever it stands in what is said."""
    return f"[recording {conversation.number}]"


class Playback:
    """Plays conversations back; with `goes_on`, also past a write that is refused now and was not when recorded."""

    def __init__(self, conversations: Iterable[Conversation], goes_on: bool = False) -> None:
        self._conversations = {conversation.number: conversation for conversation in conversations}
        self._opened = [(_opens(conversation), conversation) for conversation in self._conversations.values()]
        self._goes_on = goes_on

    def turn(self, said: list[Message]) -> Turn:
        """The assistant's next turn after what was said."""
        number = sum(message["role"] == "assistant" for message in said)
        conversation = self.find(said)
        if conversation is None:
            return _end(How.UNKNOWN, -1, number)
        if not self._goes_on and not fits(conversation, said):
            return _end(How.UNFIT, conversation.number, number)
        if number >= len(conversation.turns):
            return _end(How.OVER, conversation.number, number)
        return Turn(conversation.turns[number], How.PLAYED, conversation.number, number)

    def find(self, said: list[Message]) -> Conversation | None:
        """The conversation; of several that begin alike, the one that goes on like this, and the first of those."""
        heard = "\n".join(text(message) for message in said if message["role"] not in ("assistant", "tool"))
        marked = MARKED.search(heard)
        if marked:
            return self._conversations.get(int(marked[1]))
        begun = [(len(words), one) for words, one in self._opened if _within(words, heard)]
        longest = max((length for length, _ in begun), default=0)
        alike = [one for length, one in begun if length == longest]
        if len(alike) < 2:
            return next(iter(alike), None)
        return max(alike, key=lambda one: _in_common(one, said))


def _end(how: How, conversation: int, number: int) -> Turn:
    return Turn({"role": "assistant", "content": ENDS[how]}, how, conversation, number)


def _opens(conversation: Conversation) -> str:
    """The customer's first words."""
    return next((text(message) for message in conversation.opening if message["role"] == "user"), "")


def _in_common(conversation: Conversation, said: list[Message]) -> int:
    """How much of what is recorded was said by the customer and the assistant, up to what was not."""
    words = [text(message) for message in conversation.messages if message["role"] in ("user", "assistant")]
    lines = [text(message) for message in said]
    spoken = [not word or any(_within(word, line) for line in lines) for word in words]
    return spoken.index(False) if False in spoken else len(spoken)


def text(message: Message) -> str:
    """What a message says, be it one text or parts."""
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    return "\n".join(part.get("text", "") for part in content)


def _within(wanted: str, line: str) -> bool:
    """Whether a text stands in another, as it is or as JSON spells it."""
    return bool(wanted) and (wanted in line or json.dumps(wanted)[1:-1] in line)


def fits(conversation: Conversation, said: list[Message]) -> bool:
    """Whether every write that had been carried out when the next turn was recorded has been carried out now.

    An answer may stand in a frame of words or of JSON, its keys in another order.
    """
    answers = [text(message) for message in said if message["role"] == "tool"]
    return all(
        told(recorded.result, answer)
        for recorded, answer in zip(conversation.answered(), answers, strict=False)
        if carried_out(recorded)
    )


def carried_out(recorded: Answered) -> bool:
    """Whether a recorded call was a write that was not refused."""
    return recorded.call.name in desk.WRITES and not recorded.result.startswith("Error")


def told(result: str, answer: str) -> bool:
    """Whether an answer tells a result."""
    return _within(result, answer) or any(value in (result, _read(result)) for value in _values(answer))


def _values(answer: str) -> Iterator[Any]:
    """Everything in a text that is JSON, and what stands in it."""
    at, decoder = 0, json.JSONDecoder()
    while (found := min((n for n in (answer.find("{", at), answer.find("[", at)) if n >= 0), default=-1)) >= 0:
        try:
            value, at = decoder.raw_decode(answer, found)
        except ValueError:
            at = found + 1
        else:
            yield from _inside(value)


def _inside(value: Any) -> Iterator[Any]:
    """A value and all within it; also what a text of it spells in JSON."""
    yield value
    if isinstance(value, str) and (read := _read(value)) != value:
        yield read
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _inside(inner)


def _read(result: str) -> Any:
    try:
        return json.loads(result)
    except ValueError:
        return result
