"""A farm of model servers on loopback, each with its ways, and the models of the catalog that stand for them.

A server counts by itself what reaches it: nothing here asks Handrail what it did. Where it fails or is wrong follows
from how many calls came before and from a seed, never from chance.
"""

import json
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from orchestration.models import Model
from orchestration.routing import candidates
from orchestration.states import ModelStatus, RiskTier
from tests import fenced

MARK = "MARK "  # before the class and tier in every prompt: what a server counts its calls by
BUSY, SOON, BROKEN, CUT = "busy", "soon", "broken", "cut"  # how a server fails
LEFT = "left"  # whoever asked hung up before the answer
STATUS = {BUSY: 429, SOON: 429, BROKEN: 500, CUT: 0}
TOKENS = (200, 20)  # of a call, in and out, where a server does not count them
CHARACTERS_A_TOKEN, A_MESSAGE = 4, 10  # as one counts that does: tokens of a text, and around each message
GROUP_SEED = 5


class Heard(NamedTuple):
    """One call as its server heard it: when, of which run, class and tier, and what became of it."""

    at: float
    run: str
    data: str
    tier: str
    text: str
    failed: str  # "" where it answered
    tokens_in: int
    tokens_out: int


@dataclass
class Server:
    """One server: how slow it is, when it fails, whether it lies about its schema; and what reached it.

    It fails the `first` calls and then one of every `fails_one_in`, in the ways of `ails`, in turn; it is wrong in one
    of every `wrong_one_in` answers. `thinks` answers in its place, from the request to the completion. One that
    `counts` says how many tokens it read, about as real ones do.
    """

    name: str
    delay: float = 0.0
    first: int = 0
    fails_one_in: int = 0
    wrong_one_in: int = 0
    ails: tuple[str, ...] = (BUSY, BROKEN)
    lies: bool = False
    writes: int = 0  # tokens of an answer, however short its text is; 0: as TOKENS say
    turns: int = 0  # so often it asks for a tool before it answers
    counts: bool = False
    thinks: Callable[[dict[str, Any]], bytes] | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    heard: list[Heard] = field(default_factory=list)
    calls: int = 0
    at_hand: int = 0
    most_at_once: int = 0
    answered: int = 0
    failed: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def reached(self) -> Counter[tuple[str, str]]:
        """How many calls of each class and tier came."""
        return Counter((one.data, one.tier) for one in self.heard)

    def hears(self, asked: dict[str, Any], waits: Callable[[], bool] = lambda: True) -> tuple[str, bytes]:
        """How it fails at one call ("" where it answers), and what it says. `waits`: whether anybody still listens."""
        at, body = time.time(), b"{}"
        with self.lock:
            number, self.calls = self.calls, self.calls + 1
            self.at_hand += 1
            self.most_at_once = max(self.most_at_once, self.at_hand)
            failed = self._failure(number)
        time.sleep(self.delay)
        try:
            body = body if failed else (self.thinks or self._says)(asked)
        except OSError:  # whoever thinks in its place gave no answer
            failed = CUT
        failed = failed or ("" if waits() else LEFT)
        with self.lock:
            self.at_hand -= 1
            self.heard.append(self._noted(at, asked, failed, body))
            self.answered += not failed
            self.failed += bool(failed)
        return failed, body

    def _failure(self, number: int) -> str:
        if number < self.first:
            return self.ails[number % len(self.ails)]
        group, place = divmod(number - self.first, self.fails_one_in or 1)
        if not self.fails_one_in or place != _drawn(self.name, group, self.fails_one_in):
            return ""
        return self.ails[group % len(self.ails)]

    def _noted(self, at: float, asked: dict[str, Any], failed: str, body: bytes) -> Heard:
        text = _text(asked)
        data, _space, tier = text.partition(MARK)[2].partition(".")[0].partition(" ")
        usage = {} if failed else json.loads(body)["usage"]
        tokens = usage.get("prompt_tokens", 0), usage.get("completion_tokens", 0)
        return Heard(at, str(given(asked).get("run", "")), data, tier, text, failed, *tokens)

    def _says(self, asked: dict[str, Any]) -> bytes:
        """The word that it was given, or what it says in its place."""
        with self.lock:
            number = self.answered
        if sum(message["role"] == "tool" for message in asked["messages"]) < self.turns and asked.get("tools"):
            tool = asked["tools"][0]["function"]["name"]
            return completion(self.name, "", read=self._read(asked), out=self.writes, tool=tool)
        group, place = divmod(number, self.wrong_one_in or 1)
        wrong = self.wrong_one_in and place == _drawn(self.name, group, self.wrong_one_in)
        word = "something else" if wrong else given(asked).get("word", "yes")
        said = json.dumps({"wrong": 1} if self.lies else {"said": word})
        return completion(self.name, said, read=self._read(asked), out=self.writes)

    def _read(self, asked: dict[str, Any]) -> int:
        whole = len(_text(asked)) // CHARACTERS_A_TOKEN + A_MESSAGE * len(asked["messages"])
        return whole if self.counts else TOKENS[0]


