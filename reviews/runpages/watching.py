"""Which steps of a run somebody may look on at while a model writes: the pass that the page hands in for them."""

from collections.abc import Sequence

from audit.models import User
from audit.writing import Watch
from orchestration.callables import AGENT
from orchestration.models import Run, Step, StepGroup

WRITING = ("model", AGENT)  # kinds of steps whose models are heard while they write


def pass_for(user: User, run: Run, steps: Sequence[Step]) -> str:
    """A pass for the steps whose answers `user` may read; "" where there are none, or the run is over."""
    if not run.is_live or not (writing := [step for step in steps if step.kind in WRITING]):
        return ""
    kept: dict[int, set[int]] = {}
    for step, group in StepGroup.objects.filter(step__in=writing, may="see").values_list("step", "group"):
        kept.setdefault(step, set()).add(group)
    mine = set(user.groups.values_list("pk", flat=True)) if kept else set()
    may = [one.key for one in writing if one.pk not in kept or one.owner_id == user.pk or kept[one.pk] & mine]
    return Watch(user.pk, run.pk, run.workflow_id, tuple(may)).as_pass() if may else ""
