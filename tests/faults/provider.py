"""A model provider on loopback that errs as each question asks it to: how, and how many times before it answers."""

import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests import fenced
from tests.loopback import completion

AFTER = 1.0  # seconds that it asks to wait when it is busy
HANGS = 4.0  # seconds that it takes when it should time out
ANSWER = completion("any", content='{"ok": true}')
LARGE = completion("any", content="x" * 20_000_000)


class Provider:
    """Where it is, and when it was asked by which run."""

    def __init__(self, port: int) -> None:
        address = f"http://127.0.0.1:{port}/v1"
        self.environment = {"OPENAI_API_KEY": "sk-loopback", "OPENAI_BASE_URL": address, "OPENAI_API_BASE": address}
        self.asked: dict[int, list[float]] = defaultdict(list)
        self.lock = threading.Lock()

    def hear(self, run: int) -> int:
        """Note a call. Returns how many times that run has asked."""
        with self.lock:
            self.asked[run].append(time.monotonic())
            return len(self.asked[run])


class _Handler(BaseHTTPRequestHandler):
    provider: Provider

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        said = fenced.given(asked["messages"])
        err = FAULTS[said["fault"]] if self.provider.hear(int(said["run"])) <= said["times"] else _answer
        try:
            err(self)
        except OSError:
            return

    def send(self, body: bytes, status: int = 200, length: int | None = None, **headers: str) -> None:
        """One answer, which may say that it is longer than it is."""
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Stay quiet."""


def _answer(handler: _Handler) -> None:
    handler.send(ANSWER)


def _hang(handler: _Handler) -> None:
    time.sleep(HANGS)
    handler.send(ANSWER)


def _break_off(handler: _Handler) -> None:
    handler.send(ANSWER[: len(ANSWER) // 2], length=len(ANSWER))


FAULTS: dict[str, Callable[[_Handler], None]] = {
    "timeout": _hang,
    "busy": lambda handler: handler.send(b"{}", 429, Retry_After=str(int(AFTER))),
    "server": lambda handler: handler.send(b'{"error": {"message": "out of order"}}', 500),
    "half": _break_off,
    "garbage": lambda handler: handler.send(b"\x00\xff<html>{"),
    "empty": lambda handler: handler.send(b""),
    "large": lambda handler: handler.send(LARGE),
}
# The kind of failure that a step's retry policy names.
CODES = {
    "timeout": "timeout",
    "busy": "busy",
    "server": "server",
    "half": "connection",
    "garbage": "answer",
    "empty": "answer",
    "large": "answer",
}


class _Server(ThreadingHTTPServer):
    request_queue_size = 512
    daemon_threads = True


@contextmanager
def erring() -> Iterator[Provider]:
    """One that stands as long as the block."""
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {}))
    provider = Provider(server.server_address[1])
    server.RequestHandlerClass.provider = provider  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
