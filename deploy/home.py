"""The data folder of one installation, and who may hold it."""

import fcntl
import hashlib
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.refusals import AlreadyRunning, CannotStart, DiskFull

ROOM_NEEDED = 300 * 1024 * 1024
LONGEST_SOCKET_PATH = 107
LONGEST_SOCKET_NAME = "/.s.PGSQL.5432"


@dataclass(frozen=True)
class Home:
    """Everything that one installation keeps on disk lies under `root`."""

    root: Path

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def logins(self) -> Path:
        return self.root / "logins.txt"

    @property
    def sample_loaded(self) -> Path:
        return self.root / "sample.loaded"

    @property
    def children(self) -> Path:
        """Which processes were started, for the start after a crash."""
        return self.root / "children.json"

    def prepare(self) -> None:
        """Make the folder, private to its owner. As root others may pass, to the database's own."""
        self.root.mkdir(parents=True, exist_ok=True)
        self.root.chmod(0o711 if os.geteuid() == 0 else 0o700)
        self.logs.mkdir(mode=0o700, exist_ok=True)

    def require_room(self) -> None:
        """Refuse to start on a disk that is as good as full."""
        free = shutil.disk_usage(self.root).free
        if free < ROOM_NEEDED:
            raise DiskFull(
                f"Only {free // 2**20} MB are free where {self.root} lies, and Handrail wants "
                f"{ROOM_NEEDED // 2**20} MB. Make room, or choose another disk: HANDRAIL_HOME=/path make run"
            )

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the folder. The kernel lets go of it when this process ends, however it ends."""
        with (self.root / "lock").open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.seek(0)
                holder = lock.read().strip() or "unknown"
                raise AlreadyRunning(
                    f"Handrail is already running on {self.root} (process {holder}). Stop it with Ctrl-C, or "
                    "start a second one beside it: HANDRAIL_HOME=/another/folder PORT=8001 make run"
                ) from None
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            yield

    def secret(self) -> str:
        """The key that signs sessions: made once, readable by its owner alone."""
        path = self.root / "secret"
        if not path.exists() or not path.read_text().strip():
            unfinished = path.with_suffix(".new")
            unfinished.touch(mode=0o600)
            unfinished.write_text(secrets.token_urlsafe(64))
            unfinished.rename(path)
        return path.read_text().strip()

    def log(self, name: str) -> Path:
        """The log of one process. What the last start wrote is kept once, as `<name>.log.1`."""
        path = self.logs / f"{name}.log"
        if path.exists():
            path.replace(path.with_suffix(".log.1"))
        path.touch(mode=0o600)
        return path

    def sockets(self, name: str) -> Path:
        """Where one server's sockets lie: a short path of its own, since socket paths end at 107 bytes."""
        key = hashlib.sha256(str(self.root.resolve()).encode()).hexdigest()[:10]
        folder = _runtime() / f"handrail-{key}-{name}"
        if len(os.fsencode(folder)) + len(LONGEST_SOCKET_NAME) > LONGEST_SOCKET_PATH:
            raise CannotStart(f"{folder} is too long for a socket. Set XDG_RUNTIME_DIR to a shorter folder.")
        return folder


def make_private(folder: Path, owner: int) -> None:
    """Make `folder` private to `owner`, and refuse one that somebody else put there first."""
    if not folder.is_symlink() and not folder.exists():
        folder.mkdir(mode=0o700)
        os.chown(folder, owner, -1)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner:
        raise CannotStart(f"{folder} belongs to somebody else. Remove it, then start again.")
    folder.chmod(0o700)


def _runtime() -> Path:
    """A short folder for sockets. Root's own is closed to the user that PostgreSQL runs as there."""
    given = os.environ.get("XDG_RUNTIME_DIR", "")
    if given and os.geteuid() != 0 and os.access(given, os.W_OK):
        return Path(given)
    return Path("/tmp")  # noqa: S108 - the folder inside it is checked and private
