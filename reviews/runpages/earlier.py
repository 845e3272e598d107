"""What a step had come to before it was sent back: for the page of its run."""

from dataclasses import dataclass
from typing import Any

from orchestration.contents import open_up
from orchestration.models import StepRun
from reviews.models import Decision

MOST = 20


@dataclass(frozen=True, slots=True)
class Earlier:
    """One earlier time: what came of it, and who sent the work back with which note, if they did so here."""

    held: StepRun
    output: Any
    decision: Decision | None


def of(held: StepRun | None) -> list[Earlier]:
    """The earlier times of a step, the last first: none and no query for what was never sent back."""
    if held is None or not held.again:
        return []
    gone = StepRun.objects.filter(run=held.run_id, step=held.step_id, frame=held.frame, superseded_at__isnull=False)
    found = list(gone.order_by("-again")[:MOST])
    decided = Decision.objects.standing().filter(review__step_run__in=found, verdict="sent_back").select_related("by")
    by_step = {one.review.step_run_id: one for one in decided.select_related("by", "review")}
    return [Earlier(one, _came_to(one), by_step.get(one.pk)) for one in found]


def _came_to(held: StepRun) -> Any:
    asked = open_up(held.question or {})
    after = isinstance(asked, dict) and asked.get("when") == "after"
    return asked["act"] if after else open_up(held.output or {})
