"""What holds after every move of the engine, read from the rows."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator

from django.db import connection
from django.db.models import Count

from audit.models import Event
from orchestration.models import Attempt, Run, StepRun
from orchestration.plans import plan_of
from orchestration.states import (
    RUN_TERMINAL,
    STEP_LIVE,
    Awaits,
    BrakeStatus,
    RunStatus,
    StepStatus,
    WorkflowStatus,
)
from reviews.models import Review
from reviews.states import ReviewStatus

UNTOLD = """
SELECT '{kind}', t.id, t.status FROM {table} t WHERE t.status <> (
    SELECT split_part(e.kind, '.', 2) FROM audit_event e
    WHERE e.object_type = '{kind}' AND e.object_id = t.id::text AND split_part(e.kind, '.', 2) = ANY(%s)
    ORDER BY e.id DESC LIMIT 1)
"""
TABLES = {"run": "orchestration_run", "steprun": "orchestration_steprun", "review": "reviews_review"}
STATUSES = [*RunStatus.values, *StepStatus.values, *ReviewStatus.values]
SWITCHES = [*BrakeStatus.values, *WorkflowStatus.values]

type Move = tuple[str, str, str]  # kind, from, to


class State:
    """All rows, read once."""

    def __init__(self) -> None:
        self.runs = {run.pk: run for run in Run.objects.select_related("workflow", "version")}
        steps = StepRun.objects.select_related("step").defer("question", "answer", "output", "metrics")
        self.steps = {one.pk: one for one in steps.order_by("pk")}
        self.inside: dict[int, list[StepRun]] = defaultdict(list)
        self.of: dict[int, list[StepRun]] = defaultdict(list)
        for one in self.steps.values():
            self.of[one.run_id].append(one)
            if one.parent_id is not None and one.undoes_id is None:
                self.inside[one.parent_id].append(one)

    def live(self, run: Run) -> list[StepRun]:
        """The steps of a run that have not ended."""
        return [one for one in self.of[run.pk] if one.status in STEP_LIVE]


def broken(state: State, *, swept: bool) -> Iterator[str]:
    """Every promise that does not hold. `swept`: nobody died after a commit since the last sweep."""
    yield from _committed_twice()
    yield from _untold()
    yield from _reviews(state)
    for run in state.runs.values():
        yield from _run(state, run, swept=swept)
    for one in state.steps.values():
        if one.step.kind in ("parallel", "map", "repeat"):
            yield from _container(state, one, swept=swept)
    yield from _turns(state)


def _committed_twice() -> Iterator[str]:
    for row in Attempt.objects.filter(result="done").values("step_run").annotate(n=Count("id")).filter(n__gt=1):
        yield f"step run {row['step_run']} was committed {row['n']} times"
    late = Attempt.objects.filter(result="late").count(), Event.objects.filter(kind="steprun.late_refused").count()
    if late[0] != late[1]:
        yield f"{late[0]} late tries, {late[1]} told"


def _untold() -> Iterator[str]:
    with connection.cursor() as cursor:
        for kind, table in TABLES.items():
            cursor.execute(UNTOLD.format(kind=kind, table=table), [STATUSES])
            yield from (f"{kind} {pk} is {status}, and the ledger does not say so" for _, pk, status in cursor)


def _reviews(state: State) -> Iterator[str]:
    waiting = {o.pk for o in state.steps.values() if (o.status, o.awaits) == (StepStatus.WAITING, Awaits.PERSON)}
    asked = set(Review.objects.open().values_list("step_run", flat=True))
    if waiting != asked:
        yield f"steps {waiting} wait for people, and {asked} are asked"


def _run(state: State, run: Run, *, swept: bool) -> Iterator[str]:
    live = state.live(run)
    if run.status in RUN_TERMINAL:
        if live:
            yield f"run {run.pk} is {run.status}, and {live} live"
        yield from _undone(state, run)
        return
    if not live and swept:
        yield f"run {run.pk} is {run.status} and ending {run.ending!r}, and nothing of it lives"
    for one in live:
        held_back = run.status == RunStatus.PAUSED or run.waits_turn
        if (one.status == StepStatus.HELD) and not held_back:
            yield f"{one.pk} is held, and nothing holds run {run.pk} back"
        if one.status == StepStatus.READY and held_back:
            yield f"{one.pk} is ready, and run {run.pk} is {run.status} (waits: {run.waits_turn})"


def _undone(state: State, run: Run) -> Iterator[str]:
    """Exactly the done steps are undone, each once, the last first; and none in a run that is done."""
    compensated = plan_of(run.version).compensated
    steps = [one for one in state.of[run.pk] if one.undoes_id is None and one.step_id in compensated]
    done = [one for one in steps if one.status == StepStatus.DONE and one.shared_from_id is None]
    wanted = [one.pk for one in sorted(done, key=lambda one: (one.ended_at, one.pk), reverse=True)]
    undone = [one.undoes_id for one in state.of[run.pk] if one.undoes_id is not None]
    if undone != ([] if run.status == RunStatus.DONE else wanted):
        yield f"run {run.pk} is {run.status}: {undone} undone of {wanted}"


def _container(state: State, one: StepRun, *, swept: bool) -> Iterator[str]:
    parts: dict[int, list[StepRun]] = defaultdict(list)
    for child in state.inside[one.pk]:
        parts[child.part].append(child)
    alive = {part for part, steps in parts.items() if any(step.status in STEP_LIVE for step in steps)}
    if one.status == StepStatus.WAITING:
        last = [steps[-1].status for part, steps in parts.items() if part not in alive]
        ended = Counter("done" if status == StepStatus.DONE else "failed" for status in last)
        counted = (one.parts_begun, one.parts_done, one.parts_failed)
        if counted != (len(parts), ended["done"], ended["failed"]):
            yield f"{one.step.key} {one.pk} counts {counted}, and it has {len(parts)} parts: {dict(ended)}"
        if len(alive) > one.step.spec.get("at_once", 100):
            yield f"{len(alive)} parts of {one.pk} at once"
    elif swept and one.step.spec.get("others") != "finish":
        for child in state.inside[one.pk]:
            told = child.status == StepStatus.RUNNING and child.stop_asked_at is not None
            if child.status in STEP_LIVE and not told:
                yield f"{child.step.key} {child.pk} is {child.status}, and {one.pk} around it {one.status}"


def _turns(state: State) -> Iterator[str]:
    under_way = [r for r in state.runs.values() if r.status not in RUN_TERMINAL and not r.waits_turn]
    for workflow, count in Counter(run.workflow for run in under_way).items():
        if workflow.runs_at_once is not None and count > workflow.runs_at_once:
            yield f"{count} runs of {workflow} are under way"
    keyed = Counter((run.workflow_id, run.key) for run in under_way if run.key)
    yield from (f"{count} runs of key {key}" for key, count in keyed.items() if count > 1)
    running = Counter(o.workflow_id for o in state.steps.values() if o.status == StepStatus.RUNNING)
    for workflow in {run.workflow for run in under_way}:
        if workflow.steps_at_once is not None and running[workflow.pk] > workflow.steps_at_once:
            yield f"{running[workflow.pk]} steps of {workflow} run"


def moves() -> Counter[Move]:
    """Every change of status that the ledger tells of."""
    seen: Counter[Move] = Counter()
    told = Event.objects.filter(object_type__in=[*TABLES, "brake", "workflow"])
    for kind, text in told.values_list("kind", "body"):
        model, _, to = kind.partition(".")
        body = json.loads(text)
        if "was" in body and to in (*STATUSES, *SWITCHES):
            seen[model, body["was"], to] += 1
    return seen
