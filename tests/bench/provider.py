"""A model provider on loopback, as a process of its own: it answers each call after so many seconds, very cheaply.

`python -m tests.bench.provider --seconds 2` prints its address and answers until it is ended. It speaks as much of
the OpenAI protocol as a chat completion needs, keeps connections alive, and holds thousands of them. `GET /` tells
how many calls it has had, and how many at once at the most.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
END_OF_HEAD = b"\r\n\r\n"
WAITING_CONNECTIONS = 4096
COMPLETION = json.dumps(
    {
        "id": "cmpl-bench",
        "object": "chat.completion",
        "created": 0,
        "model": "bench",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": '{"ok": true}'}}],
        "usage": {"prompt_tokens": 40, "completion_tokens": 5, "total_tokens": 45},
    }
).encode()


class Counted:
    """Calls so far, calls at hand, and the most at hand at once."""

    def __init__(self) -> None:
        self.calls = self.at_hand = self.most = 0

    def begin(self) -> None:
        """One more is at hand."""
        self.calls += 1
        self.at_hand += 1
        self.most = max(self.most, self.at_hand)

    def told(self) -> bytes:
        """As JSON."""
        return json.dumps({"calls": self.calls, "most_at_once": self.most}).encode()


async def converse(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float, counted: Counted
) -> None:
    """Answer one connection's calls, one after another."""
    try:
        while True:
            head = await reader.readuntil(END_OF_HEAD)
            await reader.readexactly(_length(head))
            if head.startswith(b"GET"):
                writer.write(_answer(counted.told()))
                continue
            counted.begin()
            await asyncio.sleep(seconds)
            counted.at_hand -= 1
            writer.write(_answer(COMPLETION))
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


def _length(head: bytes) -> int:
    """How many bytes follow the head."""
    _, found, rest = head.lower().partition(b"content-length:")
    return int(rest.partition(b"\r\n")[0]) if found else 0


def _answer(body: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def serve(seconds: float, port: int) -> None:
    """Say where, and answer until ended."""
    counted = Counted()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await converse(reader, writer, seconds, counted)

    server = await asyncio.start_server(connected, "127.0.0.1", port, backlog=WAITING_CONNECTIONS)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    await server.serve_forever()


@dataclass(frozen=True)
class Provider:
    """One that stands: its address, and its process."""

    url: str
    pid: int

    def told(self) -> dict[str, int]:
        """`calls` so far, and `most_at_once`."""
        with urllib.request.urlopen(self.url, timeout=5) as answer:
            return dict(json.load(answer))


@contextmanager
def standing(seconds: float) -> Iterator[Provider]:
    """A provider that answers after `seconds`, as long as the block."""
    command = [sys.executable, "-m", "tests.bench.provider", "--seconds", str(seconds)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Provider(process.stdout.readline().strip(), process.pid)
        finally:
            process.terminate()


def main() -> None:
    """Serve as the command line asks."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.provider")
    parser.add_argument("--seconds", type=float, default=2.0, help="how long each call takes")
    parser.add_argument("--port", type=int, default=0, help="the port to listen on; 0 chooses one")
    asked = parser.parse_args()
    asyncio.run(serve(asked.seconds, asked.port))


if __name__ == "__main__":
    main()
