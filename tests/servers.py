"""A throw-away PostgreSQL and Valkey for one test session, unless the environment gives its own."""

import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from deploy.home import Home
from deploy.postgres import Postgres
from deploy.valkey import Valkey


@dataclass(frozen=True)
class Servers:
    """Where the servers are: for the role that owns the tables, for the application's role, and for RQ.

    `postgres` and `valkey` are those that were started here, and which a test may therefore stop and start again.
    """

    owner_url: str
    app_url: str
    redis_url: str
    stop: Callable[[], None]
    postgres: Postgres | None = None
    valkey: Valkey | None = None


NONE = Servers("", "", "", lambda: None)


def start(settings: dict[str, str] | None = None) -> Servers:
    """Start what DATABASE_URL and REDIS_URL do not give. The owner may make the test database."""
    home = Home(Path(tempfile.mkdtemp(prefix="handrail-tests-")))
    home.prepare()
    app_url, redis_url = os.environ.get("DATABASE_URL", ""), os.environ.get("REDIS_URL", "")
    owner_url = os.environ.get("MIGRATE_DATABASE_URL", "") or app_url
    stops: list[Callable[[], None]] = []
    postgres, valkey = None, None
    if not app_url:
        postgres = Postgres(home, settings=settings)
        postgres.start()
        postgres.sql("ALTER ROLE handrail_owner CREATEDB")
        app_url, owner_url = postgres.app_url, postgres.owner_url
        stops.append(postgres.stop)
    if not redis_url:
        valkey = Valkey(home)
        valkey.start()
        redis_url = valkey.url
        stops.append(valkey.stop)
    stops.append(lambda: shutil.rmtree(home.root, ignore_errors=True))
    return Servers(owner_url, app_url, redis_url, lambda: _each(stops), postgres, valkey)


def _each(stops: list[Callable[[], None]]) -> None:
    for stop in stops:
        stop()
