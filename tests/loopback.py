"""A model provider on loopback that speaks the OpenAI protocol over real HTTP, and does what the test says."""

import contextlib
import json
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

ANSWERS: dict[str, dict[str, Any]] = {
    "triage": {"label": "pending_card_payment", "confidence": 0.83},
    "draft": {"subject": "Your pending card payment", "body": "Hello Ines Duarte,\n\nYour payment is on its way."},
}

PIECE = 8  # characters


@dataclass
class Provider:
    """What the provider does, and what it was asked.

    It thinks for `delay` seconds, then answers with `status`, `headers` and `body`; or with the messages in `says`,
    one after another; or as `ANSWERS` tell. It may stop after `cut` bytes, wait `drip` seconds before each byte, or
    `reset` the connection instead of answering. Asked for a stream it sends its text in pieces of `PIECE` characters:
    `cut` and `drip` then count pieces.
    """

    port: int = 0
    delay: float = 0.0
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    says: list[dict[str, Any]] = field(default_factory=list)
    cut: int | None = None
    drip: float = 0.0
    reset: bool = False
    asked: list[str] = field(default_factory=list)
    heard: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    inside: int = 0  # calls that it answers now, and the most that it ever answered at once
    most_inside: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def counted(self) -> Iterator[None]:
        """One call, as long as the block."""
        with self.lock:
            self.inside += 1
            self.most_inside = max(self.most_inside, self.inside)
        try:
            yield
        finally:
            with self.lock:
                self.inside -= 1

    @property
    def environment(self) -> dict[str, str]:
        """What litellm needs to find it."""
        address = f"http://127.0.0.1:{self.port}/v1"
        return {"OPENAI_API_KEY": "sk-loopback", "OPENAI_BASE_URL": address, "OPENAI_API_BASE": address}

    def answer(self, model: str) -> bytes:
        """The next answer."""
        if self.body is not None:
            return self.body
        if self.says:
            return completion(model, **self.says.pop(0))
        return completion(model, content=json.dumps(ANSWERS[model]))


@contextmanager
def provider() -> Iterator[Provider]:
    """A provider that stands as long as the block."""
    said = Provider()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"said": said}))
    said.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield said
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    said: Provider

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.said.asked.append(asked["model"])
        self.said.heard.append(asked)
        self.said.keys.append(self.headers.get("Authorization", ""))
        with self.said.counted():
            self._think_and_answer(asked["model"], streams=asked.get("stream", False))

    def _think_and_answer(self, model: str, *, streams: bool) -> None:
        time.sleep(self.said.delay)
        if self.said.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            return
        with contextlib.suppress(OSError):
            if streams and self.said.status == 200:
                self._stream(json.loads(self.said.answer(model)))
            else:
                self._answer(self.said.answer(model))

    def _stream(self, whole: dict[str, Any]) -> None:
        said, usage = whole["choices"][0]["message"], whole["usage"]
        head = {**whole, "object": "chat.completion.chunk", "usage": None}
        deltas = [*_pieces(said)]
        events = [{**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
        events += [{**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}]
        events += [{**head, "choices": [], "usage": usage}]
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for event in events[: self.said.cut]:
            self.wfile.write(f"data: {json.dumps(event)}\n\n".encode())
            self.wfile.flush()
            time.sleep(self.said.drip)
        if self.said.cut is None:
            self.wfile.write(b"data: [DONE]\n\n")

    def _answer(self, content: bytes) -> None:
        self.send_response(self.said.status)
        for name, value in {"Content-Type": "application/json", **self.said.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        step = 1 if self.said.drip else len(content) or 1
        for start in range(0, len(content[: self.said.cut]), step):
            time.sleep(self.said.drip)
            self.wfile.write(content[: self.said.cut][start : start + step])

    def log_message(self, *args: Any) -> None:
        """Stay quiet."""


def _pieces(said: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A message in deltas: its text, then the calls, whose arguments come in turns where there are several."""
    text = said["content"] or ""
    yield from ({"content": text[at : at + PIECE]} for at in range(0, len(text), PIECE))
    calls = list(enumerate(said.get("tool_calls") or ()))
    for index, call in calls:
        head = {**call, "function": {**call["function"], "arguments": ""}}
        yield {"tool_calls": [{"index": index, **head}]}
    longest = max((len(call["function"]["arguments"]) for _, call in calls), default=0)
    for at in range(0, longest, PIECE):
        for index, call in calls:
            if part := call["function"]["arguments"][at : at + PIECE]:
                yield {"tool_calls": [{"index": index, "function": {"arguments": part}}]}


def tool_call(name: str, arguments: dict[str, Any] | str, number: int = 1) -> dict[str, Any]:
    """A message that asks for a tool."""
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    asked = {"id": f"call-{number}", "type": "function", "function": {"name": name, "arguments": text}}
    return {"content": None, "tool_calls": [asked]}


def completion(model: str, **message: Any) -> bytes:
    """A whole answer of 40 tokens to 20, whose `finish_reason` is "stop" even when it asks for tools."""
    return json.dumps(
        {
            "id": "cmpl-1",
            "object": "chat.completion",
            "created": 0,
            "model": model,
            "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", **message}}],
            "usage": {"prompt_tokens": 40, "completion_tokens": 20, "total_tokens": 60},
        }
    ).encode()


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """A provider that litellm finds through the environment."""
    with provider() as said:
        for name, value in said.environment.items():
            monkeypatch.setenv(name, value)
        yield said
