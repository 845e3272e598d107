"""Whether a call was undone, or can be: for the page of its run."""

from dataclasses import dataclass

from orchestration import undos
from orchestration.models import StepRun
from orchestration.states import StepStatus


@dataclass(frozen=True, slots=True)
class Undone:
    """What becomes of a call that has happened: the one that undoes it, and whether there may be one."""

    by: StepRun | None
    possible: bool


def of(held: StepRun | None) -> Undone | None:
    """The same; None for what is no call that has happened. One query."""
    if held is None or held.step.kind != "tool" or held.status != StepStatus.DONE:
        return None
    by = StepRun.objects.filter(undoes=held).order_by("pk").first()
    return Undone(by, by is None and undos.can_be_undone(held))
