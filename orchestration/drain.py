"""The drain: one worker process carries out many steps at once until nothing is left.

Its main thread alone talks to the database: it settles what has come back, claims more, works out the acts. The acts
themselves wait on an event loop or in threads, so a call that hangs holds nobody else.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any

from django.conf import settings
from django.db import DatabaseError, OperationalError, connection, transaction

from audit.actors import WORKER
from audit.moves import Batch
from orchestration import claims, executors, progress
from orchestration.caller import Caller
from orchestration.executors import Work
from orchestration.executors.task import Task
from orchestration.models import StepRun
from orchestration.outcomes import Done, Ended, Failed, HandedBack, Stopped
from orchestration.plans import plan_of
from orchestration.scopes import Scope, add, scopes_of
from orchestration.settling import Tried, settle

LOOK = 0.1  # seconds between two looks for ready steps while others are in flight
SUSPICION = 1.0  # seconds between two looks for steps that must be tried alone
NOTICE = 0.5  # seconds between two looks at what was told to stop
PATIENCE = 15.0  # seconds that calls in flight have once the worker is told to stop
MOST_SETTLED = 128  # tries in one transaction
SLACK = {"loop": 1.0, "thread": 0.0}  # seconds that the loop has to stop a call by itself
SECONDS = {"loop": 300.0, "thread": 120.0}  # time limit of a try, where the step does not say

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Flight:
    """An act in flight."""

    work: Work
    until: float  # monotonic
    future: "Future[Any] | None" = None


class Drain:
    """What one worker process holds."""

    def __init__(self, worker: str, *, room: int | None = None) -> None:
        self.worker = worker
        self.room = room or settings.HANDRAIL_CALLS
        self.stopping = threading.Event()
        self.caller = Caller(self.room)
        self.flights: dict[int, Flight] = {}
        self.scopes: dict[int, Scope] = {}
        self.settled = 0
        self._back: SimpleQueue[tuple[Flight, Future[Any]]] = SimpleQueue()
        self._tried: list[Tried] = []
        self._alone = False
        self._looked = self._noticed = self._beaten = self._suspected = 0.0

    def run(self, pulse: Callable[[], None] = lambda: None) -> int:
        """Carry steps out until none is ready and none in flight. Returns how many tries were settled."""
        before, stop_at = self.settled, None
        self._looked = 0.0
        while True:
            if self.stopping.is_set():
                stop_at = stop_at or time.monotonic() + PATIENCE
                self._hand_back(stop_at)
            taken = self._settle()
            claimed = self._claim()
            self._begin([*taken, *claimed])
            if not (self._tried or self.flights or taken or claimed):
                return self.settled - before
            self._come_back()
            self._watch()
            pulse()

    @property
    def holds_something(self) -> bool:
        """Whether a step is in flight, or an outcome not yet settled."""
        return bool(self.flights or self._tried)

    # What has come back

    def _come_back(self) -> None:
        """Collect outcomes; wait a little for the first if there is nothing else to do."""
        wait = LOOK if self.flights and not self._tried else 0.0
        while len(self._tried) < MOST_SETTLED:
            try:
                flight, future = self._back.get(timeout=wait) if wait else self._back.get_nowait()
            except Empty:
                return
            wait = 0.0
            if self.flights.pop(flight.work.task.held.pk, None) is not None:
                self._finish(flight.work, future)

    def _finish(self, work: Work, future: "Future[Any]") -> None:
        self._tried.append(Tried(work.task.held, _guarded(work.task, lambda: _outcome(work, future))))

    def _settle(self) -> list[StepRun]:
        if not self._tried:
            return []
        tried, self._tried = self._tried, []
        room = 0 if self.stopping.is_set() or self._alone else self.room - self.room // 8 - len(self.flights)
        try:
            taken = settle(tried, worker=self.worker, room=max(0, room))
        except DatabaseError as error:
            return self._settle_later(tried, error)
        self.settled += len(tried)
        self._carry_scopes(tried, taken)
        return taken

    def _settle_later(self, tried: list[Tried], error: DatabaseError) -> list[StepRun]:
        """The database was away, or one of them cannot be written: nothing is lost, and the others do not wait."""
        if isinstance(error, OperationalError) or connection.connection is None or connection.connection.closed:
            logger.warning("The database is away (%s); %s tries wait to be settled.", type(error).__name__, len(tried))
            connection.close()
            self._tried = [*tried, *self._tried]
            time.sleep(LOOK)
            return []
        if len(tried) == 1 and getattr(tried[0].outcome, "broken", False):
            logger.exception("Step run %s is left to the sweep.", tried[0].held.pk)
            return []
        if len(tried) == 1:
            logger.exception("A try of step run %s could not be recorded.", tried[0].held.pk)
            self._tried.append(Tried(tried[0].held, _broken(error)))
            return []
        taken: list[StepRun] = []
        for one in tried:
            self._tried, waiting = [one], self._tried
            taken += self._settle()
            self._tried += waiting
        return taken

    # What is begun

    def _claim(self) -> list[StepRun]:
        free = self.room - len(self.flights) - len(self._tried)
        idle = not (self.flights or self._tried)
        if self.stopping.is_set() or (self._alone and not idle):
            return []
        if free <= 0 or (not idle and time.monotonic() - self._looked < LOOK / 4):
            return []
        self._looked = time.monotonic()
        if self._looked - self._suspected > SUSPICION:
            self._suspected, self._alone = self._looked, claims.suspects_wait()
        if not self._alone:
            return claims.claim(self.worker, free)
        self._suspected = 0.0
        return claims.claim_suspect(self.worker) if idle else []

    def _begin(self, held: Sequence[StepRun]) -> None:
        works = []
        fresh = [one for one in held if one.pk not in self.scopes]
        self.scopes |= dict(zip((one.pk for one in fresh), scopes_of([(o.run, o.frame) for o in fresh]), strict=True))
        for one in held:
            task = Task.of(one, self.scopes[one.pk])
            begun = _guarded(task, partial(executors.begin, task))
            if isinstance(begun, Work):
                works.append(begun)
            else:
                self._tried.append(Tried(one, begun))
        _announce([work for work in works if work.announced])
        for work in works:
            self._do(work)

    def _do(self, work: Work) -> None:
        act = partial(progress.carrying, work.task.held.pk, partial(work.executor.act, work.task, work.act))
        if work.executor.place == "here":
            outcome = _guarded(work.task, lambda: executors.finish(work.task, act()))  # type: ignore[arg-type]
            self._tried.append(Tried(work.task.held, outcome))
            return
        place = work.executor.place
        seconds = _seconds(work.task, SECONDS[place])
        flight = self.flights[work.task.held.pk] = Flight(work, time.monotonic() + seconds + SLACK[place])
        future = self.caller.on_loop(act, seconds) if place == "loop" else self.caller.in_thread(act)
        flight.future = future
        future.add_done_callback(lambda done: self._back.put((flight, done)))

    def _carry_scopes(self, tried: Sequence[Tried], taken: Sequence[StepRun]) -> None:
        """A step that follows in the same place reads what the one before it read, and that one's output."""
        before = {_place(one.held): one for one in tried if isinstance(one.outcome, Done)}
        for step_run in taken:
            last = before.get(_place(step_run))
            if last is not None and step_run.fence == 1 and (scope := self.scopes.get(last.held.pk)) is not None:
                steps = dict(scope["steps"])
                add(steps, plan_of(step_run.run.version), last.held.step, last.held.output)
                self.scopes[step_run.pk] = {**scope, "steps": steps}
        for one in tried:
            self.scopes.pop(one.held.pk, None)

    # What is watched

    def _watch(self) -> None:
        """Lengthen the leases, stop what was told to, give up what takes too long."""
        moment = time.monotonic()
        if not self.flights or moment - self._noticed < NOTICE:
            return
        self._noticed = moment
        held = [flight.work.task.held for flight in self.flights.values()]
        try:
            if moment - self._beaten > settings.HANDRAIL_LEASE.total_seconds() / 3:
                self._beaten = moment
                claims.beat(held)
            for pk in claims.told_to_stop(held):
                self._stop(pk)
        except DatabaseError as error:
            logger.warning("The database is away (%s); %s calls go on.", type(error).__name__, len(held))
            connection.close()
        for flight in [flight for flight in self.flights.values() if flight.until < moment]:
            self._give_up(flight)

    def _stop(self, pk: int) -> None:
        future = self.flights[pk].future
        if future is not None:
            future.cancel()

    def _give_up(self, flight: Flight) -> None:
        held = flight.work.task.held
        del self.flights[held.pk]
        told = "It took longer than its time limit."
        known = not flight.work.announced
        self._tried.append(Tried(held, Failed(told, retry=known, code="timeout" if known else "unknown")))

    def _hand_back(self, stop_at: float) -> None:
        """Calls that do not end in time are stopped, and taken by somebody else."""
        if time.monotonic() < stop_at:
            return
        for flight in list(self.flights.values()):
            if flight.work.executor.place == "loop":
                self._stop(flight.work.task.held.pk)
            del self.flights[flight.work.task.held.pk]
            if not flight.work.announced:
                self._tried.append(Tried(flight.work.task.held, HandedBack()))


