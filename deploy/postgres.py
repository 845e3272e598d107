"""PostgreSQL from its wheel: one cluster in the data folder, on a private unix socket, with two roles."""

import os
import shutil
import signal
import time
from collections.abc import Callable
from typing import LiteralString

import psutil
import psycopg

from deploy import leftovers, system_user
from deploy.child import Child
from deploy.cluster import Cluster
from deploy.home import Home, make_private
from deploy.refusals import DiskFull, ServerDidNotStart

START_SECONDS = 60
STOP_SECONDS = 20
DATABASE = "handrail"
OWNER = "handrail_owner"
APP = "handrail_app"
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "max_wal_size": "512MB",
    "io_method": "sync",
    "jit": "off",
    "log_min_messages": "warning",
}


class Postgres:
    """One server, run as our child. Durable: fsync is on unless `settings` says otherwise."""

    name = "PostgreSQL"

    def __init__(
        self, home: Home, *, say: Callable[[str], None] = print, settings: dict[str, str] | None = None
    ) -> None:
        self.user = system_user.for_database()
        self.sockets = home.sockets("pg")
        self.cluster = Cluster(home.root / "postgres", self.user, say)
        self.child = Child(
            self.name,
            self._command(SETTINGS | (settings or {})),
            home.log("postgres"),
            folder=home.root,
            user=self.user,
            stop_signal=signal.SIGINT,
        )

    @property
    def owner_url(self) -> str:
        """The address of the role that owns the tables and migrates."""
        return f"postgresql://{OWNER}@/{DATABASE}?host={self.sockets}"

    @property
    def app_url(self) -> str:
        """The address of the role that the application works as; it owns nothing."""
        return f"postgresql://{APP}@/{DATABASE}?host={self.sockets}"

    def start(self) -> None:
        """Start and wait until it answers, with both roles and the database made."""
        self.cluster.make()
        self._take_over()
        self.child.start()
        self._wait()
        self._provision()

    def alive(self) -> bool:
        return self.child.alive()

    def stop(self) -> None:
        """Close all connections, write everything down, end."""
        self.child.stop(STOP_SECONDS)
        shutil.rmtree(self.sockets, ignore_errors=True)

    def sql(self, statement: LiteralString, database: str = "postgres") -> list[tuple[object, ...]]:
        """Carry out one statement as the superuser, who has no address of its own elsewhere."""
        with self._connect(database) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def _connect(self, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            host=str(self.sockets), user="postgres", dbname=database, connect_timeout=5, autocommit=True
        )

    def _command(self, settings: dict[str, str]) -> list[str]:
        settings = settings | {"unix_socket_directories": str(self.sockets)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [self.cluster.program("postgres"), "-D", str(self.cluster.folder), *options]

    def _take_over(self) -> None:
        """After a crash: end a server that still holds the cluster, and forget the names of dead ones."""
        pid = self.cluster.server_pid()
        if pid and self._is_ours(pid):
            leftovers.end(psutil.Process(pid), signal.SIGINT)
        elif pid and psutil.pid_exists(pid):
            # A stranger was given its number since, and PostgreSQL would take that for itself.
            self.cluster.pid_file.unlink(missing_ok=True)
        shutil.rmtree(self.sockets, ignore_errors=True)
        make_private(self.sockets, os.geteuid() if self.user is None else self.user)

    def _is_ours(self, pid: int) -> bool:
        try:
            return str(self.cluster.folder) in psutil.Process(pid).cmdline()
        except psutil.NoSuchProcess:
            return False

    def _wait(self) -> None:
        """A killed server's own children may hold its memory a moment longer: then it is started again."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if not self.child.alive():
                if "shared memory block" not in self.child.log.read_text(errors="replace"):
                    break
                time.sleep(0.5)
                self.child.start()
            try:
                self._connect().close()
                return
            except psycopg.OperationalError:
                time.sleep(0.05)
        self.child.stop(STOP_SECONDS)
        raise self._why()

    def _why(self) -> Exception:
        log = self.child.log
        if "No space left on device" in log.read_text(errors="replace"):
            return DiskFull(f"PostgreSQL found the disk full. Make room for {self.cluster.folder}, then start again.")
        return ServerDidNotStart(f"PostgreSQL did not start: {self.child.last_words('FATAL', 'PANIC')} (see {log})")

    def _provision(self) -> None:
        """Make what is missing. New databases copy template1, so the app's rights hold in each made later."""
        roles = {row[0] for row in self.sql("SELECT rolname FROM pg_roles")}
        if OWNER not in roles:
            self.sql("CREATE ROLE handrail_owner LOGIN NOSUPERUSER NOCREATEROLE")
        if APP not in roles:
            self.sql("CREATE ROLE handrail_app LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB")
        if not self.sql("SELECT 1 FROM pg_database WHERE datname = 'handrail'"):
            for statement in APP_RIGHTS:
                self.sql(statement, "template1")
            self.sql("CREATE DATABASE handrail OWNER handrail_owner")


APP_RIGHTS: tuple[LiteralString, ...] = (
    "ALTER DEFAULT PRIVILEGES FOR ROLE handrail_owner GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO handrail_app",
    "ALTER DEFAULT PRIVILEGES FOR ROLE handrail_owner GRANT USAGE, SELECT ON SEQUENCES TO handrail_app",
)
