"""Claims: which ready steps a worker takes, for how long, and what becomes of them when it dies.

Every lane has its share of the room (`shares`); within a lane the more urgent and then the older run comes first.
"""

import random
from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists

from audit import hot, rows
from audit.actors import WORKER
from audit.columns import Columns
from orchestration import afterwards, endings, locks, shares
from orchestration.flow import Flow
from orchestration.locks import Hold
from orchestration.models import Attempt, Brake, Limit, Run, StepRun
from orchestration.models.runs import StepRunQuerySet
from orchestration.plans import attach, plan_by, plan_of
from orchestration.shares import Lane
from orchestration.states import BrakeStatus, RunStatus, StepStatus, WorkflowStatus

SUSPECT = 2  # deaths after which a step is tried with nothing else in flight
POISON = 2  # deaths alone after which it is given up, unless workers die without it as well
CERTAIN = 10  # deaths alone after which it is given up whatever else dies
LATELY = timedelta(seconds=30)  # for which other deaths speak for it

LOST = "lost"  # what came of a try that nobody ended

STEP, RUN = Columns(StepRun, without=["output"]), Columns(Run, without=["result"])
RUNS = f"""
SELECT {RUN.of("r")}, v.hash FROM orchestration_run r JOIN orchestration_version v ON v.id = r.version_id
WHERE r.id = ANY(%s::bigint[])
"""  # noqa: S608  (our own column names)
READY = f"""
SELECT {STEP.of("s")} FROM unnest(%s::bigint[], %s::text[], %s::int[]) AS share (workflow_id, lane, room)
CROSS JOIN LATERAL (
    SELECT * FROM orchestration_steprun
    WHERE status = 'ready' AND workflow_id = share.workflow_id AND lane = share.lane AND deaths < 2
        AND (not_before IS NULL OR not_before <= handrail_now())
    ORDER BY workflow_id, lane, priority, id LIMIT share.room FOR UPDATE SKIP LOCKED) s
"""  # noqa: S608
READY_OF = f"""
SELECT {STEP.of("s")} FROM orchestration_steprun s WHERE status = 'ready' AND workflow_id = ANY(%s::bigint[])
ORDER BY id LIMIT %s::int FOR UPDATE SKIP LOCKED
"""  # noqa: S608
HELD = f"""
SELECT {STEP.of("s")} FROM orchestration_steprun s
WHERE worker = %s::text AND status = 'running' AND NOT acting AND NOT id = ANY(%s::bigint[])
    AND lease_until > handrail_now()
ORDER BY id FOR UPDATE SKIP LOCKED
"""  # noqa: S608
BEAT = """
UPDATE orchestration_steprun s SET lease_until = handrail_now() + make_interval(secs => %s)
FROM unnest(%s::bigint[], %s::int[]) AS mine (id, fence)
WHERE s.id = mine.id AND s.fence = mine.fence AND s.status = 'running' RETURNING s.id
"""


@transaction.atomic
def claim(worker: str, room: int) -> list[StepRun]:
    """Take up to `room` ready steps, and lease them."""
    return _take(_ready(room), worker)


def claim_in(flow: Flow, room: int) -> list[StepRun]:
    """The same in a transaction that does other things too; they are leased once `flow` is written."""
    if not (ready := _ready(room)):
        return []
    hold, held = _hold(ready)
    return _lease(flow, hold, [step_run for step_run in held if not flow.ends(step_run.run)])


@transaction.atomic
def claim_of(workflows: Collection[int], worker: str, room: int) -> list[StepRun]:
    """Take ready steps of these workflows and of no others, the oldest first, whatever holds others back.

    For dry runs: no limit is counted, since its lock would hold up everybody; nobody waits for a moment to come.
    """
    return _take([STEP.object(row) for row in hot.rows(READY_OF, [list(workflows), room])], worker)