def _text(asked: dict[str, Any]) -> str:
    return "\n".join(str(message.get("content") or "") for message in asked["messages"])


def _drawn(name: str, group: int, among: int) -> int:
    """Which one of a group it is: drawn once and for all."""
    return random.Random(f"{GROUP_SEED} {name} {group}").randrange(among)


def given(asked: dict[str, Any]) -> dict[str, Any]:
    """The input of a call: the JSON between the fences of the first message that a step's input stands in."""
    try:
        return fenced.given(asked["messages"])
    except ValueError:
        return {}


def completion(model: str, content: str, *, read: int = TOKENS[0], out: int = 0, tool: str = "") -> bytes:
    """A whole answer, or the call of a tool."""
    said: dict[str, Any] = {"role": "assistant", "content": content}
    if tool:
        said["tool_calls"] = [{"id": "call-1", "type": "function", "function": {"name": tool, "arguments": "{}"}}]
    choice = {"index": 0, "finish_reason": "tool_calls" if tool else "stop", "message": said}
    written = out or TOKENS[1]
    usage = {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}
    head = {"id": "cmpl-1", "object": "chat.completion", "created": 0, "model": f"{model}-2026"}
    return json.dumps({**head, "choices": [choice], "usage": usage}).encode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_of: Server

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        failed, body = self.server_of.hears(asked, self._is_heard)
        if failed in (CUT, LEFT):
            self.close_connection = True
            return
        self.send_response(STATUS.get(failed, 200))
        self.send_header("Content-Type", "application/json")
        if failed == SOON:
            self.send_header("Retry-After", "1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _is_heard(self) -> bool:
        """Whether the other end is still there."""
        try:
            return bool(self.connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
        except BlockingIOError:
            return True
        except OSError:
            return False

    def log_message(self, *args: Any) -> None:
        """Stay quiet."""


class _Many(ThreadingHTTPServer):
    request_queue_size = 512
    daemon_threads = True


SERVERS = (
    Server("slow", 0.3, facts={"ceiling": "special", "price": 2, "quality": 0.7}),
    Server("dear", facts={"ceiling": "special", "price": 30, "quality": 0.95}),
    Server("abroad", facts={"ceiling": "special", "price": 1, "quality": 0.9, "region": "us"}),
    Server("failing", first=3, fails_one_in=5, facts={"ceiling": "personal", "price": 1, "quality": 0.8}),
    Server("lying", lies=True, facts={"ceiling": "internal", "price": 1, "quality": 0.8, "schema": True}),
    Server("public", facts={"ceiling": "public", "price": 1, "quality": 0.8}),
    Server("careful", facts={"ceiling": "special", "price": 4, "quality": 0.8, "tiers": ["minimal", "limited"]}),
    Server("unapproved", facts={"ceiling": "special", "price": 1, "quality": 1.0, "status": ModelStatus.PROPOSED}),
)
KEPT = ("name", "delay", "first", "fails_one_in", "wrong_one_in", "ails", "lies", "writes", "turns", "counts", "facts")


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
    return [anew(server) for server in SERVERS]


def anew(server: Server) -> Server:
    """The same server, as it was before the first call."""
    return Server(**{name: getattr(server, name) for name in KEPT})


def _row(server: Server, port: int) -> Model:
    facts = server.facts
    price = Decimal(str(facts["price"]))
    return Model(
        name=f"farm/{server.name}",
        title=server.name,
        route=f"openai/{server.name}",
        endpoint=f"http://127.0.0.1:{port}/v1",
        private_endpoint=True,
        secret=facts.get("secret", ""),
        status=facts.get("status", ModelStatus.APPROVED),
        approved_until=facts.get("until"),
        ceiling=facts["ceiling"],
        region=facts.get("region", "eu"),
        tiers=facts.get("tiers", RiskTier.values),
        capabilities=["schema"] * bool(facts.get("schema")) + ["tools"] * bool(facts.get("tools")),
        languages=facts.get("languages", []),
        context=facts.get("context", 32_000),
        price_in=price,
        price_out=price * 3,
        month_budget=facts.get("month_budget"),
        calls_at_once=facts.get("calls_at_once"),
        requests_per_minute=facts.get("requests_per_minute"),
        quality=facts["quality"],
        tags=facts.get("tags", ["farm"]),
    )
