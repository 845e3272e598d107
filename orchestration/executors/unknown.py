"""Outcomes that nobody knows: a call that cannot be repeated was begun, and nobody saw how it ended.

The step waits until somebody says what happened (`orchestration.unsettled`); it stands in its answer, beside approvals.
"""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from audit.canonical import digest
from orchestration.contents import open_up
from orchestration.executors.task import Act, Task
from orchestration.models import Attempt
from orchestration.outcomes import BROKE, Done, Failed, Outcome, Waiting
from orchestration.states import Awaits

SETTLED = "settled"  # in an answer: what somebody said, and of which tries
HAPPENED, DID_NOT, GIVEN_UP = "happened", "did_not", "given_up"


def ask(task: Task, act: Act, why: str) -> Waiting:
    """Ask what happened, with the call that was made. What was asked before the call stays as it was."""
    asked = open_up(task.held.question) or {"step": task.step.key, "act": act, "hash": digest(act)}
    return Waiting({**asked, "called": act, "unknown": why}, awaits=Awaits.OUTCOME)


def settled(task: Task) -> Outcome | None:
    """What the step comes to by what somebody said; None while nobody has, or when it is to be tried again."""
    said = _said(task)
    match said.get("said"):
        case "happened":
            return Done(open_up(said["output"]))
        case "given_up":
            return Failed(_("Outcome unknown, and given up: it may have happened or not."), code="unknown")
    return None


def died_before(task: Task) -> bool:
    """Whether an earlier try began the call and nobody knows how it ended; not those of which somebody has told."""
    known = _said(task).get("fence", -1)
    earlier = Attempt.objects.filter(step_run=task.held, fence__lt=task.held.fence, fence__gt=known, acting=True)
    gone = Q(result__in=("lost", "late", "back")) | Q(result="failed", error__startswith=BROKE)
    return earlier.filter(gone).exists()


def _said(task: Task) -> dict[str, Any]:
    return dict((task.held.answer or {}).get(SETTLED) or {})
