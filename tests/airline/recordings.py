"""The recorded conversations of the airline: where they lie, what was said, which calls were made."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
EXCERPT = HERE / "excerpt"
WHOLE = Path(os.environ.get("HANDRAIL_AIRLINE") or HERE.parents[2] / "shared" / "data" / "airline")
CONVERSATIONS = "trajectories.json"

Message = dict[str, Any]


class NotConversations(Exception):
    """A file is not of the shape that recorded conversations have."""


@dataclass(frozen=True)
class Call:
    """A call of a tool: its name, and its arguments."""

    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Answered:
    """A call as it was recorded: the id that the model gave it, the call, and the result it got.

    A model repeats its ids, even inside one conversation: they tell which call a result answers, and nothing more.
    """

    id: str
    call: Call
    result: str


@dataclass(frozen=True)
class Conversation:
    """One conversation, the `number`th of its file; `messages` begin with the policy.

    `expected` are the calls that would have been right, reads among them; `outputs` is what had to be said as well.
    `fingerprint` is what the recording says of the bookings after `expected`, where it says anything of them.
    """

    number: int
    task: int
    trial: int
    reward: float
    scored: bool
    messages: tuple[Message, ...]
    expected: tuple[Call, ...]
    outputs: tuple[str, ...]
    fingerprint: str

    @property
    def name(self) -> str:
        """What it is called in every report."""
        return f"task {self.task}, trial {self.trial}"

    @property
    def turns(self) -> list[Message]:
        """What the assistant said, turn by turn."""
        return [message for message in self.messages if message["role"] == "assistant"]

    @property
    def opening(self) -> list[Message]:
        """What was there before the assistant's first turn."""
        first = next(n for n, message in enumerate(self.messages) if message["role"] == "assistant")
        return list(self.messages[:first])

    def answered(self) -> Iterator[Answered]:
        """Every call that got a result, in order; a turn's results follow it in the order of its calls."""
        asked: list[dict[str, Any]] = []
        for message in self.messages:
            if message["role"] == "assistant":
                asked = list(message.get("tool_calls") or [])
            elif message["role"] == "tool":
                name = message["tool_call_id"]
                which = next((n for n, call in enumerate(asked) if call["id"] == name), 0)
                yield Answered(name, call_of(asked.pop(which)), message["content"])


def call_of(asked: dict[str, Any]) -> Call:
    """A call in the format of OpenAI, read."""
    return Call(asked["function"]["name"], json.loads(asked["function"]["arguments"]))


def read(path: Path) -> list[Conversation]:
    """The conversations of a file of the recordings' shape; `NotConversations` says what is wrong with another."""
    try:
        rows = json.loads(path.read_text())
    except (OSError, ValueError) as unreadable:
        raise NotConversations(f"{path} cannot be read: {unreadable}") from unreadable
    if not isinstance(rows, list) or not rows:
        raise NotConversations(f"{path} holds no list of conversations.")
    return [_read(path, number, row) for number, row in enumerate(rows)]


def _read(path: Path, number: int, row: dict[str, Any]) -> Conversation:
    try:
        conversation = _conversation(number, row)
        list(conversation.answered())
        _ = conversation.opening
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, StopIteration) as wrong:
        raise NotConversations(f"Conversation {number} of {path} is not of their shape: {wrong!r}") from wrong
    return conversation


def _conversation(number: int, row: dict[str, Any]) -> Conversation:
    task, judged = row["info"]["task"], row["info"].get("reward_info") or {}
    return Conversation(
        number=number,
        task=row["task_id"],
        trial=row["trial"],
        reward=row["reward"],
        scored=bool(judged),
        messages=tuple(row["traj"]),
        expected=tuple(Call(action["name"], action["kwargs"]) for action in task["actions"]),
        outputs=tuple(task.get("outputs") or ()),
        fingerprint=(judged.get("info") or {}).get("gt_data_hash", ""),
    )


def file_of(folder: Path) -> Path:
    """Where a folder's conversations lie."""
    return folder / CONVERSATIONS


@cache
def declared(folder: Path = EXCERPT) -> tuple[dict[str, Any], ...]:
    """The tools as they are declared to a model: name, description and parameters of each."""
    return tuple(tool["function"] for tool in json.loads((folder / "tools.json").read_text()))


def there(folder: Path = WHOLE) -> bool:
    """Whether the data is there."""
    return file_of(folder).is_file()
