"""The file with the logins that were made here: role, login and password, a line each, for its owner alone."""

import secrets
from collections.abc import Mapping
from pathlib import Path


def read(path: Path) -> dict[str, str]:
    """The passwords by login; none where nobody was made here."""
    if not path.exists():
        return {}
    rows = [line.split("\t") for line in path.read_text("utf-8").splitlines() if line]
    return {login: password for _, login, password in rows}


def make(path: Path, roles: Mapping[str, str]) -> dict[str, str]:
    """A password for each login of `roles` (login: role) that has none yet. All that are in the file then."""
    known = read(path)
    made = {login: secrets.token_urlsafe(12) for login in roles if login not in known}
    if made:
        before = path.read_text("utf-8") if path.exists() else ""
        unfinished = path.with_suffix(".new")
        unfinished.parent.mkdir(parents=True, exist_ok=True)
        unfinished.touch(mode=0o600)
        lines = (f"{roles[login]}\t{login}\t{password}\n" for login, password in made.items())
        unfinished.write_text(before + "".join(lines), "utf-8")
        unfinished.replace(path)
    return known | made
