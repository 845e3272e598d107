"""SQLite, for tools of kind sql: a file of a folder that the settings name, opened to be read."""

import os
import sqlite3
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext as _

from orchestration.tools.kinds import folders
from orchestration.tools.kinds.shapes import Declared
from orchestration.tools.tool import ToolFailed

ALLOWED = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
NO_FUNCTION = {"load_extension", "fts3_tokenizer", "readfile", "writefile", "edit"}
STEPS = 2000  # of its machine, between two looks at the clock


def rows(declared: Declared, query: str, values: Mapping[str, Any]) -> Generator[tuple[Sequence[str], Sequence[Any]]]:
    """The rows, each with the names of its columns. Raises `ToolFailed`."""
    until = time.monotonic() + declared.seconds
    try:
        with closing(_opened(declared)) as connection:
            connection.set_progress_handler(lambda: time.monotonic() > until, STEPS)
            cursor = connection.execute(query, dict(values))
            names = [column[0] for column in cursor.description or ()]
            for row in cursor:
                yield names, row
    except sqlite3.OperationalError as error:
        if time.monotonic() > until:
            raise ToolFailed(_("%(name)s took longer than it may.") % {"name": declared.name}, retry=True) from None
        retry = "locked" in str(error) or "busy" in str(error)
        raise ToolFailed(f"{declared.name}: {str(error)[:300]}", retry=retry) from None
    except (sqlite3.Error, OverflowError, UnicodeEncodeError) as error:
        raise ToolFailed(f"{declared.name}: {str(error)[:300]}", retry=False) from None


def _opened(declared: Declared) -> sqlite3.Connection:
    options = declared.reach.options
    root, steps = folders.root_of(options.get("folder")), folders.steps_of(options.get("file"))
    if not steps:
        raise ToolFailed(_("This connection names no file."), retry=False)
    with folders.opened(root, steps[:-1]) as handle:
        os.close(folders.file_in(handle, steps[-1]))  # it is a file of the folder, and no link
    place = quote(str(root.joinpath(*steps)))
    connection = sqlite3.connect(f"file:{place}?mode=ro", uri=True, timeout=min(declared.seconds, 5))
    connection.execute("PRAGMA query_only = ON")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, max(declared.result_bytes, 100_000))
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.setconfig(sqlite3.SQLITE_DBCONFIG_TRUSTED_SCHEMA, False)
    connection.setconfig(sqlite3.SQLITE_DBCONFIG_DEFENSIVE, True)
    connection.set_authorizer(_may)
    return connection


def _may(action: int, one: str | None, two: str | None, *_more: Any) -> int:
    refused = action not in ALLOWED or (action == sqlite3.SQLITE_FUNCTION and str(two).lower() in NO_FUNCTION)
    return sqlite3.SQLITE_DENY if refused else sqlite3.SQLITE_OK
