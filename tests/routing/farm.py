"""A farm of model servers on loopback, each with its ways, and the models of the catalog that stand for them."""

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from orchestration.models import Model
from orchestration.routing import candidates
from orchestration.states import ModelStatus, RiskTier

MARK = "MARK "  # before the class and tier in every prompt: what a server counts its calls by


@dataclass
class Server:
    """One server: how slow it is, how often it fails, whether it lies about its schema; and what reached it."""

    name: str
    delay: float = 0.0
    fails: float = 0.0
    lies: bool = False
    facts: dict[str, Any] = field(default_factory=dict)
    reached: Counter[tuple[str, str]] = field(default_factory=Counter)
    answered: int = 0
    failed: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    chance: random.Random = field(default_factory=lambda: random.Random(5))

    def hears(self, asked: dict[str, Any]) -> tuple[int, bytes]:
        """Its answer to one call, with the status."""
        prompt = json.dumps(asked["messages"])
        data, _space, tier = prompt.partition(MARK)[2].partition(" ")
        with self.lock:
            self.reached[data, tier.partition(".")[0]] += 1
            draws = self.chance.random()
        time.sleep(self.delay)
        if draws < self.fails:
            self.failed += 1
            return (429, b"{}") if draws < self.fails / 2 else (500, b"{}")
        self.answered += 1
        said = {"wrong": 1} if self.lies else {"said": "yes"}
        return 200, completion(self.name, json.dumps(said))


def completion(model: str, content: str) -> bytes:
    """A whole answer of 200 tokens to 20."""
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": content}}
    usage = {"prompt_tokens": 200, "completion_tokens": 20, "total_tokens": 220}
    head = {"id": "cmpl-1", "object": "chat.completion", "created": 0, "model": f"{model}-2026"}
    return json.dumps({**head, "choices": [choice], "usage": usage}).encode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_of: Server

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status, body = self.server_of.hears(asked)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Stay quiet."""


class _Many(ThreadingHTTPServer):
    request_queue_size = 512
    daemon_threads = True


SERVERS = (
    Server("slow", 0.3, facts={"ceiling": "special", "price": 2, "quality": 0.7}),
    Server("dear", facts={"ceiling": "special", "price": 30, "quality": 0.95}),
    Server("abroad", facts={"ceiling": "special", "price": 1, "quality": 0.9, "region": "us"}),
    Server("failing", fails=0.5, facts={"ceiling": "personal", "price": 1, "quality": 0.8}),
    Server("lying", lies=True, facts={"ceiling": "internal", "price": 1, "quality": 0.8, "schema": True}),
    Server("public", facts={"ceiling": "public", "price": 1, "quality": 0.8}),
    Server("careful", facts={"ceiling": "special", "price": 4, "quality": 0.8, "tiers": ["minimal", "limited"]}),
    Server("unapproved", facts={"ceiling": "special", "price": 1, "quality": 1.0, "status": ModelStatus.PROPOSED}),
)


@contextmanager
def farm(*servers: Server) -> Iterator[dict[str, Server]]:
    """These servers, and an approved row for each, as long as the block."""
    with ExitStack() as stack:
        for server in servers:
            bound = type("Handler", (_Handler,), {"server_of": server})
            listening = _Many(("127.0.0.1", 0), bound)
            threading.Thread(target=listening.serve_forever, daemon=True).start()
            stack.callback(listening.server_close)
            stack.callback(listening.shutdown)
            _row(server, listening.server_address[1]).save()
        candidates.forget()
        yield {server.name: server for server in servers}
    candidates.forget()


def fresh() -> list[Server]:
    """The servers of the farm, none of which was asked anything yet."""
    kept = ("name", "delay", "fails", "lies", "facts")
    return [Server(**{name: getattr(server, name) for name in kept}) for server in SERVERS]


def _row(server: Server, port: int) -> Model:
    facts = server.facts
    return Model(
        name=f"farm/{server.name}",
        title=server.name,
        route=f"openai/{server.name}",
        endpoint=f"http://127.0.0.1:{port}/v1",
        private_endpoint=True,
        status=facts.get("status", ModelStatus.APPROVED),
        ceiling=facts["ceiling"],
        region=facts.get("region", "eu"),
        tiers=facts.get("tiers", RiskTier.values),
        capabilities=["schema"] if facts.get("schema") else [],
        context=32_000,
        price_in=Decimal(facts["price"]),
        price_out=Decimal(facts["price"] * 3),
        quality=facts["quality"],
        tags=["farm"],
    )
