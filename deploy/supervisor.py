"""Start everything on one machine in order, keep it running, and stop it all."""

import http.client
import os
import sys
import time
from pathlib import Path

from deploy import beside, environment, leftovers, port
from deploy.child import Child
from deploy.environment import Wishes
from deploy.home import Home
from deploy.interruption import Interruption
from deploy.postgres import Postgres
from deploy.progress import Progress
from deploy.refusals import ServerDidNotStart
from deploy.valkey import Valkey
from deploy.watch import Watch

MANAGE = Path(__file__).resolve().parent.parent / "manage.py"
PROCESSES = ("web", "worker", "clock")
PLAIN = {"HANDRAIL_WORKSPACE": "Workspace", "HANDRAIL_MAIL_FROM": "Handrail <handrail@handrail.invalid>"}  # no bank's
READY_SECONDS = 120
DRAIN_SECONDS = 12
BEAT = 0.2
MOST_ENDINGS = 3


class Supervisor:
    """One run of `manage.py up`."""

    def __init__(self, home: Home, wishes: Wishes, progress: Progress, manage: Path = MANAGE) -> None:
        self.home = home
        self.wishes = wishes
        self.progress = progress
        self.manage = manage
        self.interruption = Interruption(from_make=wishes.from_make)
        self.postgres: Postgres | None = None
        self.valkey: Valkey | None = None
        self.processes: list[Child] = []
        self.commands: list[Child] = []
        self.watches: list[Watch] = []

    def run(self) -> None:
        """Run until somebody asks to stop. Raises `CannotStart` with a sentence when that is what it is."""
        self.home.prepare()
        with self.home.held(), self.interruption.heard():
            try:
                self._start()
                while True:
                    self._beat()
            finally:
                self.interruption.close()
                self._stop()

    def _start(self) -> None:
        for name in leftovers.stop(self.home.children):
            self.progress.say(f"{name} was left over from a start that was killed; it is stopped")
        self.home.require_room()
        port.require_free(self.wishes.host, self.wishes.port)
        self._start_servers()
        with self.progress.stage("The database's tables are up to date"):
            self._wait_for(
                self._command("migrate", "--database", "owner", "--verbosity", "0", "--skip-checks", owner=True)
            )
        beside.tell(self.home.root, self._addresses())
        first = self._start_sample() if self.wishes.sample else self._start_admin()
        self._start_processes()
        self._wait_until_ready(first)
        self._announce()

    def _start_servers(self) -> None:
        if not self.wishes.database_url:
            with self.progress.stage("PostgreSQL is up"):
                self.postgres = Postgres(self.home, say=self.progress.say)
                self.postgres.start()
                self._watch(self.postgres)
        if not self.wishes.redis_url:
            with self.progress.stage("Valkey is up"):
                self.valkey = Valkey(self.home)
                self.valkey.start()
                self._watch(self.valkey)

    def _start_sample(self) -> Child | None:
        """Load the sample workspace on the first start, while the processes come up beside it."""
        if self.home.sample_loaded.exists():
            return None
        self.progress.say("Loading the sample workspace and training its classifier ...")
        sample = self._command("sample", owner=True)
        sample.start()
        self._remember()
        return sample

    def _start_admin(self) -> Child | None:
        """Without the sample: groups, and an admin who can sign in, on the first start."""
        if self.home.logins.exists():
            return None
        admin = self._command("admin", owner=False)
        admin.start()
        self._remember()
        return admin

    def _start_processes(self) -> None:
        for name in PROCESSES:
            child = self._manage(name)
            child.start()
            self.processes.append(child)
            self._watch(child)

    def _wait_until_ready(self, first: Child | None) -> None:
        began = time.monotonic()
        answers = False
        while first or not answers:
            self._beat()
            if any(watch.endings >= MOST_ENDINGS for watch in self.watches):
                raise self._ended(next(w for w in self.watches if w.endings >= MOST_ENDINGS).service.name)
            if first and not first.alive():
                self._finish(first)
                first = None
            if not answers and self._web_answers():
                answers = True
                self.progress.say("The pages answer")
            if not answers and time.monotonic() - began > READY_SECONDS:
                raise ServerDidNotStart(f"The pages did not answer within {READY_SECONDS} s; see {self.home.logs}")

    def _finish(self, first: Child) -> None:
        if first.exit_code():
            raise self._failed(first)
        if first.name == "sample":
            self.home.sample_loaded.touch()
            self.progress.say("The sample workspace is loaded")
        else:
            self.progress.say("Without the sample: there are groups, and somebody to sign in")
        for line in first.log.read_text(errors="replace").splitlines():
            self.progress.plain(f"           {line}")

    def _web_answers(self) -> bool:
        connection = http.client.HTTPConnection(port.reachable(self.wishes.host), self.wishes.port, timeout=2)
        try:
            connection.request("GET", "/health/", headers={"Host": "127.0.0.1"})
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _announce(self) -> None:
        say = self.progress.plain
        say(f"\nHandrail is ready after {self.progress.seconds():.1f} s:  {port.address(self.wishes)}\n")
        if self.home.logins.exists():
            for line in self.home.logins.read_text().splitlines():
                say("  " + "".join(f"{word:<12}" for word in line.split("\t")).rstrip())
        say(f"\nLogs are in {self.home.logs}. Ctrl-C stops everything.")

    def _beat(self) -> None:
        time.sleep(BEAT)
        self.interruption.check()
        if [watch for watch in self.watches if watch.look()]:
            self._remember()

    def _watch(self, service: Child | Postgres | Valkey) -> None:
        self.watches.append(Watch(service, self.progress.say))
        self._remember()

    def _remember(self) -> None:
        servers = [server.child for server in (self.valkey, self.postgres) if server]
        leftovers.remember(self.home.children, [*self.processes, *self.commands, *servers])

    def _manage(self, *command: str, owner: bool = False) -> Child:
        """A process of `manage.py`, given the addresses it needs and no more."""
        postgres, wishes = self.postgres, self.wishes
        given = {
            **self._addresses(),
            "HANDRAIL_HOME": str(self.home.root),
            "HANDRAIL_SECRET_KEY": wishes.secret or self.home.secret(),
            "HOST": wishes.host,
            "PORT": str(wishes.port),
        }
        if not wishes.sample:
            given = PLAIN | {name: os.environ[name] for name in PLAIN if os.environ.get(name)} | given
        if owner:
            given["MIGRATE_DATABASE_URL"] = postgres.owner_url if postgres else wishes.migrate_url
        log = self.home.log(command[0])
        return Child(
            command[0],
            [sys.executable, str(self.manage), *command],
            log,
            environment=environment.for_children(**given),
        )

    def _addresses(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.postgres.app_url if self.postgres else self.wishes.database_url,
            "REDIS_URL": self.valkey.url if self.valkey else self.wishes.redis_url,
        }

    def _command(self, *command: str, owner: bool) -> Child:
        child = self._manage(*command, owner=owner)
        self.commands.append(child)
        return child

    def _wait_for(self, child: Child) -> None:
        child.start()
        self._remember()
        while child.alive():
            time.sleep(0.05)
            self.interruption.check()
        if child.exit_code():
            raise self._failed(child)

    def _failed(self, child: Child) -> ServerDidNotStart:
        return ServerDidNotStart(f"`manage.py {child.name}` failed: {child.last_words()} (all of it in {child.log})")

    def _ended(self, name: str) -> ServerDidNotStart:
        said = next((child.last_words() for child in self.processes if child.name == name), "")
        return ServerDidNotStart(f"{name} ended {MOST_ENDINGS} times while starting: {said} (see {self.home.logs})")

    def _stop(self) -> None:
        """Web, worker and clock first, then what they stand on."""
        if not self.watches:
            return
        began = time.monotonic()
        beside.forget(self.home.root)
        self.progress.plain("\nStopping ...")
        running = [*self.processes, *self.commands]
        for child in running:
            child.ask_to_stop()
        for child in running:
            child.stop(max(0.5, DRAIN_SECONDS - (time.monotonic() - began)))
        for server in (self.valkey, self.postgres):
            if server:
                server.stop()
        self.home.children.unlink(missing_ok=True)
        self.progress.plain(f"Stopped after {time.monotonic() - began:.1f} s; nothing is left running.")
