"""A search through what can happen to runs. After every move the promises hold, and at last every run ends."""

from collections import Counter
from sys import exc_info
from typing import ClassVar

from django.db.models import Max
from hypothesis.stateful import initialize, invariant

from audit.models import Event
from orchestration import control
from orchestration.models import Run, StepRun, Workflow
from orchestration.states import RunStatus, WorkflowStatus
from reviews.models import Review
from tests.flow.hands import approve
from tests.orchestration.machine import invariants
from tests.orchestration.machine.house import WORKERS, any_one, sizes
from tests.orchestration.machine.invariants import Move, State
from tests.orchestration.machine.people import People
from tests.orchestration.machine.workers import Workers

ROUNDS = 60  # in which every run must come to its end once everything is let go
PAUSED, CANCELLED = 11, 8  # fates


class Engine(People, Workers):
    """The house, its people and its workers."""

    seen: ClassVar[Counter[Move]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.fences: dict[int, int] = {}
        self.told: int | None = None

    @initialize(which=any_one, size=sizes, fate=any_one)
    def begin_with(self, which: int, size: int, fate: int) -> None:
        """`fate` is how runs come to their end when the search is over: see `_carry_on`."""
        self.fate = fate
        for further in range(3):
            self.start(which + further, size)

    @invariant()
    def hold_the_promises(self) -> None:
        told = Event.objects.aggregate(last=Max("pk"))["last"]
        if told == self.told:  # nothing has happened
            return
        self.told, state = told, State()
        found = list(invariants.broken(state, swept=self.swept))
        assert not found, "\n".join(found)
        for pk, one in state.steps.items():
            assert one.fence >= self.fences.get(pk, 0), f"the fence of {one} fell"
            self.fences[pk] = one.fence

    def teardown(self) -> None:
        try:
            if exc_info()[0] is None:
                self._come_to_an_end()
        finally:
            self.give_up()

    def _come_to_an_end(self) -> None:
        for number in range(ROUNDS):
            self._let_everything_go()
            if not Run.objects.live().exists():
                break
            self._carry_on(number)
            self.hold_the_promises()
        stuck = [f"{one.run} {one.run_id}: {one.step.key} {one.status}" for one in StepRun.objects.live()]
        assert not Run.objects.live().exists(), f"stuck: {stuck or list(Run.objects.live())}"
        self.seen.update(invariants.moves())

    def _let_everything_go(self) -> None:
        if self.stopped:
            self.hold_back_or_let_go(0)
        for workflow in Workflow.objects.filter(status=WorkflowStatus.PAUSED):
            control.release_workflow(workflow, actor=self.adam)
        for run in Run.objects.filter(status=RunStatus.PAUSED):
            control.release_run(run, actor=self.adam)

    def _carry_on(self, number: int) -> None:
        """Everything goes one round further. By its fate a step in six fails, or all is cancelled, or often paused."""
        if number + CANCELLED == self.fate:
            for run in Run.objects.live().filter(parent=None):
                control.cancel_run(run, actor=self.adam)
        self.held["w1"] += self.hanging
        self.hanging = []
        for worker in WORKERS:
            self.claim(worker, 20)
        if self.fate == PAUSED:
            for run in Run.objects.filter(status=RunStatus.RUNNING):
                control.pause_run(run, actor=self.adam)
        for worker in WORKERS:
            while self.held[worker]:
                self.settle_some(worker, 1, self._result(self.held[worker][0]), 0)
        for review in Review.objects.open():
            approve(self.cast, review)
        self.pass_time(70, told=False, swept=True)

    def _result(self, one: StepRun) -> str:
        if self.fate == PAUSED and one.fence % 2:
            return "again"
        return "fails" if one.pk % 6 == self.fate else "as it is"
