"""What workers do in a search: take, finish, hang, die and come late; and what time brings."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from audit.actors import COMMAND
from orchestration import claims, control, recovery, settling, waking
from orchestration.models import Run, StepRun
from orchestration.outcomes import Ended, Failed, HandedBack, Stopped
from orchestration.states import RunStatus, WorkflowStatus
from reviews import intake
from reviews.models import Review
from tests import clock
from tests.flow.hands import approve, came_to
from tests.orchestration.machine.house import WORKERS, House, any_one

one_worker = st.sampled_from(WORKERS)
results = st.sampled_from(["as it is", "as it is", "as it is", "fails", "again", "back", "stopped"])
meanwhiles = st.sampled_from(["", "", "", "paused", "cancelled", "stopped", "dies"])


def has_ready(house: House) -> bool:
    """Whether a worker may find something."""
    return StepRun.objects.claimable().exists()


def has_work(house: House) -> bool:
    """Whether a worker may find something, or holds it."""
    return any(house.held.values()) or has_ready(house)


class Workers(House):
    """Two of them."""

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
            assert not self.stopped, f"{one} begins"
            assert not paused, f"{one} begins"
        self.held[worker] += taken

    @precondition(has_ready)
    @rule(worker=one_worker, rounds=st.integers(1, 4), room=st.integers(0, 3))
    def work(self, worker: str, rounds: int, room: int) -> None:
        for _ in range(rounds):
            self.claim(worker, 3)
            self.settle_some(worker, 3, "as it is", room)

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
        if meanwhile == "stopped" and not self.stopped:
            control.stop_everything(actor=self.adam, by=self.cast.adam, why="A reason.")
        self.dies = meanwhile == "dies"
        self.settle_some(worker, count, result, room)
        self.dies = False

    def settle_some(self, worker: str, count: int, result: str, room: int) -> None:
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
