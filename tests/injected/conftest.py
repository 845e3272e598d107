"""A shop behind a connection with keys, a folder of files, an agent that may use them, and somebody who listens."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from orchestration import catalog
from orchestration.models import Connection, Tool
from orchestration.tools import declared
from orchestration.tools.kinds.files import DECLARATIONS
from orchestration.tools.mcp.declaring import fingerprint
from tests.cast import Cast
from tests.injected.instructions import HEADER, KEY
from tests.injected.obeying import Obeying, obeying
from tests.outgoing import watching
from tests.outgoing.watching import Listener

TEXT = {"type": "string"}
FOUND = {"type": "object", "additionalProperties": False, "required": ["id"], "properties": {"id": TEXT, "q": TEXT}}
NOTED = {"type": "object", "additionalProperties": False, "properties": {"id": TEXT, "note": TEXT}}
READING = {"method": "GET", "path": "/items/{id}", "places": {"id": {"in": "path"}, "q": {"in": "query"}}}
WRITING = {"method": "POST", "path": "/orders/{id}", "places": {"id": {"in": "path"}, "note": {"in": "body"}}}
OPEN: dict[str, Any] = {"status": "approved", "for_all": True}
READS: dict[str, Any] = {"effect": "read", "leaves_house": False, "repeatability": "safe", **OPEN}
WRITES: dict[str, Any] = {"effect": "write", "leaves_house": True, "repeatability": "keyed", **OPEN}


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Iterator[Obeying]:
    """A model that obeys."""
    with obeying() as said:
        for name, value in said.environment.items():
            monkeypatch.setenv(name, value)
        yield said


@pytest.fixture
def shop(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    """The shop's server; what it answers is `answers` by path. The agent is given two of its three tools."""
    monkeypatch.setenv("SHOP_KEY", KEY)
    monkeypatch.setenv("SHOP_HEADER", HEADER)
    with watching.listener() as listener:
        behind = Connection.objects.create(
            name="shop",
            kind="http",
            address=f"http://127.0.0.1:{listener.port}",
            private=True,
            methods=["GET", "POST", "DELETE"],
            secret="env:SHOP_KEY",
            headers=[{"name": "X-Shop", "secret": "env:SHOP_HEADER"}],
            status="approved",
        )
        add(behind, "read", FOUND, READING, **READS)
        add(behind, "write", NOTED, WRITING, **WRITES)
        add(behind, "delete", NOTED, {**WRITING, "method": "DELETE"}, **{**WRITES, "effect": "destructive"})
        catalog.forget()
        declared.forget()
        yield listener


@pytest.fixture
def docs(cast: Cast, settings: Settings, tmp_path: Path) -> Path:
    """A folder of which the agent may read files and names."""
    folder = tmp_path / "docs"
    folder.mkdir()
    settings.HANDRAIL_FOLDERS = [("papers", str(folder))]
    behind = Connection.objects.create(name="docs", kind="files", options={"folder": "papers"}, status="approved")
    for name, said in (("read", READS), ("list", READS), ("write", WRITES)):
        told = DECLARATIONS[name]
        made = {**told, "title": str(told["title"]), "description": str(told["description"])}
        Tool.objects.create(name=f"docs.{name}", title=name, connection=behind, kind="files", declaration=made, **said)
    declared.forget()
    return folder


@pytest.fixture
def elsewhere() -> Iterator[Listener]:
    """A server where nobody has any business."""
    with watching.listener() as listener:
        yield listener


def add(behind: Connection, name: str, arguments: dict[str, Any], own: dict[str, Any], **more: Any) -> Tool:
    """A tool of a connection, as two people would have let it in."""
    said = {"name": name, "description": f"To {name}.", "arguments": arguments, "own": own}
    told: dict[str, Any] = {"kind": behind.kind, "declaration": said, "fingerprint": fingerprint(said), **more}
    return Tool.objects.create(name=f"{behind.name}.{name}", title=name, connection=behind, **told)


def answers(listener: Listener, path: str, status: int, body: Any) -> None:
    """What the server says at a path."""
    listener.answers[path] = watching.say(status, json.dumps(body).encode(), Content_Type="application/json")


def texts(listener: Listener, path: str, text: str, status: int = 200) -> None:
    """The same, as plain text."""

    def answered(handler: BaseHTTPRequestHandler) -> None:
        watching.say(status, text.encode(), Content_Type="text/plain; charset=utf-8")(handler)

    listener.answers[path] = answered
