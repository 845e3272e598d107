"""Folders of this host that tools may be given: by their name in the settings, and nothing outside of them.

Each step of a path is opened from the one before it, and none is a link: whoever changes the folder meanwhile leads
nobody out of it.
"""

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from orchestration.tools.tool import ToolFailed

LONGEST, DEEPEST = 1000, 20  # characters of a path, and folders in one another
NO_STEP = re.compile(r"[\x00-\x1f\x7f\\\ud800-\udfff]")
INTO = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def root_of(name: object) -> Path:
    """The folder of that name. Raises `ToolFailed`."""
    found = dict(settings.HANDRAIL_FOLDERS).get(str(name))
    if found is None:
        raise ToolFailed(_("The settings of this host name no folder for this connection."), retry=False)
    root, home = Path(found).resolve(), Path(settings.HANDRAIL_HOME).resolve()
    if root.is_relative_to(home) or home.is_relative_to(root):
        raise ToolFailed(_("A folder for tools lies apart from the data of Handrail itself."), retry=False)
    return root


def steps_of(path: object) -> list[str]:
    """The steps of a path under a folder; none for the folder itself. Raises `ToolFailed`."""
    told = ToolFailed(_("This is no path inside the folder."), retry=False)
    if not isinstance(path, str) or len(path) > LONGEST or NO_STEP.search(path) or path.startswith("/"):
        raise told
    steps = path.split("/") if path not in {"", "."} else []
    if len(steps) > DEEPEST or any(not step or step.startswith(".") or len(step.encode()) > 255 for step in steps):
        raise told  # names that begin with a dot are ours, or hidden for a reason
    return steps


@contextmanager
def opened(root: Path, steps: list[str], *, make: bool = False) -> Iterator[int]:
    """A folder under a root, by its steps; with `make` those that are missing are made. Raises `ToolFailed`."""
    try:
        handle = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        raise ToolFailed(_("The folder of this connection is not there."), retry=True) from None
    try:
        for step in steps:
            inner = _step_into(handle, step, make=make)
            os.close(handle)
            handle = inner
        yield handle
    finally:
        os.close(handle)


def file_in(handle: int, name: str) -> int:
    """A file in an open folder, to be read. Raises `ToolFailed`."""
    try:
        found = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=handle)
    except FileNotFoundError:
        raise ToolFailed(_("There is nothing of this name."), retry=False) from None
    except OSError:
        raise ToolFailed(_("This is no file that can be read, or leads out of the folder."), retry=False) from None
    if not stat.S_ISREG(os.fstat(found).st_mode):
        os.close(found)
        raise ToolFailed(_("This is no file."), retry=False)
    return found


def _step_into(handle: int, step: str, *, make: bool) -> int:
    try:
        if make:
            with suppress(FileExistsError):
                os.mkdir(step, 0o750, dir_fd=handle)
        return os.open(step, INTO, dir_fd=handle)
    except FileNotFoundError:
        raise ToolFailed(_("There is nothing of this name."), retry=False) from None
    except OSError:
        raise ToolFailed(_("This is no folder, or leads out of it."), retry=False) from None
