"""A search through what can happen to runs: workers that take, finish, die and come late; people who decide, undo,
pause, cancel and stop everything; moments, events and sweeps. After every move the promises hold.

No bell ever rings here (nothing commits), as if Redis forgot everything all the time: the rows alone must be enough.
"""

from collections import Counter
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import Max
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from audit.actors import COMMAND, person
from audit.clock_time import now
from audit.models import Event
from orchestration import afterwards, claims, control, engine, recovery, scopes, settling, waking
from orchestration.flow import Flow
from orchestration.models import Run, StepRun, Workflow
from orchestration.outcomes import Ended, Failed, HandedBack, Stopped
from orchestration.states import RUN_TERMINAL, RunStatus, WorkflowStatus
from reviews import decisions, intake
from reviews.models import Decision, Review
from tests import clock
from tests.cast import Cast
from tests.flow.hands import approve, came_to, reject
from tests.orchestration import invariants
from tests.orchestration.invariants import Move, State

WORKERS = ("w1", "w2")
MOST_LIVE = 5  # runs under way: the search goes deep, not wide
ROUNDS = 60  # in which every run must come to its end once everything is let go
any_one = st.sampled_from(range(12))
meanwhiles = st.sampled_from(["", "", "", "paused", "cancelled", "stopped", "dies"])
sizes = st.sampled_from([0, 1, 2])
one_worker = st.sampled_from(WORKERS)
results = st.sampled_from(["as it is", "as it is", "as it is", "fails", "again", "back", "stopped"])


def has_ready(engine: "Engine") -> bool:
    """Whether a worker may find something."""
    return StepRun.objects.claimable().exists()


def has_work(engine: "Engine") -> bool:
    """Whether a worker may find something, or holds it."""
    return any(engine.held.values()) or has_ready(engine)


