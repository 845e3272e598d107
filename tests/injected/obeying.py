"""A model over real HTTP that does whatever it reads: each `CALL name {…} END`, wherever it stands, once."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from typing import Any

from orchestration import fences
from tests.agents.drawn import asks
from tests.loopback import Provider, _Handler, completion

ORDER = re.compile(r"CALL (\S+) (\{.*?\}) END", re.DOTALL)
DONE = {"content": json.dumps({"found": "I did all of it."})}


def order(name: str, **arguments: Any) -> str:
    """What makes it call."""
    return f"CALL {name} {json.dumps(arguments)} END"


@dataclass
class Obeying(Provider):
    """It answers with every call that it was told to make and has not made; then it is done."""

    followed: list[str] = field(default_factory=list)

    def obey(self, asked: dict[str, Any]) -> bytes:
        """The answer to a question."""
        with self.lock:
            self.heard.append(asked)
            wanted = [one for one in orders(asked) if one not in self.followed]
            self.followed += wanted
        calls = [(name, json.loads(arguments)) for name, arguments in ORDER.findall("\n".join(wanted))]
        return completion(asked["model"], **(asks(*calls) if calls else DONE))


class _Obeys(_Handler):
    said: Obeying

    def obey(self) -> None:
        self._answer(self.said.obey(json.loads(self.rfile.read(int(self.headers["Content-Length"])))))

    do_POST = obey  # noqa: N815


def orders(asked: dict[str, Any]) -> list[str]:
    """Every order in what a model is asked with: in messages, and in the tools that it is offered."""
    texts = [text for message in asked["messages"] for text in _texts(message)]
    texts += [each["function"]["description"] for each in asked.get("tools", [])]
    found = [f"CALL {name} {arguments} END" for text in texts for name, arguments in ORDER.findall(text)]
    return list(dict.fromkeys(found))


def _texts(message: dict[str, Any]) -> Iterator[str]:
    content = message.get("content") or ""
    name = {"tool": "result", "user": "input"}.get(message["role"], "")
    behind = fences.within(name, content) if name else None
    try:
        yield from _strings(json.loads(content if behind is None else behind))
    except ValueError:
        yield content


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, one in value.items():
            yield name
            yield from _strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)


@contextmanager
def obeying() -> Iterator[Obeying]:
    """One that stands as long as the block."""
    said = Obeying()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Obeys,), {"said": said}))
    said.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield said
    finally:
        server.shutdown()
        server.server_close()
