"""Firing: what came to a trigger, and the run that it starts, are committed together or not at all."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import DatabaseError, transaction

from audit.actors import Actor
from audit.ledger import record
from audit.models import User
from orchestration import engine, files, rights
from orchestration.expressions import BadExpression
from orchestration.models import Run, Trigger, TriggerFire
from orchestration.starts import BadInput, CannotStart, current_version
from orchestration.states import FireResult
from orchestration.subworkflows import DEEPEST

BROKE = "Handrail broke while making a run of this. The log says more."
LARGEST_SAMPLE = 32 * 1024  # characters of JSON
LONGEST_TOLD = 500
LONGEST_KEY = 200

logger = logging.getLogger("triggers")

type Make = Callable[[], dict[str, Any]]


class Paused(Exception):
    """The trigger is paused, so nothing that comes to it is taken."""


class NotAllowed(Exception):
    """The one who counts as the starter may not start runs of the workflow now."""


class TooDeep(Exception):
    """As many runs as may started one another already."""


@dataclass(frozen=True, slots=True)
class Came:
    """One thing that came: `make` works out the input of its run. `key` and `signature` are taken once a trigger.

    `spent`: its key is used up even when nothing starts. `after` is the run whose end it is.
    """

    make: Make
    key: str = ""
    digest: str = ""
    signature: str = ""
    sample: Any = None
    spent: bool = False
    after: Run | None = None


class Fired(NamedTuple):
    """What became of it. `new` is false for what had come before: then it is what became of it that time."""

    fire: TriggerFire
    new: bool


@transaction.atomic
def fire(trigger: Trigger, came: Came, *, actor: Actor, starter: User | None = None) -> Fired:
    """Start the run of what came, once; or `Paused`. What cannot start is written down, with the reason."""
    trigger = locked(trigger)
    if (before := known(trigger, came)) is not None:
        return Fired(before, new=False)
    if not trigger.is_on:
        raise Paused(trigger.name)
    try:
        with transaction.atomic():
            run = _start(trigger, came, actor, starter or trigger.owner)
    except BadExpression as error:
        return Fired(put_down(trigger, came, FireResult.FAILED, str(error), actor=actor), new=True)
    except (BadInput, CannotStart, NotAllowed, TooDeep) as error:
        return Fired(put_down(trigger, came, FireResult.REFUSED, str(error), actor=actor), new=True)
    except DatabaseError:
        raise
    except Exception:
        # One thing that breaks us must not hold up all that comes after it.
        logger.exception("Handrail broke at what came to the trigger %s.", trigger.pk)
        return Fired(put_down(trigger, came, FireResult.FAILED, BROKE, actor=actor), new=True)
    started = {"result": FireResult.STARTED, "run": run, "key": came.key, "signature": came.signature}
    made = TriggerFire.objects.create(trigger=trigger, digest=came.digest, sample=came.sample, **started)
    return Fired(made, new=True)


def locked(trigger: Trigger) -> Trigger:
    """The trigger as it stands, held until the commit: what comes to it is taken one by one."""
    rows = Trigger.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("workflow__current", "owner").get(pk=trigger.pk)


def known(trigger: Trigger, came: Came) -> TriggerFire | None:
    """What became of the same thing when it came before."""
    if came.key:
        return TriggerFire.objects.select_related("run").filter(trigger=trigger, key=came.key).first()
    return None


def put_down(trigger: Trigger, came: Came, result: FireResult, told: str, *, actor: Actor) -> TriggerFire:
    """Write down that something came and started nothing."""
    told = told[:LONGEST_TOLD]
    because = {"reason": told}
    if result == FireResult.MISSED:
        record("trigger.missed", trigger, actor=actor, personal=because)
    elif result == FireResult.FAILED:
        record("trigger.failed", trigger, actor=actor, personal=because)
    else:
        record("trigger.refused", trigger, actor=actor, personal=because)
    return TriggerFire.objects.create(
        trigger=trigger,
        result=result,
        told=told,
        digest=came.digest,
        sample=came.sample,
        key=came.key if came.spent else "",
    )


@transaction.atomic
def miss(trigger: Trigger, came: Came, told: str, *, actor: Actor) -> None:
    """Write down, once, what was passed over."""
    trigger = locked(trigger)
    if known(trigger, came) is None:
        put_down(trigger, came, FireResult.MISSED, told, actor=actor)


def _start(trigger: Trigger, came: Came, actor: Actor, starter: User) -> Run:
    if "start" not in rights.afresh(starter.pk, trigger.workflow_id).may:
        raise NotAllowed(f"{starter} may not start runs of {trigger.workflow.name}.")
    if came.after is not None and came.after.depth >= DEEPEST:
        raise TooDeep(f"Runs have started one another {DEEPEST} times already: this one starts no other.")
    schema = current_version(trigger.workflow).document["input"]
    given = came.make()
    if found := files.problems(schema, given, files.of(came.after) if came.after else ()):
        raise BadInput(found)
    run = engine.start(trigger.workflow, given, actor=actor, started_by=starter, trigger=trigger, after=came.after)
    if came.after is not None:
        files.hand_on(given, of_run=came.after, to=run)
    return run


def touch(trigger: Trigger, **fields: Any) -> None:
    """Set what a trigger remembers of its own work. No status, and nothing that a person chose."""
    assert fields.keys() <= {"next_at", "place"}
    Trigger.objects.filter(pk=trigger.pk).update(**fields)
