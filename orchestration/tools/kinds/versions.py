"""What files held before: each content that a tool wrote or wrote over, by number, beside the folder and not in it.

Under `versions/<folder>` of the data folder: `contents/<sha256>`, `paths/<hash>/<number>.json`, `keys/<hash>.json`.
"""

import fcntl
import hashlib
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from orchestration.tools.tool import ToolFailed

FOUND, WRITTEN, MOVED, PUT_BACK = "found", "written", "moved", "put back"  # how a content came to stand there
POLL = 0.05


def digest(content: bytes) -> str:
    """The name of a content."""
    return hashlib.sha256(content).hexdigest()


class Versions:
    """The versions of one folder's files."""

    def __init__(self, folder: str) -> None:
        self._place = Path(settings.HANDRAIL_HOME) / "versions" / hashlib.sha256(folder.encode()).hexdigest()[:16]
        for part in ("contents", "paths", "keys"):
            (self._place / part).mkdir(parents=True, exist_ok=True, mode=0o700)

    @contextmanager
    def alone(self, seconds: float) -> Iterator[None]:
        """Within: nobody else changes files of this folder by a tool. Raises `ToolFailed`."""
        until = time.monotonic() + seconds
        with (self._place / "lock").open("w") as handle:
            while True:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > until:
                        told = _("Others change files of this folder. Nothing was done.")
                        raise ToolFailed(told, retry=True) from None
                    time.sleep(POLL)
            yield

    def of(self, path: str) -> list[dict[str, Any]]:
        """The versions of a file, the oldest first."""
        found = sorted(self._of(path).glob("*.json"))
        return [json.loads(one.read_text("utf-8")) for one in found]

    def add(self, path: str, content: bytes, how: str, key: str = "") -> int:
        """Keep what stands there now as the next version; the same as the last one is the last one. Its number."""
        before = self.of(path)
        named = digest(content)
        if before and before[-1]["sha256"] == named and before[-1]["key"] == key:
            return int(before[-1]["version"])
        self.keep(content)
        number = len(before) + 1
        told = {
            "version": number,
            "path": path,
            "sha256": named,
            "bytes": len(content),
            "how": how,
            "key": key,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),  # for people: it decides nothing
        }
        self._of(path).mkdir(exist_ok=True, mode=0o700)
        _write(self._of(path) / f"{number:08d}.json", json.dumps(told).encode())
        return number

    def keep(self, content: bytes) -> None:
        """Keep a content. It is there whole, or not at all."""
        place = self._place / "contents" / digest(content)
        if not place.exists():
            _write(place, content)

    def content(self, path: str, number: int) -> bytes:
        """What a file held. Raises `ToolFailed`."""
        for one in self.of(path):
            if one["version"] == number:
                found = Path(self._place, "contents", one["sha256"]).read_bytes()
                if digest(found) != one["sha256"]:
                    raise ToolFailed(_("What was kept of this file is not what it was."), retry=False)
                return found
        raise ToolFailed(_("There is no such version of this file."), retry=False)

    def told(self, key: str, asked: Any) -> dict[str, Any] | None:
        """What a call with this key has come to; None where it has not ended."""
        try:
            return dict(json.loads(self._key(key, asked).read_text("utf-8")))
        except FileNotFoundError:
            return None

    def tell(self, key: str, asked: Any, result: dict[str, Any]) -> dict[str, Any]:
        """Keep what a call has come to."""
        _write(self._key(key, asked), json.dumps(result).encode())
        return result

    def _of(self, path: str) -> Path:
        return self._place / "paths" / hashlib.sha256(path.encode()).hexdigest()[:32]

    def _key(self, key: str, asked: Any) -> Path:
        named = hashlib.sha256(json.dumps([key, asked], sort_keys=True).encode()).hexdigest()
        return self._place / "keys" / f"{named}.json"


def _write(path: Path, content: bytes) -> None:
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    with unfinished.open("wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    unfinished.replace(path)
