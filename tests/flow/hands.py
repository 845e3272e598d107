"""A worker's hands: a story that needs to stop between a claim and its result takes and settles steps by itself."""

from typing import Any

from orchestration import claims, executors, settling
from orchestration.executors import Work
from orchestration.executors.task import Task
from orchestration.models import StepRun
from orchestration.outcomes import Done, Ended, Failed
from reviews import decisions
from reviews.models import Review
from reviews.states import Verdict
from tests.cast import Cast


def take(worker: str = "w1", room: int = 50) -> dict[str, StepRun]:
    """What a worker gets when it asks, by the steps' keys."""
    return {held.step.key: held for held in claims.claim(worker, room)}


def take_one(worker: str = "w1") -> StepRun:
    """The one step that is ready."""
    (held,) = claims.claim(worker, 50)
    return held


def came_to(held: StepRun) -> Any:
    """What carrying it out comes to, here and now."""
    task = Task.of(held)
    try:
        begun = executors.begin(task)
        if not isinstance(begun, Work):
            return begun
        outcome: Any = begun.executor.act(task, begun.act)
        return executors.finish(task, outcome)
    except Exception as error:
        return Failed(str(error), retry=True, code="broken", broken=True)


def settle(held: StepRun, outcome: Ended | None = None, *, room: int = 0) -> list[StepRun]:
    """Record what it came to. Returns what the worker goes straight on with."""
    return settling.settle([settling.Tried(held, outcome or came_to(held))], worker=held.worker, room=room)


def done(held: StepRun, **output: Any) -> list[StepRun]:
    """Record that it is done."""
    return settle(held, Done(output))


def approve(cast: Cast, review: Review, **edit: Any) -> None:
    """Rita approves, with her edit if there is one."""
    _decide(cast, review, Verdict.APPROVED, arguments={**review.arguments, **edit} if edit else None)


def reject(cast: Cast, review: Review) -> None:
    """Rita says no."""
    _decide(cast, review, Verdict.REJECTED, reason="Not like this.")


def _decide(cast: Cast, review: Review, verdict: Verdict, **more: Any) -> None:
    shown: dict[str, Any] = {"version": review.version, "shown_hash": review.content_hash}
    decisions.decide(review.pk, by=cast.rita, verdict=verdict, **shown, **more)
