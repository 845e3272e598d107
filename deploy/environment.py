"""What the surroundings ask of `manage.py up`, and what its processes are given."""

import os
import time
from dataclasses import dataclass

from deploy.refusals import CannotStart


@dataclass(frozen=True)
class Wishes:
    """The variables that choose what `up` starts. Empty addresses mean: start the servers from the wheels."""

    host: str
    port: int
    database_url: str
    migrate_url: str
    redis_url: str
    secret: str
    sample: bool
    started_at: float
    from_make: bool


def wishes(port: int) -> Wishes:
    """Read them. `started_at` is when the person typed the command, in seconds since 1970."""
    read = os.environ.get
    database_url = read("DATABASE_URL", "").strip()
    return Wishes(
        host=host(),
        port=port,
        database_url=database_url,
        migrate_url=read("MIGRATE_DATABASE_URL", "").strip() or database_url,
        redis_url=read("REDIS_URL", "").strip(),
        secret=read("HANDRAIL_SECRET_KEY", "").strip(),
        sample=_yes("HANDRAIL_SAMPLE", read("HANDRAIL_SAMPLE", "yes")),
        started_at=float(read("HANDRAIL_STARTED", "") or time.time()),
        from_make=bool(read("MAKELEVEL", "")),
    )


def host() -> str:
    """The address to listen on: this machine alone, unless HOST says otherwise."""
    return os.environ.get("HOST", "").strip() or "127.0.0.1"


def for_children(**changes: str) -> dict[str, str]:
    """Our own environment, changed. The owner's address is left out: only who migrates is given it."""
    kept = {name: value for name, value in os.environ.items() if name not in {"MIGRATE_DATABASE_URL", "MAKEFLAGS"}}
    return kept | {"PYTHONUNBUFFERED": "1"} | changes


def _yes(name: str, value: str) -> bool:
    if value.lower() in {"yes", "true", "on", "1", ""}:
        return True
    if value.lower() in {"no", "false", "off", "0"}:
        return False
    raise CannotStart(f"{name} is {value!r}. Say yes or no.")
