"""Drives Handrail from outside: brings it up on servers that are given, gives it work, says when that is done.

    from tests.bench.driver import Handrail

    with Handrail("postgresql://…", "redis://…", workers=2) as handrail:
        seconds = handrail.chain(steps=5, runs=200)

This module is stable: names, arguments and results here do not change. It does what a user of the engine would do:
workflows are published from documents, runs are started by `orchestration.engine.start`, decisions are taken by
`reviews.decisions.decide`, and the end of a run is read from its row. The ledger is written, as always. This process
stands where the web process stands; besides it there are the workers and the clock, and nothing else.
"""

import os
import tempfile
from contextlib import ExitStack
from pathlib import Path
from subprocess import Popen
from typing import TYPE_CHECKING, Any, Literal, Self

import psutil

from tests.bench import roles
from tests.processes import children, manage, until

if TYPE_CHECKING:
    from tests.bench import runs as engine_runs

TOOLS = "tests.bench.tools,tests.tools"  # its own, and what the drawn workflows of the tests call
READY_SECONDS = 300
DECIDERS = 4  # threads that decide at once


class CannotDrive(Exception):
    """Handrail cannot be driven from this process, or a process of it ended too soon."""


class Handrail:
    """One installation: `workers` worker processes of `calls` model calls each, and the clock.

    `database_url` is the application's role, which owns nothing, and `migrate_database_url` the owner of the same
    database. When only `database_url` is given it is taken as the owner, who makes the application's role.
    """

    def __init__(
        self,
        database_url: str,
        redis_url: str,
        workers: int = 2,
        *,
        migrate_database_url: str = "",
        calls: int = 200,
        model_url: str = "",
        home: str = "",
        limit: float = 900,
    ) -> None:
        """`limit` is how many seconds any piece of work may take before `NotDone` is raised."""
        self.database_url, self.owner_url = database_url, migrate_database_url
        self.redis_url, self.workers, self.calls = redis_url, workers, calls
        self.model_url, self.home, self.limit = model_url, home, limit
        self._stack = ExitStack()
        self._crew_stack = ExitStack()
        self._crew: Popen[bytes] | None = None
        self._clock: Popen[bytes] | None = None
        self._waiting: engine_runs.Batch | None = None

    def __enter__(self) -> Self:
        self.up()
        return self

    def __exit__(self, *_: object) -> None:
        self.down()

    def up(self) -> None:
        """Make the tables, start clock and workers, and return once each worker stands and a first run has ended."""
        try:
            self._configure()
            self._clock = self._stack.enter_context(manage("clock", **self._environment()))
            self._start_crew()
            self._carry_out("chain", {}, 2 * self.workers, limit=READY_SECONDS)
            self._settle_in()
        except BaseException:
            self.down()
            raise

    def down(self) -> None:
        """Stop what `up` started. The database keeps what is in it."""
        self._crew_stack.close()
        self._stack.close()
        self._crew = self._clock = None
        from django.apps import apps

        if apps.ready:
            from orchestration import crew

            crew.close_database()

    @property
    def pids(self) -> list[int]:
        """Every process that it owns now: the workers, their parent, the clock. Not this one."""
        return [pid for pids in self.parts.values() for pid in pids]

    @property
    def parts(self) -> dict[str, list[int]]:
        """The same by what they are: `workers`, their parent first; `clock`."""
        return {"workers": _family(self._crew), "clock": _family(self._clock)}

    def chain(self, steps: int, runs: int) -> float:
        """Start `runs` runs of `steps` steps that do nothing, one after another. The seconds until all had ended."""
        return self._carry_out("chain", {}, runs, times=steps)

    def first_step_mark(self, path: str | os.PathLike[str]) -> tuple[int, int]:
        """Start one run whose first step writes the time into `path`.

        Nanoseconds since 1970: just before the start was asked for, and what the step wrote. Returns when the run
        has ended.
        """
        file = Path(path).absolute()
        file.unlink(missing_ok=True)
        batch = self._runs.start(self._publish("start"), {"path": str(file)}, 1)
        batch.ended(self.limit)
        return batch.began, int(file.read_text())

    def start_waiting(self, runs: int) -> list[int]:
        """Start `runs` runs that wait for a review. Their ids, once all wait."""
        self._waiting = self._runs.start(self._publish("decision"), {}, runs)
        self._waiting.asked(self.limit)
        return list(self._waiting.ids)

    def decide(self, which: Literal["one", "all"], *, at_once: int = DECIDERS) -> float:
        """Approve one of those runs, or all that are left from `at_once` threads. The seconds until they had ended."""
        if self._waiting is None:
            raise CannotDrive("Nothing waits: call start_waiting first.")
        return self._waiting.decide(1 if which == "one" else None, self.limit, at_once=at_once)

    def model_runs(self, runs: int, url: str, *, routed: bool = False) -> float:
        """Start `runs` runs with one model call each, to a server of the OpenAI protocol: `http://host:port/v1`.

        It must answer with the JSON object `{"ok": true}`. The seconds until all had ended. Workers that know
        another server are started again before the time begins. `routed`: the step names no model, so that one of the
        catalog is chosen for each call.
        """
        if url != self.model_url:
            self.model_url = url
            self._start_crew()
        return self._carry_out("call_any" if routed else "call", {}, runs)

    def map_items(self, items: int) -> float:
        """Start one run that maps over `items` items and does nothing for each. The seconds until it had ended."""
        return self._carry_out("map", {"items": list(range(items))}, 1)

    def settle(self) -> None:
        """Return once every event has its number in the ledger: only then is all work done."""
        self._runs.wait_for_seals(self.limit)

    def fill(self, finished_runs: int) -> None:
        """Put so many finished runs behind it, copied in bulk from two that are carried out for it.

        For measurements alone: see `tests.bench.filling` for what is true of the copies and what is not.
        """
        from tests.bench import filling

        self.chain(2, 1)
        self.start_waiting(1)
        self.decide("one")
        self.settle()
        filling.fill(self.owner_url, finished_runs)

    def _carry_out(
        self, name: str, given: dict[str, Any], runs: int, *, times: int = 1, limit: float | None = None
    ) -> float:
        batch = self._runs.start(self._publish(name, times=times), given, runs)
        seconds: float = batch.ended(limit or self.limit)
        return seconds

    def _publish(self, name: str, *, times: int = 1) -> Any:
        """The workflow of a document. Imported late, like the next: both need Django's settings."""
        from tests.bench import workspace

        return workspace.publish(name, times=times)

    @property
    def _runs(self) -> Any:
        from tests.bench import runs

        return runs

    @staticmethod
    def _settle_in() -> None:
        """As the web process does, in whose place this one stands."""
        from audit import garbage

        garbage.settle_in()

    def _configure(self) -> None:
        """Set Django up for these servers, and make or renew the tables."""
        if not self.owner_url:
            self.owner_url, self.database_url = self.database_url, roles.application(self.database_url)
        self.home = self.home or os.environ.get("HANDRAIL_HOME") or tempfile.mkdtemp(prefix="handrail-bench-")
        configure(self._servers())

    def _servers(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.database_url,
            "MIGRATE_DATABASE_URL": self.owner_url,
            "REDIS_URL": self.redis_url,
            "HANDRAIL_HOME": self.home,
        }

    def _environment(self) -> dict[str, str]:
        environment = self._servers() | {"HANDRAIL_TOOLS": TOOLS, "HANDRAIL_CALLS": str(self.calls)}
        if self.model_url:
            names = ("OPENAI_BASE_URL", "OPENAI_API_BASE")
            environment |= dict.fromkeys(names, self.model_url) | {"OPENAI_API_KEY": "sk-loopback"}
        return environment

    def _start_crew(self) -> None:
        self._crew_stack.close()
        self._crew = self._crew_stack.enter_context(
            manage("worker", "--number", str(self.workers), **self._environment())
        )
        until(self._stands, "the workers to stand", READY_SECONDS)

    def _stands(self) -> bool:
        for process, name in ((self._crew, "worker"), (self._clock, "clock")):
            if process is not None and process.poll() is not None:
                raise CannotDrive(f"The {name} ended: {(Path(self.home) / f'{name}.log').read_text()[-500:]}")
        return self._crew is not None and len(children(self._crew.pid)) == self.workers


def configure(wanted: dict[str, str]) -> None:
    """Set Django up in this process, or see that it was set up alike; then make the tables. May raise `CannotDrive`."""
    from django.apps import apps
    from django.core.management import call_command

    wanted = wanted | {"HANDRAIL_TOOLS": TOOLS}
    if not apps.ready:
        os.environ.update(wanted, DJANGO_SETTINGS_MODULE="config.settings")
        os.environ.setdefault("HANDRAIL_LOG_LEVEL", "WARNING")
        import django

        django.setup()
    if differing := [name for name, value in wanted.items() if os.environ.get(name) != value]:
        raise CannotDrive(f"Django is set up here with another {differing[0]}. Use a process of its own.")
    call_command("migrate", database="owner", verbosity=0)


def _family(process: Popen[bytes] | None) -> list[int]:
    if process is None or process.poll() is not None:
        return []
    return [process.pid, *(child.pid for child in psutil.Process(process.pid).children(recursive=True))]
