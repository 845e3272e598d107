"""The e-mail tool over SMTP: real lines on a real socket of loopback."""

import socketserver
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from orchestration import tools
from tests.processes import free_port

ARGUMENTS = {"to": "ines.duarte@customer.example", "subject": "Ihre Überweisung", "body": "Hello,\n\nIt is on its way."}


class Postbox(socketserver.ThreadingTCPServer):
    """A mail server that takes every message, and keeps it."""

    allow_reuse_address = True
    daemon_threads = True
    refuses = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.taken: list[str] = []


class _Talk(socketserver.StreamRequestHandler):
    server: Postbox

    def handle(self) -> None:
        self.wfile.write(b"220 ready\r\n")
        while line := self.rfile.readline():
            self._answer(line.decode().strip().upper())

    def _answer(self, said: str) -> None:
        if said == "DATA":
            self.wfile.write(b"354 go on\r\n")
            lines = iter(self.rfile.readline, b".\r\n")
            self.server.taken.append(b"".join(lines).decode())
        refused = self.server.refuses and said.startswith("RCPT")
        self.wfile.write(b"550 nobody here\r\n" if refused else b"221 bye\r\n" if said == "QUIT" else b"250 fine\r\n")


@pytest.fixture
def postbox(settings: Any) -> Iterator[Postbox]:
    """A mail server that stands, and settings that name it."""
    with Postbox() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        _name(settings, server.server_address[1])
        yield server
        server.shutdown()


def _name(settings: Any, port: Any) -> None:
    options = {"host": "127.0.0.1", "port": port, "timeout": 5}
    settings.SMTP_HOST = "127.0.0.1"
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}


def test_it_sends_over_smtp(postbox: Postbox) -> None:
    result = tools.get("email.send").call(ARGUMENTS, "run-1-step-send")
    assert result == {"sent": True, "message_id": "<run-1-step-send@handrail.invalid>"}
    (message,) = postbox.taken
    assert "To: ines.duarte@customer.example" in message
    assert "Message-ID: <run-1-step-send@handrail.invalid>" in message


def test_it_counts_as_unsafe_over_smtp(postbox: Postbox) -> None:
    assert tools.get("email.send").repeatability == tools.UNSAFE


def test_it_fails_for_good_when_the_server_refuses(postbox: Postbox) -> None:
    postbox.refuses = True
    with pytest.raises(tools.ToolFailed) as failed:
        tools.get("email.send").call(ARGUMENTS, "run-1-step-send")
    assert not failed.value.retry
    assert postbox.taken == []


def test_it_may_try_again_when_nobody_answers(settings: Any) -> None:
    _name(settings, free_port())
    with pytest.raises(tools.ToolFailed) as failed:
        tools.get("email.send").call(ARGUMENTS, "run-1-step-send")
    assert failed.value.retry


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("subject", "a\r\nBcc: thief@elsewhere.example"),
        ("to", "a@b.example, thief@elsewhere.example"),
        ("to", "not an address"),
        ("body", ""),
    ],
)
def test_it_refuses_arguments_that_would_reach_others(field: str, value: str) -> None:
    assert tools.get("email.send").problems({**ARGUMENTS, field: value})
