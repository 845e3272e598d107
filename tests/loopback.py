"""A model provider on loopback that speaks the OpenAI protocol over real HTTP, and does what the test says."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ANSWERS: dict[str, dict[str, Any]] = {
    "triage": {"label": "pending_card_payment", "confidence": 0.83},
    "draft": {"subject": "Your pending card payment", "body": "Hello Ines Duarte,\n\nYour payment is on its way."},
}


@dataclass
class Provider:
    """What the provider does: how long it thinks, and with which status it answers; and what it was asked."""

    port: int = 0
    delay: float = 0.0
    status: int = 200
    body: bytes | None = None
    asked: list[str] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """What litellm needs to find it."""
        address = f"http://127.0.0.1:{self.port}/v1"
        return {"OPENAI_API_KEY": "sk-loopback", "OPENAI_BASE_URL": address, "OPENAI_API_BASE": address}


@contextmanager
def provider() -> Iterator[Provider]:
    """A provider that stands as long as the block."""
    said = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            said.asked.append(asked["model"])
            time.sleep(said.delay)
            content = said.body if said.body is not None else _completion(asked["model"])
            try:
                self.send_response(said.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            except BrokenPipeError:
                return

        def log_message(self, *args: Any) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    said.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield said
    finally:
        server.shutdown()
        server.server_close()


def _completion(model: str) -> bytes:
    text = json.dumps(ANSWERS[model])
    return json.dumps(
        {
            "id": "cmpl-1",
            "object": "chat.completion",
            "created": 0,
            "model": model,
            "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}],
            "usage": {"prompt_tokens": 40, "completion_tokens": 20, "total_tokens": 60},
        }
    ).encode()