def _seconds(task: Task, usual: float) -> float:
    """How long a try may take: the step's limit for one try, and what is left of its limit for all."""
    seconds = float(task.limits.get("seconds", usual))
    total = task.limits.get("total_seconds")
    if total is None or task.held.claimed_at is None:
        return seconds
    gone = (task.held.claimed_at - task.held.ready_at).total_seconds()
    return max(0.1, min(seconds, float(total) - gone))


def _place(held: StepRun) -> tuple[int, int | None, int, str]:
    return held.run_id, held.parent_id, held.part, held.frame


def _outcome(work: Work, future: "Future[Any]") -> Ended:
    if future.cancelled():
        return Stopped("It was told to stop.")
    error = future.exception()
    if isinstance(error, TimeoutError):
        return Failed("It took longer than its time limit.", retry=not work.announced, code="timeout")
    return executors.finish(work.task, future.result())


def _guarded[T](task: Task, work: Callable[[], T]) -> T | Failed:
    try:
        return work()
    except DatabaseError:
        raise
    except Exception as error:
        logger.exception("Step run %s broke.", task.held.pk)
        return _broken(error)


def _broken(error: Exception) -> Failed:
    told = f"Handrail broke while carrying this out: {type(error).__name__}. It is in the log."
    return Failed(told, retry=True, code="broken", broken=True)


@transaction.atomic
def _announce(works: Sequence[Work]) -> None:
    """Committed before the effects, so that a death in the middle is known."""
    if not works:
        return
    batch = Batch()
    for work in works:
        held = work.task.held
        held.acting = True
        batch.record("steprun.acting", held, actor=WORKER, body={"tool": work.act["tool"], "key": work.task.key})
    StepRun.objects.filter(pk__in=[work.task.held.pk for work in works]).update(acting=True)
    batch.write()
