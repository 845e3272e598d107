"""The drain: one worker process carries out many steps at once until nothing is left.

Its main thread alone talks to the database: it settles what has come back, claims more, works out the acts. The acts
themselves wait on an event loop or in threads (`flights`), so a call that hangs holds nobody else.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

from django.conf import settings
from django.db import DatabaseError, OperationalError, connection, transaction

from audit import writing
from audit.moves import Batch
from orchestration import catalog, claims, executors, locks, plans, queue
from orchestration.catalog import offered
from orchestration.executors import Work
from orchestration.executors.task import Task
from orchestration.flights import Flights, broken, guarded
from orchestration.models import StepRun
from orchestration.outcomes import Done, Outcome
from orchestration.policies import asking
from orchestration.routing import candidates, cooling
from orchestration.routing.patterns import looking as patterns
from orchestration.routing.patterns.reading import BadPattern
from orchestration.scopes import Scope, after, scopes_of_steps
from orchestration.settling import Tried, settle
from orchestration.states import StepStatus

LOOK = 0.1  # seconds to wait for what is in flight, between two looks for ready steps
BREATH = 0.02  # seconds between two looks while there is other work
PACE = 0.1  # seconds at the most between two transactions while several steps come back at once
REST = 3.0  # times as long as its last transaction that a worker waits for others to settle with the next
LINGER = 5.0  # seconds that a worker stays awake after its last step: a knock costs less than a bell
LOOK_AROUND = 1.0  # seconds that what was seen of the catalog, of rules and of those who look on is good for
LISTEN = 0.4  # seconds of listening for a knock, between two looks
SUSPICION = 1.0  # seconds between two looks for steps that must be tried alone
PATIENCE = 15.0  # seconds that calls in flight have once the worker is told to stop
MOST_SETTLED = 128  # tries in one transaction

logger = logging.getLogger(__name__)


class Drain:
    """What one worker process holds."""

    def __init__(self, worker: str, *, room: int = 0, linger: float = 0.0) -> None:
        self.worker = worker
        self.room = room or settings.HANDRAIL_CALLS
        self.linger = linger
        self.stopping = threading.Event()
        self.flights = Flights(self.room)
        self.scopes: dict[int, Scope] = {}
        self.settled = 0
        self._tried: list[Tried] = []
        self._alone = False
        self._unsure = False  # whether a commit of ours may have gone through without our knowing
        self._looked = self._suspected = self._settled_at = 0.0
        self._together, self._pace = 0, 0.0  # tries in the last transaction, and seconds from it to the next

    @property
    def holds_something(self) -> bool:
        """Whether a step is in flight, or an outcome not yet settled."""
        return bool(len(self.flights) or self._tried)

    def run(self, pulse: Callable[[], None] = lambda: None) -> int:
        """Carry steps out until none is ready and none in flight. Returns how many tries were settled."""
        before, stop_at, worked, lingers = self.settled, None, time.monotonic(), False
        self._looked = 0.0
        while True:
            if self.stopping.is_set():
                stop_at = stop_at or time.monotonic() + PATIENCE
                if time.monotonic() > stop_at:
                    self._tried += self.flights.hand_back()
            _look_around()
            taken = [*self._adopt(), *self._settle()] or self._claim()
            self._begin(taken)
            if self._unsure:
                self._tried += self.flights.watch()  # and settle what could not be, before others come to it
            elif self.holds_something or taken:
                if lingers:
                    queue.stop_listening(self.worker)
                worked, lingers = time.monotonic(), False
                self._come_back()
                self._tried += self.flights.watch()
            elif self.stopping.is_set() or time.monotonic() - worked >= self.linger:
                if not lingers:
                    return self.settled - before
                queue.stop_listening(self.worker)
                lingers = False  # and one more look: somebody may just have knocked
            else:
                lingers = True
                _look_around(LISTEN)  # now, while there is time, rather than when somebody has knocked
                if queue.listen(self.worker, LISTEN):
                    self._pause()
            pulse()

    def _come_back(self) -> None:
        """Take in what has come back. Where several do at once, others are given time to be settled with them."""
        self._tried += self.flights.come_back(MOST_SETTLED, 0.0 if self._tried else LOOK)
        if self._together > 1 and len(self._tried) < MOST_SETTLED // 2:
            self._pause()
            self._tried += self.flights.come_back(MOST_SETTLED - len(self._tried), 0.0)

    def _pause(self) -> None:
        """Where transactions come close together, each waits for more to do in it; a lone one does not wait."""
        time.sleep(max(0.0, self._settled_at + self._pace - time.monotonic()))

    def _settle(self) -> list[StepRun]:
        if not self._tried:
            return []
        tried, self._tried = self._tried, []
        self._settled_at, self._together = time.monotonic(), len(tried)
        claim = self._free if self._looks() else 0
        room = 0 if self._alone else self._free - self.room // 8
        try:
            taken = settle(tried, worker=self.worker, room=max(0, room), claim=claim)
        except Exception as error:
            return self._settle_later(tried, error)
        self.settled += len(tried)
        self._pace = min(PACE, REST * (time.monotonic() - self._settled_at))
        self._carry_scopes(tried, taken)
        return taken

    def _settle_later(self, tried: list[Tried], error: Exception) -> list[StepRun]:
        """The database was away, or one of them cannot be written: nothing is lost, and the others do not wait."""
        if isinstance(error, OperationalError) or connection.connection is None or connection.connection.closed:
            logger.warning("The database is away (%s); %s tries wait to be settled.", type(error).__name__, len(tried))
            connection.close()
            self._tried, self._unsure = [*tried, *self._tried], True
            time.sleep(LOOK)
            return []
        if len(tried) == 1:
            held, outcome = tried[0]
            logger.error("A try of step run %s could not be recorded.", held.pk, exc_info=error)
            if not getattr(outcome, "broken", False):  # else it is left to the sweep
                self._tried.append(Tried(held, broken(error)))
            return []
        taken: list[StepRun] = []
        for one in tried:
            self._tried, waiting = [one], self._tried
            taken += self._settle()
            self._tried += waiting
        return taken

    def _adopt(self) -> list[StepRun]:
        """Take up what a commit gave us whose answer was lost; else its lease would have to end."""
        if not self._unsure:
            return []
        try:
            adopted = claims.adopt(self.worker, self.flights.ids | {one.held.pk for one in self._tried})
        except DatabaseError:
            connection.close()
            time.sleep(LOOK)
            return []
        self._unsure = False
        return adopted

    def _claim(self) -> list[StepRun]:
        """Take what is ready; what must be tried alone, once nothing else is in flight."""
        room, idle = self._free, not self.holds_something
        if room <= 0 or not self._looks(idle=idle) or (self._alone and not idle):
            return []
        try:
            if self._alone:
                self._suspected = 0.0
                return claims.claim_suspect(self.worker) or claims.claim(self.worker, room)
            return claims.claim(self.worker, room)
        except DatabaseError:
            self._unsure = True
            raise

    @property
    def _free(self) -> int:
        return 0 if self.stopping.is_set() else self.room - len(self.flights) - len(self._tried)

    def _looks(self, *, idle: bool = False) -> bool:
        """Whether to look for ready steps now, and for such that must be tried alone."""
        moment = time.monotonic()
        if not idle and (self._alone or moment - self._looked < max(BREATH, self._pace)):
            return False
        self._looked = moment
        if moment - self._suspected > SUSPICION:
            self._suspected, self._alone = moment, claims.suspects_wait()
        return idle or not self._alone

    def _begin(self, held: Sequence[StepRun]) -> None:
        works = []
        self._read_scopes([one for one in held if one.pk not in self.scopes])
        for one in held:
            task = Task.of(one, self.scopes[one.pk])
            begun = guarded(task, partial(executors.begin, task))
            if isinstance(begun, Work):
                works.append(begun)
            else:
                self._tried.append(Tried(one, begun))
        for work in _announced(self._routed(works)):
            if work.executor.place == "here":
                finish = partial(_finish_here, work)
                self._tried.append(Tried(work.task.held, guarded(work.task, finish)))
            else:
                self.flights.begin(work)

    def _routed(self, works: Sequence[Work]) -> list[Work]:
        """The works that may be done, each model's with who may be asked; what came of the others is settled."""
        try:
            came = executors.route(works)
        except DatabaseError:
            raise
        except Exception:  # one of them breaks it: it is found one by one
            came = [guarded(work.task, partial(_route_one, work)) for work in works]
        for work, one in zip(works, came, strict=True):
            if not isinstance(one, Work):
                self._tried.append(Tried(work.task.held, one))
        return [one for one in came if isinstance(one, Work)]

    def _read_scopes(self, held: Sequence[StepRun]) -> None:
        self.scopes |= dict(zip((one.pk for one in held), scopes_of_steps(held), strict=True))

    def _carry_scopes(self, tried: Sequence[Tried], taken: Sequence[StepRun]) -> None:
        """A step that follows in the same place reads what the one before it read, and that one's output."""
        before = {_place(one.held): one for one in tried if isinstance(one.outcome, Done)}
        for step_run in taken:
            last = before.get(_place(step_run))
            alike = last is not None and step_run.fence == 1 and step_run.again == last.held.again
            if alike and last is not None and (scope := self.scopes.get(last.held.pk)) is not None:
                self.scopes[step_run.pk] = after(scope, step_run.run, last.held)
        for one in tried:
            self.scopes.pop(one.held.pk, None)


