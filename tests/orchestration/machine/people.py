"""What people do in a search: start, decide, undo, pause, cancel, begin again, stop everything."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from audit.clock_time import now
from orchestration import control
from orchestration.models import Run, StepRun, Workflow
from orchestration.states import RUN_TERMINAL, RunStatus, WorkflowStatus
from reviews import decisions
from reviews.models import Decision, Review
from tests.flow.hands import approve, reject
from tests.orchestration.machine.house import House, any_one, pick, sizes

MOST_LIVE = 5  # runs under way: the search goes deep, not wide


class People(House):
    """Adam controls, and Rita decides."""

    @precondition(lambda self: Run.objects.live().count() < MOST_LIVE)
    @rule(which=any_one, size=sizes)
    def begin(self, which: int, size: int) -> None:
        self.start(which, size)

    @precondition(lambda self: Review.objects.open().exists())
    @rule(which=any_one, verdict=st.sampled_from(["yes", "yes", "no", "edited"]), again=st.booleans())
    def decide(self, which: int, verdict: str, again: bool) -> None:
        review = pick(Review.objects.open(), which)
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
        decision = pick(Decision.objects.filter(undone_at=None, undo_until__isnull=False), which)
        before = StepRun.objects.get(pk=decision.review.step_run_id)
        try:
            decisions.undo(decision.review_id, by=self.cast.rita)
        except decisions.AlreadyDecided:
            window_open = before.not_before is not None and before.not_before > now()
            assert not (before.status in ("ready", "held") and window_open), f"{before} could not be taken back"

    @precondition(lambda self: Run.objects.live().exists())
    @rule(which=any_one, act=st.sampled_from(["pause", "pause", "release", "release", "cancel", "cancel a step"]))
    def control_a_run(self, which: int, act: str) -> None:
        run = pick(Run.objects.live(), which)
        if act == "cancel":
            control.cancel_run(run, actor=self.adam, why="A reason.")
        elif act == "cancel a step" and run.step_runs.live().exists():
            control.cancel_step(pick(run.step_runs.live(), which), actor=self.adam)
        elif run.status == RunStatus.PAUSED:
            control.release_run(run, actor=self.adam)
        elif act == "pause":
            control.pause_run(run, actor=self.adam, why="A reason.")

    @precondition(lambda self: Run.objects.filter(status__in=RUN_TERMINAL).exists())
    @rule(which=any_one, at=any_one)
    def restart(self, which: int, at: int) -> None:
        run = pick(Run.objects.filter(status__in=RUN_TERMINAL), which)
        key = pick(run.step_runs.filter(frame=""), at).step.key
        try:
            control.restart(run, key, actor=self.adam, started_by=self.cast.adam)
        except control.CannotControl:
            return

    @rule(which=any_one)
    def hold_back_or_let_go(self, which: int) -> None:
        """A workflow or everything; what is held back is let go first."""
        held = Workflow.objects.filter(status=WorkflowStatus.PAUSED)
        if self.stopped:
            control.let_go(actor=self.adam, by=self.cast.adam, why="A reason.")
        elif held.exists():
            control.release_workflow(pick(held, which), actor=self.adam)
        elif which % 4 == 3:
            control.stop_everything(actor=self.adam, by=self.cast.adam, why="A reason.")
        elif which % 4 == 2:
            ours = Workflow.objects.filter(pk__in=[one.pk for one in self.workflows])
            control.pause_workflow(pick(ours, which), actor=self.adam)
