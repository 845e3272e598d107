"""A server on every address of this machine, over TLS too, and a watch over where this process connects to."""

import gzip
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

type Answer = Callable[[BaseHTTPRequestHandler], None]

_watching: list[list[tuple[Any, ...]]] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect" and _watching and isinstance(arguments[1], tuple):
        for seen in _watching:
            seen.append(arguments[1][:2])


sys.addaudithook(_hook)


@contextmanager
def connections() -> Iterator[list[tuple[Any, ...]]]:
    """Where this process connects to within the block: (address, port), tried or done."""
    seen: list[tuple[Any, ...]] = []
    _watching.append(seen)
    try:
        yield seen
    finally:
        _watching.remove(seen)


@dataclass
class Listener:
    """A server on all addresses of this machine, and what came to it."""

    port: int = 0
    came: int = 0
    heard: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)


@contextmanager
def listener(certificate: Path | None = None) -> Iterator[Listener]:
    """One that stands as long as the block; with a certificate it speaks TLS."""
    told = Listener()
    server = _Server(told, certificate)
    told.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    address_family, daemon_threads, block_on_close = socket.AF_INET6, True, False

    def __init__(self, told: Listener, certificate: Path | None) -> None:
        self.told, self.context = told, None
        if certificate is not None:
            self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            self.context.load_cert_chain(certificate)
            self.context.sni_callback = lambda _socket, name, _context: told.names.append(name)
        super().__init__(("::", 0), type("Handler", (_Handler,), {"told": told}))

    def server_bind(self) -> None:
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()

    def get_request(self) -> tuple[Any, Any]:
        connection, address = super().get_request()
        self.told.came += 1
        if self.context is not None:
            connection.settimeout(5)
            connection = self.context.wrap_socket(connection, server_side=True)
        return connection, address

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever goes away early is not talked about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    told: Listener

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.told.heard.append((self.command, self.path, dict(self.headers.items()), body))
        with suppress(OSError):
            self.told.answers.get(self.path.partition("?")[0], say(200, b"hello"))(self)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = answer  # noqa: N815

    def log_message(self, *arguments: Any) -> None:
        """Stay quiet."""


def say(status: int, body: bytes, **headers: str) -> Answer:
    """An answer in one piece."""

    def answered(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(body)

    return answered


def packed(body: bytes) -> Answer:
    """An answer that unpacks to `body`."""
    return say(200, gzip.compress(body), Content_Encoding="gzip")


def dripping(*, headers: bool) -> Answer:
    """An answer whose headers, or whose body, come a byte at a time and never end."""

    def answered(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n" if headers else b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")
        for _ in range(200):
            time.sleep(0.05)
            handler.wfile.write(b"x")

    return answered


def certificate(folder: Path, *names: str) -> Path:
    """A certificate for these names, signed by itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    began = datetime.now(UTC) - timedelta(days=1)
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(began).not_valid_after(began + timedelta(days=30))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    made = builder.sign(key, hashes.SHA256())
    path = folder / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path