class Engine(RuleBasedStateMachine):
    """One house. Everything happens in one transaction, which is given up at the end."""

    cast: ClassVar[Cast]
    workflows: ClassVar[list[Workflow]]
    seen: ClassVar[Counter[Move]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.held: dict[str, list[StepRun]] = {worker: [] for worker in WORKERS}
        self.dropped: list[StepRun] = []  # by workers that died, or hang
        self.hanging: list[StepRun] = []
        self.fences: dict[int, int] = {}
        self.dies = False
        self.swept = True
        self.told: int | None = None
        self.follow_up = afterwards.follow_up
        afterwards.follow_up = self._follow_up

    def _follow_up(self, flow: Flow) -> None:
        """What a worker does after its commit, unless it dies just then."""
        if self.dies:
            self.swept = self.swept and not (flow.left_over or flow.cancelled or flow.ended)
            return
        self.follow_up(flow)

    # People

    @initialize(which=any_one, size=sizes, fate=any_one)
    def begin_with(self, which: int, size: int, fate: int) -> None:
        """`fate` is how runs come to their end when the search is over: see `_carry_on`."""
        self.fate = fate
        for further in range(3):
            self._begin(which + further, size)

    @precondition(lambda self: Run.objects.live().count() < MOST_LIVE)
    @rule(which=any_one, size=sizes)
    def begin(self, which: int, size: int) -> None:
        self._begin(which, size)

    def _begin(self, which: int, size: int) -> None:
        workflow = Workflow.objects.get(pk=self.workflows[which % len(self.workflows)].pk)
        engine.start(workflow, {"size": size, "who": "somebody"}, actor=self.adam, started_by=self.cast.adam)

    @precondition(lambda self: Review.objects.open().exists())
    @rule(which=any_one, verdict=st.sampled_from(["yes", "yes", "no", "edited"]), again=st.booleans())
    def decide(self, which: int, verdict: str, again: bool) -> None:
        review = _pick(Review.objects.open(), which)
        if verdict == "no":
            reject(self.cast, review)
        else:
            edit = {"word": "edited"} if verdict == "edited" and "arguments" in review.content else {}
            approve(self.cast, review, **edit)
        if again and review.undo_seconds:
            decisions.undo(review.pk, by=self.cast.rita)

    @precondition(lambda self: Decision.objects.filter(undone_at=None, undo_until__isnull=False).exists())
    @rule(which=any_one)
    def undo(self, which: int) -> None:
        decision = _pick(Decision.objects.filter(undone_at=None, undo_until__isnull=False), which)
        before = StepRun.objects.get(pk=decision.review.step_run_id)
        try:
            decisions.undo(decision.review_id, by=self.cast.rita)
        except decisions.AlreadyDecided:
            window_open = before.not_before is not None and before.not_before > now()
            assert not (before.status in ("ready", "held") and window_open), f"{before} could not be taken back"

    @precondition(lambda self: Run.objects.live().exists())
    @rule(which=any_one, act=st.sampled_from(["pause", "pause", "release", "release", "cancel", "cancel a step"]))
    def control_a_run(self, which: int, act: str) -> None:
        run = _pick(Run.objects.live(), which)
        if act == "cancel":
            control.cancel_run(run, actor=self.adam, why="A reason.")
        elif act == "cancel a step" and run.step_runs.live().exists():
            control.cancel_step(_pick(run.step_runs.live(), which), actor=self.adam)
        elif run.status == RunStatus.PAUSED:
            control.release_run(run, actor=self.adam)
        elif act == "pause":
            control.pause_run(run, actor=self.adam, why="A reason.")

    @precondition(lambda self: Run.objects.filter(status__in=RUN_TERMINAL).exists())
    @rule(which=any_one, at=any_one)
    def restart(self, which: int, at: int) -> None:
        run = _pick(Run.objects.filter(status__in=RUN_TERMINAL), which)
        key = _pick(run.step_runs.filter(frame=""), at).step.key
        try:
            control.restart(run, key, actor=self.adam, started_by=self.cast.adam)
        except control.CannotControl:
            return

    @rule(which=any_one)
    def hold_back_or_let_go(self, which: int) -> None:
        """A workflow or everything; what is held back is let go first."""
        held = Workflow.objects.filter(status=WorkflowStatus.PAUSED)
        if self._stopped:
            control.let_go(actor=self.adam, by=self.cast.adam, why="A reason.")
        elif held.exists():
            control.release_workflow(_pick(held, which), actor=self.adam)
        elif which % 4 == 3:
            control.stop_everything(actor=self.adam, by=self.cast.adam, why="A reason.")
        elif which % 4 == 2:
            ours = Workflow.objects.filter(pk__in=[one.pk for one in self.workflows])
            control.pause_workflow(_pick(ours, which), actor=self.adam)

    # Workers

    @precondition(has_ready)
    @rule(worker=one_worker, room=st.integers(1, 6))
    def claim(self, worker: str, room: int) -> None:
        taken = claims.claim(worker, room)
        if not self.held[worker] and not taken and claims.suspects_wait():
            taken = claims.claim_suspect(worker)
        assert len(taken) <= room
        self._begun(worker, taken)

    def _begun(self, worker: str, taken: list[StepRun]) -> None:
        for one in taken:
            run = Run.objects.select_related("workflow").get(pk=one.run_id)
            paused = run.status == RunStatus.PAUSED or run.workflow.status == WorkflowStatus.PAUSED
            assert not self._stopped, f"{one} begins"
            assert not paused, f"{one} begins"
        self.held[worker] += taken

    @precondition(has_ready)
    @rule(worker=one_worker, rounds=st.integers(1, 4), room=st.integers(0, 3))
    def work(self, worker: str, rounds: int, room: int) -> None:
        for _ in range(rounds):
            self.claim(worker, 3)
            self._commit(worker, 3, "as it is", room)

    @precondition(has_work)
    @rule()
    def go_far(self) -> None:
        """All that is ready is done, and all that is asked is approved."""
        for worker in WORKERS:
            self.work(worker, 2, 3)
        for review in Review.objects.open():
            approve(self.cast, review)

    @precondition(has_work)
    @rule(worker=one_worker, count=st.integers(1, 3), result=results, room=st.integers(0, 3), meanwhile=meanwhiles)
    def commit(self, worker: str, count: int, result: str, room: int, meanwhile: str) -> None:
        """Perhaps somebody pauses or cancels the run meanwhile; perhaps the worker dies right after the commit."""
        if not self.held[worker]:
            self.claim(worker, 3)
        for run in {Run.objects.get(pk=one.run_id) for one in self.held[worker][:count]}:
            if meanwhile == "paused" and run.status == RunStatus.RUNNING:
                control.pause_run(run, actor=self.adam)
            elif meanwhile == "cancelled" and run.is_live:
                control.cancel_run(run, actor=self.adam)
        if meanwhile == "stopped" and not self._stopped:
            control.stop_everything(actor=self.adam, by=self.cast.adam, why="A reason.")
        self.dies = meanwhile == "dies"
        self._commit(worker, count, result, room)
        self.dies = False

    def _commit(self, worker: str, count: int, result: str, room: int) -> None:
        ended, self.held[worker] = self.held[worker][:count], self.held[worker][count:]
        self._settle(worker, ended, result, room)

    @precondition(lambda self: any(self.held.values()))
    @rule(worker=one_worker)
    def hang(self, worker: str) -> None:
        """A call takes long: its worker lives, and goes on with the others."""
        self.hanging += self.held[worker][:1]
        self.held[worker] = self.held[worker][1:]

    @precondition(lambda self: self.dropped or self.hanging)
    @rule(which=any_one, result=results)
    def commit_late(self, which: int, result: str) -> None:
        place = which % len(self.dropped + self.hanging)
        late = self.hanging.pop(place) if place < len(self.hanging) else self.dropped.pop(place - len(self.hanging))
        self._settle("w1", [late], result, 0)

    def _settle(self, worker: str, ended: list[StepRun], result: str, room: int) -> None:
        tried = [settling.Tried(one, _outcome(one, result)) for one in ended]
        if tried:
            self._begun(worker, settling.settle(tried, worker=worker, room=room))

    @precondition(has_work)
    @rule(worker=one_worker, found=st.booleans())
    def crash(self, worker: str, found: bool) -> None:
        """Perhaps the crew finds it dead at once; else its leases end."""
        if not self.held[worker]:
            self.claim(worker, 3)
        if found:
            claims.bury(worker)
        self.dropped += self.held[worker]
        self.held[worker] = []

    # Time

    @rule(seconds=st.sampled_from([2, 7, 7, 12, 70]), told=st.booleans(), swept=st.booleans())
    def pass_time(self, seconds: int, told: bool, swept: bool) -> None:
        clock.jump(seconds)
        claims.beat([*self.hanging, *(one for held in self.held.values() for one in held)])
        if told:
            waking.tell("news", {}, actor=COMMAND)
        if swept:
            self.sweep()

    def sweep(self) -> None:
        recovery.sweep()
        recovery.wake_due()
        intake.do_missed()
        self.swept = True

    # Promises

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
            self._let_everything_go()
            for number in range(ROUNDS):
                if not Run.objects.live().exists():
                    break
                self._carry_on(number)
                self.hold_the_promises()
            stuck = [f"{one.run} {one.run_id}: {one.step.key} {one.status}" for one in StepRun.objects.live()]
            assert not Run.objects.live().exists(), f"stuck: {stuck or list(Run.objects.live())}"
            self.seen.update(invariants.moves())
        finally:
            self._give_up()

    def _give_up(self) -> None:
        afterwards.follow_up = self.follow_up
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)
        scopes.items_of.cache_clear()
        clock.back()

    def _let_everything_go(self) -> None:
        if self._stopped:
            self.hold_back_or_let_go(0)
        for workflow in Workflow.objects.filter(status=WorkflowStatus.PAUSED):
            control.release_workflow(workflow, actor=self.adam)
        for run in Run.objects.filter(status=RunStatus.PAUSED):
            control.release_run(run, actor=self.adam)

    def _carry_on(self, number: int) -> None:
        """Everything goes one round further. With some fates a step in six fails, with others all is cancelled."""
        if number + 8 == self.fate:
            for run in Run.objects.live().filter(parent=None):
                control.cancel_run(run, actor=self.adam)
        self.held["w1"] += self.hanging
        self.hanging = []
        for worker in WORKERS:
            self.claim(worker, 20)
            while self.held[worker]:
                fails = self.held[worker][0].pk % 6 == self.fate
                self._commit(worker, 1, "fails" if fails else "as it is", 0)
        for review in Review.objects.open():
            approve(self.cast, review)
        self.pass_time(70, told=False, swept=True)

    @property
    def _stopped(self) -> bool:
        return control.brake().status == "pulled"

    @property
    def adam(self) -> Any:
        return person(self.cast.adam)


def _pick(rows: Any, which: int) -> Any:
    return rows.order_by("pk")[which % rows.count()]


def _outcome(one: StepRun, result: str) -> Ended:
    match result:
        case "fails":
            return Failed("It failed.", code="tool")
        case "again":
            return Failed("It is busy.", retry=True, code="busy")
        case "back":
            return HandedBack()
        case "stopped":
            return Stopped("It was told to stop.")
    outcome: Ended = came_to(one)
    return outcome
