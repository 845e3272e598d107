"""Acts in flight: on the event loop or in threads, until they come back, are told to stop or take too long."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection

from orchestration import claims, executors, progress
from orchestration.caller import Caller
from orchestration.executors import Work, unknown
from orchestration.executors.task import Task
from orchestration.models import StepRun
from orchestration.outcomes import BROKE, Ended, Failed, HandedBack, Stopped
from orchestration.settling import Tried

NOTICE = 0.5  # seconds between two looks at what was told to stop
GATHER = 0.002  # seconds in which others may come back that are settled together with the first
SECONDS = {"loop": 300.0, "thread": 120.0}  # time limit of a try, where the step does not say
SLACK = {"loop": 1.0, "thread": 0.0}  # seconds that the loop has to stop a call by itself
TOO_LONG = "It took longer than its time limit."

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Flight:
    """An act in flight, and when it has taken too long (monotonic seconds)."""

    work: Work
    until: float
    future: "Future[Any]"

    @property
    def held(self) -> StepRun:
        """The step run that it is an act of."""
        return self.work.task.held


class Flights:
    """What one worker process has in flight."""

    def __init__(self, room: int) -> None:
        self.caller = Caller(room)
        self._flights: dict[int, Flight] = {}
        self._back: SimpleQueue[int] = SimpleQueue()
        self._noticed = self._beaten = 0.0

    def __len__(self) -> int:
        return len(self._flights)

    @property
    def ids(self) -> set[int]:
        """The step runs that they are acts of."""
        return set(self._flights)

    def begin(self, work: Work) -> None:
        """Do an act whose place is the loop or a thread."""
        held, place = work.task.held, work.executor.place
        act = partial(progress.carrying, held.pk, partial(work.executor.act, work.task, work.act))
        seconds = _seconds(work.task, SECONDS[place])
        future = self.caller.on_loop(act, seconds) if place == "loop" else self.caller.in_thread(act)
        self._flights[held.pk] = Flight(work, time.monotonic() + seconds + SLACK[place], future)
        future.add_done_callback(lambda _: self._back.put(held.pk))

    def come_back(self, most: int, wait: float) -> Iterator[Tried]:
        """What has come back; waits so many seconds for the first, and a moment for others."""
        until = time.monotonic() + wait
        while most > 0 and self._flights:
            try:
                pk = self._back.get(timeout=max(0.0, until - time.monotonic()))
            except Empty:
                return
            flight = self._flights.get(pk)
            if flight is not None and flight.future.done():
                del self._flights[pk]
                most, until = most - 1, min(until, time.monotonic() + GATHER)
                yield Tried(flight.held, guarded(flight.work.task, partial(_outcome, flight)))

    def watch(self) -> Iterator[Tried]:
        """Lengthen the leases, stop what was told to, give up what takes too long."""
        moment = time.monotonic()
        if not self._flights or moment - self._noticed < NOTICE:
            return
        self._noticed = moment
        self._ask([flight.held for flight in self._flights.values()], moment)
        for flight in [flight for flight in self._flights.values() if flight.until < moment]:
            del self._flights[flight.held.pk]
            yield Tried(flight.held, _too_long(flight.work))

    def _ask(self, held: Sequence[StepRun], moment: float) -> None:
        try:
            if moment - self._beaten > settings.HANDRAIL_LEASE.total_seconds() / 3:
                self._beaten = moment
                claims.beat(held)
            for pk in claims.told_to_stop(held):
                self._flights[pk].future.cancel()
        except DatabaseError as error:
            logger.warning("The database is away (%s); %s calls go on.", type(error).__name__, len(held))
            connection.close()

    def hand_back(self) -> Iterator[Tried]:
        """Stop everything: what may be done again is handed back; the rest has an unknown outcome."""
        for flight in self._flights.values():
            flight.future.cancel()
            if not flight.work.announced:
                yield Tried(flight.held, HandedBack())
        self._flights.clear()


def _too_long(work: Work) -> Ended:
    """An act that may not be repeated has an outcome that nobody knows."""
    if work.unsafe:
        return unknown.ask(work.task, work.act, TOO_LONG)
    return Failed(TOO_LONG, retry=True, code="timeout")


def guarded[T](task: Task, work: Callable[[], T]) -> T | Failed:
    """What `work` comes to; that it breaks is a failure of ours, told apart from a failure of the work."""
    try:
        return work()
    except DatabaseError:
        raise
    except Exception as error:
        logger.exception("Step run %s broke.", task.held.pk)
        return broken(error)


def broken(error: BaseException) -> Failed:
    """The failure that a fault of ours is."""
    told = f"{BROKE}: {type(error).__name__}. It is in the log."
    return Failed(told, retry=True, code="broken", broken=True)


def _outcome(flight: Flight) -> Ended:
    if flight.future.cancelled():
        return Stopped("It was told to stop.")
    error = flight.future.exception()
    if isinstance(error, TimeoutError):
        return Failed(TOO_LONG, retry=not flight.work.announced, code="timeout")
    if error is not None:
        logger.error("Step run %s broke.", flight.held.pk, exc_info=error)
        return broken(error)
    came_to = flight.future.result()
    if flight.work.unsafe and isinstance(came_to, Failed) and came_to.code == "unknown":
        return unknown.ask(flight.work.task, flight.work.act, came_to.error)
    return executors.finish(flight.work.task, came_to)


def _seconds(task: Task, usual: float) -> float:
    """How long a try may take: the step's limit for one try, and what is left of its limit for all."""
    seconds = float(task.limits.get("seconds", usual))
    total = task.limits.get("total_seconds")
    if total is None or task.held.claimed_at is None:
        return seconds
    gone = (task.held.claimed_at - task.held.ready_at).total_seconds()
    return max(0.1, min(seconds, float(total) - gone))
