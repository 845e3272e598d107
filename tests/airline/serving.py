"""An ASGI app as a process of its own on loopback, which says where it is, and is asked as JSON."""

import json
import socket
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 20
WAITING_CONNECTIONS = 1024


def serve(app: Starlette, port: int) -> None:
    """Say where, and answer until ended; port 0 chooses one.

    The protocol is named, since asyncio sends without delay only then: 40 ms an answer.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", port))
        listening.listen(WAITING_CONNECTIONS)
        print(f"http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
        uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listening])


@contextmanager
def process(module: str, *arguments: str) -> Iterator[tuple[str, int]]:
    """A module that serves, as long as the block: its address, and the pid of its process."""
    command = [sys.executable, "-m", module, *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as started:
        try:
            assert started.stdout is not None
            address = started.stdout.readline().strip()
            if not address:
                raise RuntimeError(f"{module} ended before it served; what it said stands above.")
            yield address, started.pid
        finally:
            started.terminate()
            try:
                started.wait(SECONDS)
            except subprocess.TimeoutExpired:
                started.kill()


def told(address: str, path: str, **query: str) -> Any:
    """What it answers there, read."""
    with urllib.request.urlopen(f"{address}{path}?{urllib.parse.urlencode(query)}", timeout=SECONDS) as answer:
        return json.load(answer)
