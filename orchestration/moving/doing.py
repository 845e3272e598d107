"""Moving runs: one transaction each, and only a run that stands exactly as it was shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _

from audit.actors import Actor, person
from audit.clock_time import now
from audit.models import User
from audit.moves import Batch, IllegalMove, LostRace
from orchestration import locks, queue, rights
from orchestration.models import Run, StepRun, Version, Workflow
from orchestration.moving import judging, standing
from orchestration.moving.differences import stands_alike
from orchestration.moving.preview import Preview
from orchestration.moving.standing import Standing
from orchestration.plans import attach, lane, plan_of
from orchestration.signals import run_moved, step_asked_anew
from orchestration.states import STEP_LIVE, RunStatus, StepStatus

MOST = 50  # runs in one go
POINT = """
UPDATE orchestration_steprun s SET step_id = there.id,
    lane = CASE WHEN s.ended_at IS NULL THEN there.lane ELSE s.lane END
FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS there (was, id, lane)
WHERE s.run_id = %s AND s.step_id = there.was
"""
FORGOTTEN: dict[str, Any] = {
    "question": None,
    "answer": None,
    "awaits": "",
    "awaits_event": "",
    "wake_at": None,
    "not_before": None,
}


class CannotMove(Exception):
    """A run was not moved: a sentence that says why. Nothing of it was changed."""


@dataclass(frozen=True, slots=True)
class Came:
    """What became of one run: moved, or why not."""

    run: int
    moved: bool
    told: str


def may_move(user: User, workflow: Workflow) -> bool:
    """Whether a person may move runs of a workflow: its owner, and those who manage it."""
    may = rights.afresh(user.pk, workflow.pk).may
    return "manage" in may or (workflow.owner_id == user.pk and "view" in may)


def move_runs(seen: Mapping[int, str], version: Version, *, by: User, reason: str) -> list[Came]:
    """Move runs to a version: each with the digest (`Preview.seen`) of what was shown of it. What became of each.

    A run that has moved on since, or that cannot be moved, stays as it is. Raises `CannotMove` where nothing may be.
    """
    if not may_move(by, version.workflow):
        raise CannotMove(_("You may see these runs, and you may not move them."))
    if not reason.strip():
        raise CannotMove(_("Say why, for the record."))
    if len(seen) > MOST:
        raise CannotMove(_("At most %d runs are moved in one go.") % MOST)
    return [_came(pk, digest, version, by, reason.strip()) for pk, digest in sorted(seen.items())]


def _came(pk: int, digest: str, version: Version, by: User, reason: str) -> Came:
    try:
        told = _move(pk, digest, version, by, reason)
    except CannotMove as error:
        return Came(pk, False, str(error))
    except Run.DoesNotExist:
        return Came(pk, False, _("There is no such run."))
    except (LostRace, IllegalMove):
        return Came(pk, False, _others())
    except OperationalError as error:
        if not isinstance(error.__cause__, psycopg.errors.LockNotAvailable):
            raise
        return Came(pk, False, _others())
    return Came(pk, True, told)


def _others() -> str:
    return _("Somebody decides on it, or works on it, at this very moment. It was left as it is: look again.")


@transaction.atomic
def _move(pk: int, digest: str, version: Version, by: User, reason: str) -> str:
    run = locks.whole_run(pk)
    was = attach(run, plan_of(run.version)).version
    locks.steps(list(run.step_runs.filter(status__in=STEP_LIVE).order_by("pk").values_list("pk", flat=True)))
    (one,) = standing.of([run], version)
    found = judging.judged(one, version)
    if found.seen != digest:
        raise CannotMove(_("It does not stand any more as it was shown. It was left as it is: look again."))
    if found.refused:
        raise CannotMove(found.refused[0])
    actor = person(by)
    for held in _anew(one, found):
        step_asked_anew.send(StepRun, step_run=held, actor=actor, why=reason)
    _point(one)
    attach(run, one.now)
    run.version_id = version.pk
    Run.objects.filter(pk=pk).update(version=version)
    _record(run, was, found, actor, reason)
    _again(one, found, actor)
    run_moved.send(Run, run=run, by=by)
    queue.ring(pk)
    if not found.stale:
        return _("Moved.")
    return _("Moved; asked again: %s.") % ", ".join(one.now.by_key[key].name for key in found.stale)


def _anew(one: Standing, found: Preview) -> list[StepRun]:
    return [held for held in one.steps if held.pk in set(found.anew)]


def _point(one: Standing) -> None:
    """Let the run's steps be those of the other version, each by its key. What it has no more stays what it was."""
    there = []
    for pk in sorted(one.ids):
        was = one.step_of[pk]
        step = one.now.by_key.get(was.key)
        known = pk not in one.was.steps or (step is not None and stands_alike(one.was, was, one.now, step))
        if step is not None and known and step.kind == was.kind:
            there.append((pk, step))
    for held in one.steps:
        held.step = dict(there).get(held.step_id, held.step)
    values: list[list[Any]] = [[pk for pk, _step in there], [step.pk for _pk, step in there]]
    with connection.cursor() as cursor:
        cursor.execute(POINT, [*values, [lane(step) for _pk, step in there], one.run.pk])


def _record(run: Run, was: Version, found: Preview, actor: Actor, reason: str) -> None:
    body = {"was": was.number, "carried": found.carries, "stale": found.stale}
    batch = Batch()
    told = {"told": found.sentences, "hash": found.to.hash, "was_hash": was.hash}
    personal = {"reason": reason, "title": run.title}
    batch.record("run.moved", run, actor=actor, body=body, personal=personal, exhibits={"move": told})
    batch.write()


def _again(one: Standing, found: Preview, actor: Actor) -> None:
    """What was asked or waited for before is forgotten, and the step comes to it anew."""
    run, batch, moment = one.run, Batch(), now()
    held_back = run.status == RunStatus.PAUSED or run.waits_turn
    for held in _anew(one, found):
        if held.status == StepStatus.WAITING:
            to = StepStatus.HELD if held_back else StepStatus.READY
            told = {"body": {"moved": True}}
            batch.move(held, to, actor=actor, told=told, ready_at=moment, waiting_since=None, **FORGOTTEN)
        else:
            StepRun.objects.filter(pk=held.pk, status=held.status).update(ready_at=moment, **FORGOTTEN)
    batch.write()
