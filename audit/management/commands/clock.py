"""`manage.py clock`: sealing, sweeps, deadlines and schedules. One at a time, by a database lock."""

import logging
import signal
import threading
import time
from typing import Any

from django.core.checks import Tags
from django.core.management.base import BaseCommand
from django.db import Error, connection

from audit import garbage, live, sealer
from audit.ticks import Tick, all_ticks

LOCK = 0x434C4F43
PULSE = 0.25  # seconds between two seals when nothing wakes the sealer
GATHER = 0.03  # seconds in which others may follow what woke it, so that many are numbered together

logger = logging.getLogger("clock")


class Command(BaseCommand):
    """The one clock. A second one stands by until the first has gone."""

    help = "Seal the ledger and run what is due, until stopped."
    requires_system_checks = ()  # it needs no pages: what must hold is checked below

    def handle(self, *args: Any, **options: Any) -> None:
        """Tick until SIGTERM or SIGINT."""
        self.check(tags=[Tags.database], databases=["default"])
        self.stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stopped.set())
        garbage.settle_in()
        while not self.stopped.is_set():
            try:
                self._hold_and_tick()
            except Error as error:
                logger.warning("The database is away (%s); trying again.", type(error).__name__)
                connection.close()
            self.stopped.wait(1)

    def _hold_and_tick(self) -> None:
        connection.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
            if not cursor.fetchone()[0]:
                return
            cursor.execute("LISTEN handrail_seal")
        logger.info("The clock runs.")
        due: dict[str, float] = {}
        while not self.stopped.is_set():
            self._wait()
            while sealed := sealer.seal():
                live.announce(sealed)
            live.catch_up()
            for tick in all_ticks():
                if due.get(tick.name, 0) <= time.monotonic():
                    due[tick.name] = time.monotonic() + tick.every
                    _run(tick)

    def _wait(self) -> None:
        assert connection.connection is not None
        with connection.wrap_database_errors:  # else the clock would end with its connection
            for _ in connection.connection.notifies(timeout=min(PULSE, live.nudges.due_in), stop_after=1):
                self.stopped.wait(GATHER)


def _run(tick: Tick) -> None:
    """One tick; that it fails does not stop the others, unless the database itself has gone."""
    try:
        tick.work()
    except Error:
        if connection.connection is None or connection.connection.closed:
            raise
        logger.exception("The tick %r failed in the database.", tick.name)
    except Exception:
        logger.exception("The tick %r failed.", tick.name)
