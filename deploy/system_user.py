"""PostgreSQL refuses to run as root: who it runs as instead, and what that user must reach."""

import os
import pwd
import stat
import subprocess
from pathlib import Path

from deploy.refusals import CannotStart

NAME = "handrail"


def for_database() -> int | None:
    """The user id that PostgreSQL runs as when we are root; None when it may run as ourselves."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(NAME).pw_uid
    except KeyError:
        return _create()


def group_of(user: int | None) -> int | None:
    """The group that `user` works in."""
    return None if user is None else pwd.getpwuid(user).pw_gid


def let_pass(folder: Path) -> None:
    """Let other users walk to `folder`, without letting them list what lies on the way."""
    for parent in folder.resolve().parents:
        mode = parent.stat().st_mode
        if not mode & stat.S_IXOTH:
            parent.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)


def _create() -> int:
    """Make the system user; it has no password, no shell and no home."""
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", NAME]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        raise CannotStart(
            f"PostgreSQL will not run as root, and the user {NAME!r} could not be made for it. "
            "Run as an ordinary user, or give a database of your own: DATABASE_URL=postgresql://..."
        ) from None
    return pwd.getpwnam(NAME).pw_uid
