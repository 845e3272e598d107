"""A model provider on loopback that plays the recorded assistant back, as a process of its own.

`python -m tests.airline.provider [FILE]` prints its address; at `/v1` it speaks as much of the OpenAI protocol as a
chat completion needs. `/told` has what it was asked, and how each conversation ended. Four letters count as a token.
"""

import argparse
import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.airline import serving
from tests.airline.playback import How, Playback, Turn
from tests.airline.recordings import EXCERPT, Message, file_of, read

LETTERS_A_TOKEN = 4


@dataclass
class Counted:
    """What was asked: calls, how often the same turn again, tokens, and each conversation's end."""

    calls: int = 0
    again: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    how: Counter[How] = field(default_factory=Counter)
    ends: dict[int, dict[str, Any]] = field(default_factory=dict)
    had: set[tuple[int, int]] = field(default_factory=set)

    def add(self, turn: Turn, usage: dict[str, int]) -> None:
        """One more."""
        self.calls += 1
        self.how[turn.how] += 1
        self.prompt_tokens += usage["prompt_tokens"]
        self.completion_tokens += usage["completion_tokens"]
        self.again += (turn.conversation, turn.number) in self.had
        self.had.add((turn.conversation, turn.number))
        if turn.how is not How.PLAYED and turn.conversation >= 0:
            self.ends[turn.conversation] = {"how": turn.how, "turn": turn.number}

    def told(self) -> dict[str, Any]:
        """As JSON can hold it."""
        figures = {name: getattr(self, name) for name in ("calls", "again", "prompt_tokens", "completion_tokens")}
        return {**figures, **{how: self.how[how] for how in How}, "ends": self.ends}


def completion(asked: dict[str, Any], turn: Turn) -> dict[str, Any]:
    """A turn as an answer of the protocol."""
    message = as_offered(turn.message, asked.get("tools") or [])
    choice = {"index": 0, "finish_reason": "tool_calls" if message.get("tool_calls") else "stop", "message": message}
    prompt, said = _tokens([asked["messages"], asked.get("tools")]), _tokens(message)
    return {
        "id": f"chatcmpl-{turn.conversation}-{turn.number}",
        "object": "chat.completion",
        "created": 0,
        "model": asked["model"],
        "choices": [choice],
        "usage": {"prompt_tokens": prompt, "completion_tokens": said, "total_tokens": prompt + said},
    }


def as_offered(message: Message, offered: list[dict[str, Any]]) -> Message:
    """A turn with each call by the name under which its tool is offered now: that of its server may stand before it."""
    if not message.get("tool_calls"):
        return message
    names = [str(one["function"]["name"]) for one in offered]
    return {**message, "tool_calls": [_by_its_name(call, names) for call in message["tool_calls"]]}


def _by_its_name(call: dict[str, Any], names: list[str]) -> dict[str, Any]:
    recorded = str(call["function"]["name"])
    ours = (name for name in names if name == recorded or name.endswith((f"_{recorded}", f".{recorded}")))
    return {**call, "function": {**call["function"], "name": next(ours, recorded)}}


def _tokens(said: Any) -> int:
    return -(-len(json.dumps(said)) // LETTERS_A_TOKEN)


def app(playback: Playback, seconds: float = 0.0) -> Starlette:
    """The provider; it thinks for so many seconds."""
    counted = Counted()

    async def complete(request: Request) -> JSONResponse:
        try:
            asked = json.loads(await request.body())
            turn = playback.turn(asked["messages"])
            answer = completion(asked, turn)
        except (ValueError, KeyError, TypeError, AttributeError) as unfit:
            error = {"message": f"This is no chat completion: {unfit!r}", "type": "invalid_request_error"}
            return JSONResponse({"error": error}, 400)
        counted.add(turn, answer["usage"])
        await asyncio.sleep(seconds)
        return JSONResponse(answer)

    async def told(request: Request) -> JSONResponse:
        return JSONResponse(counted.told())

    return Starlette(routes=[Route("/v1/chat/completions", complete, methods=["POST"]), Route("/told", told)])


@dataclass(frozen=True)
class Provider:
    """One that stands: where it is, and its process."""

    address: str
    pid: int

    @property
    def url(self) -> str:
        """Where it speaks the protocol."""
        return f"{self.address}/v1"

    @property
    def environment(self) -> dict[str, str]:
        """What litellm needs to find it."""
        return {"OPENAI_API_KEY": "sk-airline", "OPENAI_BASE_URL": self.url, "OPENAI_API_BASE": self.url}

    def told(self) -> dict[str, Any]:
        """`calls`, `again`, tokens, how often each `How` came, and `ends`: how and at which turn, by conversation."""
        return dict(serving.told(self.address, "/told"))


@contextmanager
def standing(file: Path | None = None, seconds: float = 0.0, goes_on: bool = False) -> Iterator[Provider]:
    """A provider that plays a file's conversations back, as long as the block."""
    given = [str(file or file_of(EXCERPT)), "--seconds", str(seconds), *(["--goes-on"] if goes_on else [])]
    with serving.process("tests.airline.provider", *given) as (address, pid):
        yield Provider(address, pid)


def main() -> None:
    """Serve as the command line asks."""
    parser = argparse.ArgumentParser(prog="python -m tests.airline.provider")
    parser.add_argument("file", type=Path, nargs="?", default=file_of(EXCERPT), help="the conversations")
    parser.add_argument("--seconds", type=float, default=0.0, help="how long each answer takes")
    parser.add_argument("--goes-on", action="store_true", help="play on past a write that was refused")
    parser.add_argument("--port", type=int, default=0, help="the port to listen on; 0 chooses one")
    asked = parser.parse_args()
    serving.serve(app(Playback(read(asked.file), asked.goes_on), asked.seconds), asked.port)


if __name__ == "__main__":
    main()
