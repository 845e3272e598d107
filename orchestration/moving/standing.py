"""How runs stand, as far as it matters for a move: read for many at once, in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count

from orchestration.models import Attempt, Run, Step, StepRun, Version
from orchestration.plans import Plan, plan_of
from orchestration.scopes import Scope, scopes_of
from orchestration.states import STEP_LIVE, Awaits, StepStatus

MOST_LIVE = 200  # steps inside maps that are under way in one run
NOT_READ = ("metrics", "output")


@dataclass
class Standing:
    """One run: the version it is on and the one it may go to, and its steps.

    `steps` are those outside of maps, and those inside that have not ended; `begun` has the keys that have begun, by
    frame; `acted` the step runs that have begun a call outside; `scopes` what live steps read, by frame.
    """

    run: Run
    was: Plan
    now: Plan
    steps: list[StepRun] = field(default_factory=list)
    step_of: dict[int, Step] = field(default_factory=dict)
    begun: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    ids: set[int] = field(default_factory=set)
    acted: set[int] = field(default_factory=set)
    scopes: dict[str, Scope] = field(default_factory=dict)
    many: bool = False  # more is under way inside than is looked at

    @property
    def live(self) -> list[StepRun]:
        """The steps that have not ended."""
        return [held for held in self.steps if held.status in STEP_LIVE]

    def step(self, held: StepRun) -> Step:
        """The step as the run's own version has it; as the version it was done under, where that one has it no more."""
        return self.step_of[held.step_id]

    def has_begun(self, key: str) -> bool:
        """Whether a step has begun, in any frame."""
        return any(key in keys for keys in self.begun.values())


def of(runs: Sequence[Run], version: Version) -> list[Standing]:
    """How each run stands before it goes to `version`."""
    now = plan_of(version)
    found = {run.pk: Standing(run, plan_of(run.version), now) for run in runs}
    _read_steps(found)
    _read_definitions(found)
    _read_acts(found)
    _read_scopes(found)
    return list(found.values())


def _read_steps(found: dict[int, Standing]) -> None:
    inner = StepRun.objects.standing().filter(run__in=found).exclude(frame="")
    live = inner.filter(status__in=STEP_LIVE)
    counted = dict(live.order_by().values_list("run").annotate(Count("pk")))
    for pk, count in counted.items():
        found[pk].many = count > MOST_LIVE
    few = [pk for pk, count in counted.items() if count <= MOST_LIVE]
    rows = [*StepRun.objects.standing().filter(run__in=found, frame="").defer(*NOT_READ)]
    rows += live.filter(run__in=few).defer(*NOT_READ) if few else []
    for row in sorted(rows, key=lambda row: row.pk):
        found[row.run_id].steps.append(row)
    for run, step in inner.order_by().values_list("run", "step").distinct():
        found[run].ids.add(step)
    frames = {row.frame for row in rows if row.frame}
    begun = inner.filter(frame__in=frames).values_list("run", "frame", "step__key") if frames else []
    for run, frame, key in begun:
        found[run].begun[frame].add(key)


def _read_definitions(found: dict[int, Standing]) -> None:
    """The steps' definitions: from plans; from the database where a run was moved before and the step is gone since."""
    strange: set[int] = set()
    for one in found.values():
        one.ids |= {row.step_id for row in one.steps}
        strange |= one.ids - one.was.steps.keys()
    gone = Step.objects.in_bulk(strange) if strange else {}
    for one in found.values():
        one.step_of = {pk: one.was.steps.get(pk) or gone[pk] for pk in one.ids}
        for row in one.steps:
            row.run, row.step = one.run, one.step_of[row.step_id]
            if not row.frame:
                one.begun[""].add(row.step.key)
        for pk in one.ids:  # inside maps, wherever that is
            one.begun["*"].add(one.step_of[pk].key)


def _read_acts(found: dict[int, Standing]) -> None:
    live = {row.pk: row for one in found.values() for row in one.live}
    acted = Attempt.objects.filter(step_run__in=live, acting=True).values_list("step_run", flat=True)
    for pk in {*acted, *(pk for pk, row in live.items() if row.acting)}:
        found[live[pk].run_id].acted.add(pk)


def _read_scopes(found: dict[int, Standing]) -> None:
    """What steps read whose approval may carry over."""
    wanted = {(row.run_id, row.frame) for one in found.values() for row in one.live if is_asked(row) or has_answer(row)}
    wanted |= {(one.run.pk, "") for one in found.values()}
    pairs = sorted(wanted)
    scopes = scopes_of([(found[pk].run, frame) for pk, frame in pairs]) if pairs else []
    for (pk, frame), scope in zip(pairs, scopes, strict=True):
        found[pk].scopes[frame] = _as_in(found[pk].now, scope)


def _as_in(plan: Plan, scope: Scope) -> Scope:
    """The scope as the other version's expressions read it."""
    steps: dict[str, Any] = dict(scope["steps"])
    for key, instead in plan.stands_in.items():
        if key in steps:
            steps[instead] = steps[key]
    return {**scope, "steps": steps, "run": {**scope["run"], "version": plan.version.number}}


def is_asked(held: StepRun) -> bool:
    """Whether a person is asked about it now."""
    return held.status == StepStatus.WAITING and held.awaits == Awaits.PERSON


def has_answer(held: StepRun) -> bool:
    """Whether a person has answered, and nothing has followed from it yet."""
    waits = held.status in (StepStatus.READY, StepStatus.HELD)
    return waits and held.answer is not None and "verdict" in held.answer
