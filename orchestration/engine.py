"""The doors of the engine for everybody above it: start a run, hand a waiting step its answer, take it back.

What workers do stands in `claims` (take steps) and `settling` (record what they came to); what follows from a step in
`flow` and `endings`. Every one of them is one short transaction, and none is held over a call.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction

from audit.actors import Actor
from audit.clock_time import HandrailNow, now
from audit.models import User
from audit.moves import move
from orchestration import locks, sending_back, starting, starts, turns, ways
from orchestration.flow import Flow
from orchestration.launching import launch, new_run
from orchestration.locks import Hold
from orchestration.models import Run, StepRun, Trigger, Version, Workflow
from orchestration.policies import asking
from orchestration.starts import BadInput, CannotStart
from orchestration.states import StepStatus


def start(
    workflow: Workflow,
    given: dict[str, Any],
    *,
    actor: Actor,
    started_by: User,
    trigger: Trigger | None = None,
    after: Run | None = None,
) -> Run:
    """Accept a run of the workflow's current version: committed with its first step, or refused.

    `after` is the run whose end starts this one: it counts among those that stand above it. Raises `BadInput` for what
    does not fit, `CannotStart` where no run may begin.
    """
    try:
        with transaction.atomic():
            return _start(workflow, given, actor, started_by, trigger, after)
    except starting.RuleSaysNo as error:
        asking.record([error.said])  # nothing began, and that a rule said so is kept
        raise


def _start(
    workflow: Workflow,
    given: dict[str, Any],
    actor: Actor,
    started_by: User,
    trigger: Trigger | None,
    after: Run | None,
) -> Run:
    version = starts.current_version(workflow)
    starting.refuse_by_rule(version, given, started_by)
    run = new_run(version, given, started_by=started_by, trigger=trigger, after=after)
    flow = Flow(Hold(now()), actor=actor)
    starts.check_waivers(run.version, flow.hold.now)
    launch(flow, run, given, actor=actor)
    flow.write()
    return run


@transaction.atomic
def start_many(
    version: Version,
    inputs: Sequence[dict[str, Any]],
    *,
    actor: Actor,
    started_by: User,
    trigger: Trigger | None = None,
) -> list[Run | BadInput]:
    """Accept many runs of a version with a few statements; where an input does not fit, why stands in its place.

    They are committed together or not at all. Where runs take turns all of them wait, and as many as may begin at once
    do so after the commit. Raises `CannotStart` where a waiver of the version has ended.
    """
    flow, made = Flow(Hold(now()), actor=actor), list[Run | BadInput]()
    starts.check_waivers(version, flow.hold.now)
    waits = turns.has_turns(version.workflow)
    for given in inputs:
        try:
            starting.refuse_by_rule(version, given, started_by)
            run = new_run(version, given, started_by=started_by, trigger=trigger, waits_turn=waits)
        except BadInput as error:
            made.append(error)
            continue
        except CannotStart as error:
            made.append(BadInput([("", str(error))]))
            continue
        launch(flow, run, given, actor=actor)
        made.append(run)
    flow.write()
    if waits:
        transaction.on_commit(partial(turns.admit, version.workflow), robust=True)
    return made


def resume(
    step_run: StepRun,
    answer: dict[str, Any],
    *,
    actor: Actor,
    not_before: datetime | None = None,
    hold: Hold | None = None,
) -> None:
    """Hand a waiting step its answer, and let its run go on, not before that moment.

    `hold` is given by whoever has locked the run already. Raises `LostRace` when the step waits no longer.
    """
    with transaction.atomic(savepoint=False):
        flow = Flow(hold or locks.runs([step_run.run]))
        flow.resume(step_run, answer, actor=actor, not_before=not_before)
        flow.write()


def send_back(
    step_run: StepRun,
    answer: dict[str, Any],
    *,
    to: str,
    actor: Actor,
    not_before: datetime | None = None,
    hold: Hold | None = None,
) -> None:
    """Have the work of a waiting step done again from the step `to` on; what came after that will be superseded.

    Until that moment nothing is, so the answer can still be taken back. Raises `CannotSendBack` for a step from which
    it cannot be done again, `LostRace` when the step waits no longer.
    """
    sending_back.check(step_run, to)
    said = {**answer, "verdict": ways.SENT_BACK, ways.TO: to}
    resume(step_run, said, actor=actor, not_before=not_before, hold=hold)


@transaction.atomic
def take_back(step_run: StepRun, *, actor: Actor) -> None:
    """Take an answer back while nothing has followed from it. Raises `LostRace` once something has."""
    where = {"not_before__gt": HandrailNow()}
    move(step_run, StepStatus.WAITING, actor=actor, where=where, answer=None, not_before=None)