@transaction.atomic
def claim_suspect(worker: str) -> list[StepRun]:
    """Take one step that was in flight at two deaths, by a worker that has nothing else in flight."""
    first = _suspects().select_for_update(skip_locked=True, of=("self",))[:1]
    return _take([step_run for step_run in first if _fits(step_run)], worker, suspect=True)


@transaction.atomic
def adopt(worker: str, known: Collection[int]) -> list[StepRun]:
    """What a worker holds by the rows and does not know of: it was claimed by a commit whose answer was lost."""
    held = [STEP.object(row) for row in hot.rows(HELD, [worker, list(known)])]
    if held:
        _runs_of(held)
    return held


def _ready(room: int) -> list[StepRun]:
    """Lock up to `room` ready steps."""
    lanes = shares.lanes()
    if not lanes:
        return []
    random.shuffle(lanes)  # where there is less room than lanes, each comes first as often as the others
    wanted = [[lane.workflow_id for lane in lanes], [lane.lane for lane in lanes], shares.of(lanes, room)]
    return [STEP.object(row) for row in hot.rows(READY, wanted)[:room]]


def _take(ready: list[StepRun], worker: str, *, suspect: bool = False) -> list[StepRun]:
    if not ready:
        return []
    hold, held = _hold(ready)
    flow = Flow(hold, worker=worker)
    _lease(flow, hold, held, alone=suspect)
    flow.write()
    return held


def _hold(ready: list[StepRun]) -> tuple[Hold, list[StepRun]]:
    """Lock the runs of locked steps; not those that somebody holds who may wait for the steps."""
    hold = locks.runs(_runs_of(ready).values(), wait=False)
    return hold, [step_run for step_run in ready if step_run.run_id in hold.runs]


def _fits(step_run: StepRun) -> bool:
    at_once = Limit.objects.filter(lane=step_run.lane).values_list("at_once", flat=True).first()
    own = Lane(step_run.workflow_id, step_run.lane, step_run.workflow.steps_at_once, at_once)
    return shares.of([own], 1) == [1]


def suspects_wait() -> bool:
    """Whether a step is ready that must be tried alone."""
    return _suspects().exists()


def _suspects() -> StepRunQuerySet:
    pulled = Brake.objects.filter(status=BrakeStatus.PULLED)
    suspects = StepRun.objects.claimable().filter(~Exists(pulled), deaths__gte=SUSPECT)
    return suspects.exclude(workflow__status=WorkflowStatus.PAUSED)


def _lease(flow: Flow, hold: Hold, held: list[StepRun], *, alone: bool = False) -> list[StepRun]:
    for step_run in held:
        flow.batch.move(
            step_run,
            StepStatus.RUNNING,
            actor=WORKER,
            told={"body": {"worker": flow.worker}},
            fence=step_run.fence + 1,
            worker=flow.worker,
            claimed_at=hold.now,
            lease_until=hold.now + settings.HANDRAIL_LEASE,
            not_before=None,
            acting=False,
            alone=alone,
        )
    for run in {step_run.run_id: step_run.run for step_run in held}.values():
        if run.status == RunStatus.ACCEPTED:
            flow.batch.move(run, RunStatus.RUNNING, actor=WORKER)
    return held


def _runs_of(held: Collection[StepRun]) -> dict[int, Run]:
    """The runs of these steps, by id; runs, steps and versions point to each other as the plans have them."""
    runs: dict[int, Run] = {}
    for *columns, version_hash in hot.rows(RUNS, [list({step_run.run_id for step_run in held})]):
        run = RUN.object(columns)
        attach(run, plan_by(run.version_id, version_hash))
        runs[run.pk] = run
    for step_run in held:
        step_run.run = runs[step_run.run_id]
        step_run.step = plan_of(step_run.run.version).steps[step_run.step_id]
    return runs


def beat(held: Collection[StepRun]) -> set[int]:
    """Lengthen the leases. Returns the ids of those that are still held."""
    with connection.cursor() as cursor:
        cursor.execute(
            BEAT, [settings.HANDRAIL_LEASE.total_seconds(), [row.pk for row in held], [row.fence for row in held]]
        )
        return {row[0] for row in cursor.fetchall()}


