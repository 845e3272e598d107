"""The dry run itself: the steps of one run and of those that it starts, one after the other, in this process.

Everything is done by what does it in real runs (`claims`, `executors`, `settling`, `flow`, `waking`), in a transaction
that is always rolled back. So nothing of it stays: no row, no bell, no word to a page.
"""

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext as _

from audit.actors import CLOCK, person
from audit.clock_time import now
from audit.models import User
from orchestration import catalog, claims, contents, documents, executors, files, plans, scopes, subworkflows, waking
from orchestration.documents import BadDocument
from orchestration.dry import people
from orchestration.dry.course import STOPPED, Course, Stop
from orchestration.dry.effects import Late, Stops, outcome_of
from orchestration.dry.log import Log
from orchestration.dry.script import Script
from orchestration.dry.stage import Stage, on_stage
from orchestration.executors import Work
from orchestration.executors.task import Task
from orchestration.flow import Flow
from orchestration.launching import launch, new_run
from orchestration.locks import Hold
from orchestration.models import Run, StepRun
from orchestration.outcomes import BROKE, Ended, Failed, Outcome, Stopped, Waiting
from orchestration.scopes import Scope
from orchestration.settling import Tried, settle
from orchestration.states import RUN_LIVE, STEP_LIVE, Awaits, StepStatus
from orchestration.tools import TOOLS

WORKER = "dry"
AT_ONCE = 20  # steps that are taken together

logger = logging.getLogger(__name__)


class CannotTry(Exception):
    """The dry run was not carried to its end for a reason of ours: a sentence that says which."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far a dry run goes: seconds, and tries of steps."""

    seconds: float = 20.0
    tries: int = 2000


class Overrun(Exception):
    """It has come to its bounds: a sentence."""


def definition(source: str) -> dict[str, Any]:
    """The document of a source as far as it can be followed, though steps may lack what they need to be published.

    Or `BadDocument`.
    """
    sketch = documents.sketch(source)
    if sketch.problems:
        raise BadDocument(sketch.problems)
    return sketch.document


def run(
    what: str | dict[str, Any],
    given: dict[str, Any],
    *,
    starter: User,
    script: Script | None = None,
    files_of: Run | None = None,
    number: int = 0,
    bounds: Bounds | None = None,
) -> Course:
    """The path that a run of a text (or of its document) would take with that input.

    `files_of` is the past run whose files the input may name, `number` that of the version, if it has one. Raises
    `BadDocument` for what cannot be followed, `starts.BadInput` for an input that does not fit, `CannotTry`.
    """
    document = subworkflows.pin(definition(what) if isinstance(what, str) else what)
    bounds = bounds or Bounds()
    try:
        with _never_committed(bounds.seconds), on_stage(starter) as stage:
            version = stage.put(document, number=number)
            begun = new_run(version, given, started_by=starter)
            flow = Flow(Hold(now()), actor=person(starter))
            launch(flow, begun, given, actor=person(starter))
            flow.write()
            if files_of is not None:
                files.hand_on(given, of_run=files_of, to=begun)
            return DryRun(begun, stage, script or Script(), bounds).carry_out()
    except DatabaseError as error:
        logger.exception("A dry run of %s broke.", document["slug"])
        raise CannotTry(_("The database was busy with something else, so it was not tried. Try again.")) from error


@contextmanager
def _never_committed(seconds: float) -> Iterator[None]:
    """A transaction that nobody waits for long, that waits for nobody long, and that is rolled back."""
    with transaction.atomic(), contents.in_rows():
        with connection.cursor() as cursor:
            idle = seconds + settings.HANDRAIL_LEASE.total_seconds()
            cursor.execute("SET LOCAL lock_timeout = '2s'")
            cursor.execute(f"SET LOCAL idle_in_transaction_session_timeout = '{idle:.0f}s'")
        yield
        transaction.set_rollback(True)


