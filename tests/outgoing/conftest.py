"""Names that answer as a test says, and servers that stand while it runs."""

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orchestration.tools.outgoing import transports
from tests.outgoing import watching
from tests.outgoing.watching import Listener

type Names = dict[str, list[list[str]]]


@pytest.fixture
def listener() -> Iterator[Listener]:
    """A server without encryption."""
    with watching.listener() as standing:
        yield standing


@pytest.fixture
def sealed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    """A server with encryption, that is trusted as crm.example.org and api.example.org."""
    made = watching.certificate(tmp_path, "crm.example.org", "api.example.org")
    monkeypatch.setattr(transports, "_trust", lambda: ssl.create_default_context(cafile=str(made)))
    with watching.listener(made) as standing:
        yield standing


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    """What names answer: one list of addresses after another, the last for ever."""
    told: Names = {}
    real = socket.getaddrinfo

    def answer(host: Any, port: Any, *rest: Any, **more: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name not in told:
            return real(host, port, *rest, **more)
        now = told[name].pop(0) if len(told[name]) > 1 else told[name][0]
        return [found for address in now for found in real(address, port, type=socket.SOCK_STREAM)]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return told