def told_to_stop(held: Collection[StepRun]) -> set[int]:
    """Which of them were told to stop."""
    asked = StepRun.objects.filter(pk__in=[row.pk for row in held], stop_asked_at__isnull=False)
    return set(asked.values_list("pk", flat=True))


def bury(worker: str) -> int:
    """Take back at once what a worker held that is known to be dead. Returns how many steps."""
    held = StepRun.objects.filter(worker=worker, status=StepStatus.RUNNING)
    return take_again(held.values_list("pk", flat=True))


def take_again(ids: Iterable[int], *, expired: bool = False) -> int:
    """Make steps ready again whose worker died or hung. Those that keep ending their workers are given up."""
    with transaction.atomic():
        running = StepRun.objects.filter(pk__in=list(ids), status=StepStatus.RUNNING)
        held = list(running.defer(*locks.LARGE))
        if not held:
            return 0
        flow = Flow(locks.runs(_runs_of(held).values()))
        flow.containers = locks.containers({row.parent_id for row in held if row.parent_id is not None})
        standing = locks.steps([row.pk for row in held])
        lost = [row for row in held if standing[row.pk][:2] == (StepStatus.RUNNING, row.fence)]
        if expired:
            still = set(StepRun.objects.expired().filter(pk__in=[row.pk for row in lost]).values_list("pk", flat=True))
            lost = [row for row in lost if row.pk in still]
        rows.insert([_lost(flow, row) for row in lost])
        for step_run in lost:
            _after_death(flow, step_run, stop_asked=standing[step_run.pk].stop_asked)
        flow.write()
        endings.wind_down(flow)
    afterwards.follow_up(flow)
    return len(lost)


def _after_death(flow: Flow, step_run: StepRun, *, stop_asked: bool) -> None:
    alone, now = step_run.alone, flow.hold.now
    fields: dict[str, Any] = {"deaths": step_run.deaths + (not alone), "deaths_alone": step_run.deaths_alone + alone}
    told = {"body": {"worker": step_run.worker, "fence": step_run.fence, "alone": alone}}
    if stop_asked or (step_run.run.ending and step_run.undoes_id is None):
        flow.batch.move(step_run, StepStatus.CANCELLED, actor=WORKER, told=told, ended_at=now, **fields)
        flow.failed(step_run)
    elif _is_guilty(step_run, fields["deaths_alone"], flow.hold):
        times = fields["deaths_alone"]
        error = f"It ended its worker {times} times while nothing else was in flight, so it is not tried again."
        flow.batch.move(
            step_run, StepStatus.FAILED, actor=WORKER, told=told, error=error, broken=True, ended_at=now, **fields
        )
        flow.failed(step_run)
    else:
        to = StepStatus.HELD if step_run.run.status == RunStatus.PAUSED else StepStatus.READY
        flow.batch.move(step_run, to, actor=WORKER, told=told, **fields)
        flow.ring_for(step_run.run)


def _is_guilty(step_run: StepRun, deaths: int, hold: Hold) -> bool:
    """Whether it is the step that ends its workers: not while workers that never had it die too."""
    if deaths < POISON or deaths >= CERTAIN:
        return deaths >= CERTAIN
    since = hold.now - LATELY
    own = Attempt.objects.filter(step_run=step_run, result=LOST).values("worker")
    others = Attempt.objects.filter(result=LOST, started_at__gt=since, ended_at__gt=since).exclude(worker__in=own)
    return not others.filter(step_run__deaths_alone=0).exists()


def _lost(flow: Flow, row: StepRun) -> Attempt:
    return Attempt(
        step_run=row,
        fence=row.fence,
        worker=row.worker,
        started_at=row.claimed_at or flow.hold.now,
        ended_at=flow.hold.now,
        result=LOST,
        acting=row.acting,
    )