class DryRun:
    """One dry run under way."""

    def __init__(self, run: Run, stage: Stage, script: Script, bounds: Bounds) -> None:
        self.run = run
        self.stage = stage
        self.script = script
        self.bounds = bounds
        self.log = Log()
        self._began = time.monotonic()
        self._tries, self._late = 0, False
        self._scopes: dict[int, Scope] = {}
        self._sent_back: set[tuple[str, tuple[int, ...]]] = set()
        self._stuck: dict[int, tuple[StepRun, Stop]] = {}

    def carry_out(self) -> Course:
        """Go on until nothing is ready. What stands still holds up no other branch."""
        catalog.look()
        try:
            while held := claims.claim_of(self.stage.workflows, WORKER, AT_ONCE) or self._told_to_stop():
                self._further(held)
        except Overrun as error:
            return self._course([Stop("", "", str(error))])
        return self._course(self._stops())

    @property
    def _left(self) -> float:
        return self.bounds.seconds - (time.monotonic() - self._began)

    def _further(self, held: Sequence[StepRun]) -> None:
        read = dict(zip((one.pk for one in held), scopes.scopes_of_steps(held), strict=True))
        self._scopes |= read
        tried = [Tried(one, ended) for one in held if (ended := self._try(one)) is not None]
        self._settle(tried)
        self._answer([one.held for one in tried if _waits(one, Awaits.PERSON)])
        self._wake([one for one in tried if _waits(one, Awaits.MOMENT, Awaits.EVENT)])

    def _told_to_stop(self) -> list[StepRun]:
        """Settle what stands still and is no longer wanted; then something else may be ready."""
        stuck = [held for held, _ in self._stuck.values() if held.status == StepStatus.RUNNING]
        told = claims.told_to_stop(stuck) if stuck else set()
        if not told:
            return []
        self._settle([Tried(self._stuck.pop(pk)[0], Stopped("It was told to stop.")) for pk in told])
        return claims.claim_of(self.stage.workflows, WORKER, AT_ONCE)

    def _try(self, held: StepRun) -> Ended | None:
        """What a try comes to; None where the step stands still, since nobody knows what it would."""
        self._tries += 1
        if self._left <= 0:
            self._late = True
            told = _("It was stopped after %d seconds: a dry run takes no longer.")
            raise Overrun(told % self.bounds.seconds)
        if self._tries > self.bounds.tries:
            raise Overrun(_("It was stopped after %d tries of steps: a dry run takes no more.") % self.bounds.tries)
        task = Task.of(held, self._scopes[held.pk])
        with self.log.trying(task):
            try:
                return self._came_to(task)
            except Stops as error:
                self._late |= isinstance(error, Late)
                self._stand_still(held, str(error))
                return None
            except DatabaseError:
                raise
            except Exception as error:
                logger.exception("Step %s of a dry run broke.", held.step.key)
                return Failed(f"{BROKE}: {type(error).__name__}. It is in the log.", code="broken", broken=True)

    def _came_to(self, task: Task) -> Outcome:
        if task.step.kind == "tool" and task.step.spec["tool"] not in TOOLS:
            raise Stops(_("It names no tool yet."))
        begun = executors.begin(task)
        if isinstance(begun, Work):
            passed = self.log.of(task.held)
            begun = executors.finish(task, outcome_of(begun, self.script, passed, self._left))
        if isinstance(begun, Waiting) and begun.awaits == Awaits.RUN:
            return self._on_stage(begun)
        return begun

    def _on_stage(self, waiting: Waiting) -> Waiting:
        """What it starts is started on the stage, so that nothing of the workflow itself is held."""
        version = self.stage.started(waiting.question["version_id"])
        question = {**waiting.question, "version_id": version.pk}
        return Waiting(question, waiting.spent, waiting.awaits)

    def _settle(self, tried: Sequence[Tried]) -> None:
        """As a worker settles: one whose outcome cannot be recorded has broken, and the others do not wait."""
        if not tried:
            return
        try:
            settle(tried, asks=False)
        except DatabaseError:
            raise
        except Exception as error:
            if len(tried) > 1:
                for one in tried:
                    self._settle([one])
            elif getattr(tried[0].outcome, "broken", False):
                raise
            else:
                logger.exception("A try of %s could not be recorded.", tried[0].held.step.key)
                told = f"{BROKE}: {type(error).__name__}. It is in the log."
                self._settle([Tried(tried[0].held, Failed(told, code="broken", broken=True))])
        for held, outcome in tried:
            if isinstance(outcome, Failed) and held.status == StepStatus.READY:
                self.log.of(held).told.append(_("It is tried again: %s") % outcome.error)

    def _answer(self, waiting: Sequence[StepRun]) -> None:
        given: list[people.Given] = []
        for held in waiting:
            answer = people.decision(self.script.of_step(held), held, self._sent_back)
            self.log.of(held).asked.append(people.asked(held, answer, self._scopes[held.pk]))
            try:
                given.append(people.Given.of(held, answer, self._scopes[held.pk]))
            except Stops as error:
                self._stand_still(held, str(error))
        if given:
            people.give(given)

    def _wake(self, waiting: Sequence[Tried]) -> None:
        """Time passes at once; an event that nobody recorded does not come."""
        answers: dict[int, dict[str, Any]] = {}
        for held, outcome in waiting:
            assert isinstance(outcome, Waiting)
            told = {"event": outcome.event, "until": f"{outcome.until:%Y-%m-%d %H:%M} UTC"}
            if outcome.awaits == Awaits.MOMENT:
                sentence = _("It would wait until %(until)s. That passes at once here.")
            else:
                sentence = _("It would wait for the event “%(event)s” until %(until)s. It does not come here.")
            self.log.of(held).told.append(sentence % told)
            answers[held.pk] = {"awaits": outcome.awaits, "timed_out": outcome.awaits == Awaits.EVENT}
        if answers:
            waking.wake(list(answers), answers, actor=CLOCK)

    def _stand_still(self, held: StepRun, why: str) -> None:
        self._stuck[held.pk] = held, Stop(held.step.key, held.step.name, why)

    def _stops(self) -> list[Stop]:
        """Where it stands still at its end: what was cancelled meanwhile is no longer waited for."""
        live = set(StepRun.objects.filter(pk__in=self._stuck, status__in=STEP_LIVE).values_list("pk", flat=True))
        return [stop for pk, (_, stop) in self._stuck.items() if pk in live]

    def _course(self, stops: list[Stop]) -> Course:
        ended = Run.objects.get(pk=self.run.pk)
        live = ended.status in RUN_LIVE
        if live and not stops:
            stops = [Stop("", "", _("Nothing more is ready, and the run has not ended."))]
        steps, more = self.log.steps(self.stage.workflows)
        return Course(
            status=STOPPED if live else ended.status,
            steps=steps,
            stops=stops if live else [],
            title=ended.title,
            outcome=ended.outcome,
            succeeded=ended.succeeded,
            result=contents.open_up(ended.result),
            more=more,
            late=self._late,
            seconds=round(time.monotonic() - self._began, 3),
            scope=self._read_at_the_end(ended),
        )

    def _read_at_the_end(self, ended: Run) -> Scope:
        plans.attach(ended, plans.plan_of(self.run.version))
        scope = scopes.scope_of(ended)
        opened = {key: contents.open_up(value) for key, value in scope["steps"].items()}
        result = contents.open_up(ended.result) or {}
        return {**scope, "input": contents.open_up(scope["input"]), "steps": opened, "output": result}


def _waits(tried: Tried, *awaits: Awaits) -> bool:
    """Whether a try has left its step waiting for one of these."""
    waits = isinstance(tried.outcome, Waiting) and tried.outcome.awaits in awaits
    return waits and tried.held.status == StepStatus.WAITING
