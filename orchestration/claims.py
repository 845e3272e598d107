"""Claims: which ready steps a worker takes, for how long, and what becomes of them when it dies.

Steps are taken in fair order: every workflow with something ready gets its share of the room, and in it every lane
(a model, a tool); within a lane the more urgent and then the older run comes first.
"""

import random
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists

from audit import hot, rows
from audit.actors import WORKER
from audit.columns import Columns
from orchestration import afterwards, endings, locks
from orchestration.flow import Flow
from orchestration.locks import Hold
from orchestration.models import Attempt, Brake, Limit, Run, StepRun
from orchestration.models.runs import StepRunQuerySet
from orchestration.plans import attach, plan_by, plan_of
from orchestration.states import BrakeStatus, RunStatus, StepStatus, WorkflowStatus

SUSPECT = 2  # deaths after which a step is tried with nothing else in flight
POISON = 2  # deaths alone after which it is given up
LIMITS = 0x4C494D54  # advisory lock of those who count steps against a limit

LANES = """
WITH RECURSIVE lanes AS (
    (SELECT workflow_id, lane FROM orchestration_steprun WHERE status = 'ready' ORDER BY workflow_id, lane LIMIT 1)
    UNION ALL
    SELECT next.workflow_id, next.lane FROM lanes CROSS JOIN LATERAL (
        SELECT workflow_id, lane FROM orchestration_steprun
        WHERE status = 'ready' AND (workflow_id, lane) > (lanes.workflow_id, lanes.lane)
        ORDER BY workflow_id, lane LIMIT 1) next
)
SELECT l.workflow_id, l.lane, w.steps_at_once, m.at_once
FROM lanes l JOIN orchestration_workflow w ON w.id = l.workflow_id
LEFT JOIN orchestration_limit m ON m.lane = l.lane
WHERE w.status <> 'paused' AND NOT EXISTS (SELECT 1 FROM orchestration_brake WHERE status = 'pulled')
"""
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
IN_FLIGHT = """
SELECT workflow_id, lane, count(*) FROM orchestration_steprun WHERE status = 'running' GROUP BY workflow_id, lane
"""
BEAT = """
UPDATE orchestration_steprun s SET lease_until = handrail_now() + make_interval(secs => %s)
FROM unnest(%s::bigint[], %s::int[]) AS mine (id, fence)
WHERE s.id = mine.id AND s.fence = mine.fence AND s.status = 'running' RETURNING s.id
"""


class Lane(NamedTuple):
    """A workflow and a model or tool in it for which steps are ready, with their limits."""

    workflow_id: int
    lane: str
    steps_at_once: int | None
    at_once: int | None


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
    lanes = [Lane(*row) for row in hot.rows(LANES)]
    if not lanes:
        return []
    random.shuffle(lanes)  # where there is less room than lanes, each comes first as often as the others
    wanted = [[lane.workflow_id for lane in lanes], [lane.lane for lane in lanes], _shares(lanes, room)]
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
    return _shares([Lane(step_run.workflow_id, step_run.lane, step_run.workflow.steps_at_once, at_once)], 1) == [1]


def suspects_wait() -> bool:
    """Whether a step is ready that must be tried alone."""
    return _suspects().exists()


def _suspects() -> StepRunQuerySet:
    pulled = Brake.objects.filter(status=BrakeStatus.PULLED)
    suspects = StepRun.objects.claimable().filter(~Exists(pulled), deaths__gte=SUSPECT)
    return suspects.exclude(workflow__status=WorkflowStatus.PAUSED)


def _shares(lanes: Sequence[Lane], room: int) -> list[int]:
    """How many steps of each lane may be taken: equal shares by workflow, then by lane, within the limits."""
    beside = Counter(lane.workflow_id for lane in lanes)
    fair = {pk: -(-room // len(beside)) for pk in beside}
    shares = [-(-fair[lane.workflow_id] // beside[lane.workflow_id]) for lane in lanes]
    if all(lane.steps_at_once is None and lane.at_once is None for lane in lanes):
        return shares
    free = _free(lanes)
    for place, lane in enumerate(lanes):
        keys = [key for key in (lane.lane, lane.workflow_id) if key in free]
        shares[place] = max(0, min([shares[place], *(free[key] for key in keys)]))
        for key in keys:
            free[key] -= shares[place]
    return shares


def _free(lanes: Sequence[Lane]) -> dict[str | int, int]:
    """The room left under each limit, counted under a lock so that two workers cannot both take the last place."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LIMITS])
        cursor.execute(IN_FLIGHT)
        rows = cursor.fetchall()
    free: dict[str | int, int] = {lane.lane: lane.at_once for lane in lanes if lane.at_once is not None}
    free |= {lane.workflow_id: lane.steps_at_once for lane in lanes if lane.steps_at_once is not None}
    for workflow_id, lane_name, count in rows:
        for key in (workflow_id, lane_name):
            if key in free:
                free[key] -= count
    return free


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
    elif fields["deaths_alone"] >= POISON:
        error = "It ended its worker twice while nothing else was in flight, so it is not tried again."
        flow.batch.move(
            step_run, StepStatus.FAILED, actor=WORKER, told=told, error=error, broken=True, ended_at=now, **fields
        )
        flow.failed(step_run)
    else:
        to = StepStatus.HELD if step_run.run.status == RunStatus.PAUSED else StepStatus.READY
        flow.batch.move(step_run, to, actor=WORKER, told=told, **fields)
        flow.ring_for(step_run.run)


def _lost(flow: Flow, row: StepRun) -> Attempt:
    return Attempt(
        step_run=row,
        fence=row.fence,
        worker=row.worker,
        started_at=row.claimed_at or flow.hold.now,
        ended_at=flow.hold.now,
        result="lost",
        acting=row.acting,
    )
