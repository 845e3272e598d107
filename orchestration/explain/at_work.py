"""What the engine is doing: by workflow, by model and tool, by worker. A few grouped queries, none for each row."""

from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Count

from audit.models import User
from orchestration import attendance
from orchestration.attendance import Present
from orchestration.models import Limit, Run, Step, StepRun, Workflow
from orchestration.models.definitions import WorkflowQuerySet
from orchestration.states import RUN_LIVE, STEP_LIVE, Awaits, RunStatus, StepStatus, WorkflowStatus

LANES = {"model": "model", "tool": "tool"}  # what stands in a step's document -> the kind of lane


class Counted(NamedTuple):
    """Steps of one workflow, by what they are at."""

    in_flight: int = 0
    ready: int = 0
    held: int = 0
    people: int = 0
    other: int = 0  # the steps inside it, another run, a moment, an event


@dataclass(frozen=True, slots=True)
class Line:
    """One workflow. `managed`: whether this person may pause it."""

    workflow: Workflow
    steps: Counted
    live: int
    paused: int
    managed: bool


@dataclass(frozen=True, slots=True)
class Lane:
    """One model or tool: how many calls of it are in flight, and how many may be."""

    lane: str
    kind: str
    name: str
    in_flight: int
    ready: int
    at_once: int | None


@dataclass(frozen=True, slots=True)
class Hand:
    """One worker, and how many steps it holds."""

    present: Present
    steps: int


@dataclass(frozen=True, slots=True)
class AtWork:
    """All of it. `hands` is None while the queue is away."""

    lines: list[Line]
    lanes: list[Lane]
    hands: list[Hand] | None

    @property
    def steps(self) -> Counted:
        """The sums over the workflows."""
        return Counted(*(sum(column) for column in zip(*(line.steps for line in self.lines), strict=True)))


type Running = list[tuple[int, str, str, int]]


def at_work(user: User) -> AtWork:
    """Everything as it is now, of the workflows that this person may see."""
    running = list(
        StepRun.objects.filter(status=StepStatus.RUNNING)
        .order_by()
        .values_list("workflow", "lane", "worker")
        .annotate(n=Count("pk"))
    )
    return AtWork(_lines(user), _lanes(running, user), _hands(running))


def _lines(user: User) -> list[Line]:
    steps, runs = _steps(), _runs()
    managed = set(Workflow.objects.ids_allowed(user, "manage"))
    found = Workflow.objects.allowed(user, "view").defer("purpose")
    lines = [
        Line(
            workflow,
            steps.get(workflow.pk, Counted()),
            sum(runs[workflow.pk, status] for status in RUN_LIVE),
            runs[workflow.pk, RunStatus.PAUSED],
            workflow.pk in managed,
        )
        for workflow in found
    ]
    return [line for line in lines if line.workflow.status != WorkflowStatus.RETIRED or line.live]


def _runs() -> Counter[tuple[int, str]]:
    counted = Run.objects.live().order_by().values_list("workflow", "status").annotate(n=Count("pk"))
    return Counter({(workflow, status): n for workflow, status, n in counted})


def _steps() -> dict[int, Counted]:
    """By workflow. The live runs lead to the steps: of those that have ended there may be millions."""
    live = StepRun.objects.filter(run__status__in=[*RUN_LIVE], status__in=[*STEP_LIVE]).order_by()
    found: dict[int, Counter[str]] = {}
    for workflow, status, awaits, n in live.values_list("workflow", "status", "awaits").annotate(n=Count("pk")):
        found.setdefault(workflow, Counter())[_at(status, awaits)] += n
    return {workflow: Counted(**counts) for workflow, counts in found.items()}


def _at(status: str, awaits: str) -> str:
    if status == StepStatus.WAITING:
        return "people" if awaits in ("", Awaits.PERSON, Awaits.OUTCOME) else "other"
    return {StepStatus.RUNNING: "in_flight", StepStatus.HELD: "held"}.get(StepStatus(status), "ready")


def _lanes(running: Running, user: User) -> list[Lane]:
    """Those of the workflows that one may see. All of them, and those that have a limit, for who sets limits."""
    limits = dict(Limit.objects.values_list("lane", "at_once"))
    in_flight: Counter[str] = Counter()
    for _workflow, lane, _worker, n in running:
        in_flight[lane] += n
    ready, sets = _ready(), user.has_perm("audit.change_choices")
    known = {*known_lanes(), *limits} if sets else known_lanes(Workflow.objects.allowed(user, "view"))
    return [
        Lane(lane, lane.partition(":")[0], lane.partition(":")[2], in_flight[lane], ready[lane], limits.get(lane))
        for lane in sorted(known)
    ]


def _ready() -> Counter[str]:
    found = StepRun.objects.filter(status=StepStatus.READY).exclude(lane="").order_by()
    return Counter(dict(found.values_list("lane").annotate(n=Count("pk"))))


def known_lanes(workflows: WorkflowQuerySet | None = None) -> set[str]:
    """The models and tools that the current versions name: of those workflows, or of all."""
    among = Workflow.objects.all() if workflows is None else workflows
    current = among.filter(current__isnull=False).order_by().values("current")
    rows = Step.objects.filter(version__in=current).order_by()
    named = rows.values_list(*(f"spec__{key}" for key in LANES)).distinct()
    return {
        f"{kind}:{name}"[:140]
        for row in named
        for kind, name in zip(LANES.values(), row, strict=True)
        if isinstance(name, str) and name
    }


def _hands(running: Running) -> list[Hand] | None:
    held: Counter[str] = Counter()
    for _workflow, _lane, worker, n in running:
        held[worker] += n
    present = attendance.workers()
    return None if present is None else [Hand(one, held[one.place]) for one in present]
