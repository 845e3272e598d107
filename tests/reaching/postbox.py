"""A mail server on loopback: it takes messages, or refuses them as a test says, and keeps what it took."""

import email
import email.policy
import socketserver
from email.message import EmailMessage
from typing import Any


class Postbox(socketserver.ThreadingTCPServer):
    """`refuses` is the line that every addressee is answered with; `slow` makes it hang up instead of saying fine."""

    allow_reuse_address = True
    daemon_threads = True
    refuses = ""
    hangs_up = False

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Talk)
        self.raw: list[bytes] = []

    @property
    def taken(self) -> list[EmailMessage]:
        """The messages that came."""
        return [email.message_from_bytes(one, policy=email.policy.default) for one in list(self.raw)]

    def to(self, address: str) -> list[EmailMessage]:
        """Those for one addressee."""
        return [one for one in self.taken if one["To"] == address]


class _Talk(socketserver.StreamRequestHandler):
    server: Postbox

    def handle(self) -> None:
        self.wfile.write(b"220 ready\r\n")
        while line := self.rfile.readline():
            said = line.decode().strip().upper()
            if said == "DATA":
                self.wfile.write(b"354 go on\r\n")
                self.server.raw.append(b"".join(iter(self.rfile.readline, b".\r\n")))
                if self.server.hangs_up:
                    return
            refused = self.server.refuses and said.startswith("RCPT")
            answer = self.server.refuses if refused else "221 bye" if said == "QUIT" else "250 fine"
            self.wfile.write(answer.encode() + b"\r\n")


def name_it(settings: Any, port: Any) -> None:
    """Let the settings name that server."""
    options = {"host": "127.0.0.1", "port": port, "timeout": 5}
    settings.SMTP_HOST = "127.0.0.1"
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}


def plain(letter: EmailMessage) -> str:
    """Its plain text."""
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def whole(letter: EmailMessage) -> str:
    """All that stands in it: headers, text and HTML."""
    html = letter.get_body(("html",))
    assert html is not None
    return "\n".join([*(f"{name}: {value}" for name, value in letter.items()), plain(letter), str(html.get_content())])
