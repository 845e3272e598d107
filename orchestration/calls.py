"""How a call of a tool stands, in one word: read from its step run, which is all that there is of it."""

from collections.abc import Collection

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.models import Event
from orchestration.models import StepRun
from orchestration.states import Awaits, StepStatus


class CallState(models.TextChoices):
    """The life of a call, from what is asked for to what came of it."""

    PROPOSED = "proposed", _("asked for")
    INVALID = "invalid", _("does not fit")
    DENIED = "denied", _("not allowed")
    WAITING = "waiting", _("waits for a person")
    STANDS_BACK = "stands_back", _("lets others go first")
    APPROVED = "approved", _("approved")
    EDITED = "edited", _("approved with a change")
    REJECTED = "rejected", _("refused by a person")
    ALLOWED = "allowed", _("allowed")
    EXECUTING = "executing", _("under way")
    SUCCEEDED = "succeeded", _("done")
    FAILED = "failed", _("failed")
    UNKNOWN = "unknown", _("outcome unknown")
    UNDONE = "undone", _("undone")
    STOPPED = "stopped", _("stopped")


DENIED = {"rule", "refused"}  # codes of failures: a rule, or who may use the tool
INVALID = {"input"}


def codes_of(failed: Collection[int]) -> dict[int, str]:
    """Why calls have failed, by their codes, as the record has them: a query where there are any."""
    if not failed:
        return {}
    told = Event.objects.filter(object_type="steprun", object_id__in=[str(pk) for pk in failed], kind="steprun.failed")
    return {int(event.object_id): str(event.data.get("code", "")) for event in told.order_by("id")}


def state_of(call: StepRun, *, code: str = "", undone: bool = False) -> CallState:
    """The word for how a call stands. `code` is the kind of its failure, `undone` whether what it did was undone."""
    match call.status:
        case StepStatus.DONE if (call.output or {}).get("verdict") == "rejected":
            return CallState.REJECTED
        case StepStatus.DONE:
            return CallState.UNDONE if undone else CallState.SUCCEEDED
        case StepStatus.FAILED:
            return CallState.DENIED if code in DENIED else CallState.INVALID if code in INVALID else CallState.FAILED
        case StepStatus.CANCELLED:
            return CallState.STOPPED
        case StepStatus.WAITING:
            return _of_waiting(call)
        case StepStatus.RUNNING if call.acting:
            return CallState.EXECUTING
    return _before_it_acts(call)


def _of_waiting(call: StepRun) -> CallState:
    by = {Awaits.OUTCOME.value: CallState.UNKNOWN, Awaits.OTHERS.value: CallState.STANDS_BACK}
    return by.get(call.awaits, CallState.WAITING)


def _before_it_acts(call: StepRun) -> CallState:
    """Ready, held or being looked at: by what a person has said of it."""
    answer = call.answer or {}
    if answer.get("verdict") == "rejected":
        return CallState.REJECTED
    if answer.get("verdict") == "approved":
        return CallState.EDITED if answer.get("edited") else CallState.APPROVED
    return CallState.ALLOWED if call.status == StepStatus.RUNNING else CallState.PROPOSED