def _look_around(kept: float = LOOK_AROUND) -> None:
    """See what is off, approved, resting, forbidden, looked for and looked at, where it was seen `kept` seconds ago.

    And take in what calls have noticed of the servers' offers.
    """
    catalog.look(kept)
    offered.look_after()
    candidates.snapshot(kept)
    cooling.look(kept)
    asking.look(kept)
    with suppress(BadPattern):  # whoever goes by them is told
        patterns.look(kept)
    writing.look(kept)


def _route_one(work: Work) -> Work | Outcome:
    return executors.route([work])[0]


def _place(held: StepRun) -> tuple[int, int | None, int, str]:
    return held.run_id, held.parent_id, held.part, held.frame


def _finish_here(work: Work) -> Outcome:
    return executors.finish(work.task, work.executor.act(work.task, work.act))  # type: ignore[arg-type]


def _announced(works: Sequence[Work]) -> list[Work]:
    """Those that may be done now. That a call begins which cannot be repeated freely is committed before it does,
    so that a death in the middle is known; whoever has lost the step meanwhile does not call.
    """
    told = [work for work in works if work.announced]
    if not told:
        return list(works)
    with transaction.atomic():
        standing, batch = locks.steps([work.task.held.pk for work in told]), Batch()
        mine = [w for w in told if standing[w.task.held.pk][:2] == (StepStatus.RUNNING, w.task.held.fence)]
        for work in mine:
            held = work.task.held
            held.acting = True
            body = {"tool": work.act["tool"], "key": work.task.key}
            batch.record("steprun.acting", held, actor=plans.actor_of(held), body=body)
        StepRun.objects.filter(pk__in=[work.task.held.pk for work in mine]).update(acting=True)
        batch.write()
    return [work for work in works if not work.announced or work in mine]
