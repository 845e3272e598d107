"""Steps whose outcome is unknown, and the people who say what happened: who answers for the step, or manages it."""

from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from audit.actors import person
from audit.canonical import digest
from audit.ledger import record
from audit.models import User
from orchestration import engine, locks
from orchestration.contents import beside
from orchestration.control import CannotControl
from orchestration.executors import chosen
from orchestration.executors.unknown import DID_NOT, GIVEN_UP, HAPPENED, SETTLED
from orchestration.models import RoutingDecision, StepRun, Workflow
from orchestration.models.runs import StepRunQuerySet
from orchestration.starts import BadInput, problems, unkept
from orchestration.states import Awaits, DataClass, StepStatus

__all__ = [
    "ANSWERS",
    "DID_NOT",
    "GIVEN_UP",
    "HAPPENED",
    "LOWERED",
    "below",
    "decision_of",
    "may_settle",
    "settle",
    "told_to",
]
LOWERED = "lowered"
ANSWERS = (HAPPENED, DID_NOT, GIVEN_UP)


def told_to(user: User) -> StepRunQuerySet:
    """Those that `user` is asked about: by owning the step or its workflow, or by managing it; the oldest first.

    `nobody` says of each that no model may do it.
    """
    seen = StepRun.objects.open_to(user).unsettled()
    mine = Q(step__owner=user) | Q(step__owner_group__in=user.groups.all()) | Q(workflow__owner=user)
    managed = Q(workflow__in=Workflow.objects.ids_allowed(user, "manage"))
    refused = RoutingDecision.objects.filter(step_run=OuterRef("pk"), fence=OuterRef("fence"), chosen="")
    found = seen.filter(mine | managed).annotate(nobody=Exists(refused)).order_by("waiting_since", "id")
    return found.select_related("step", "run", "workflow").defer("run__input", "run__result", *locks.LARGE)


def may_settle(user: User, step_run: StepRun) -> bool:
    """Whether `user`, who may see it, is one of those who say what happened."""
    step, workflow = step_run.step, step_run.run.workflow
    if user.pk in (step.owner_id, workflow.owner_id) or user.has_perm("manage_workflow", workflow):
        return True
    return step.owner_group_id is not None and user.groups.filter(pk=step.owner_group_id).exists()


def decision_of(step_run: StepRun) -> RoutingDecision | None:
    """The decision by which no model may do the step, where that is why somebody is asked."""
    return RoutingDecision.objects.filter(step_run=step_run, fence=step_run.fence, chosen="").first()


def below(name: str) -> list[str]:
    """The data classes that are lower than this one, from the lowest."""
    return list(DataClass.values[: DataClass.values.index(name)])


@transaction.atomic
def settle(pk: int, said: str, *, by: User, output: Any = None, why: str = "", lowered: str = "") -> None:
    """Say what happened: its output if it did; or that it is to be tried again; or given up. The run goes on by it.

    Where no model may do a step for its data, `LOWERED` lets it be tried again as if they were of the class
    `lowered`; that needs a reason. Raises `BadInput` for what does not fit, `CannotControl` when somebody was first.
    """
    step_run = StepRun.objects.select_related("run__workflow", "run__version", "step").get(pk=pk)
    hold = locks.runs([step_run.run])
    now = StepRun.objects.select_for_update(of=("self",)).get(pk=pk)
    if (now.status, now.awaits) != (StepStatus.WAITING, Awaits.OUTCOME):
        raise CannotControl(f"What became of {step_run} has been said already.")
    now.run, now.step = step_run.run, step_run.step
    told: dict[str, Any] = {"said": said, "fence": now.fence, "by": by.pk}
    shown: dict[str, Any] = {}
    body: dict[str, Any] = {"said": said, "fence": now.fence}
    fallen: dict[str, Any] = {}
    if said == LOWERED:
        told["said"] = DID_NOT
        body["class_was"], body["class_now"] = _lower(now, lowered, why)
        fallen = {chosen.LOWERED: lowered}
    if said == HAPPENED:
        told["output"] = beside(checked(now, output))
        shown = {"exhibits": {"output": output}, "content_hash": digest(output)}
    record("steprun.settled", now, actor=person(by), body=body, personal={"reason": why} if why else {}, **shown)
    engine.resume(now, {**(now.answer or {}), **fallen, SETTLED: told}, actor=person(by), hold=hold)


def _lower(step_run: StepRun, lowered: str, why: str) -> tuple[str, str]:
    """The class as it was and as a person lets it be, if that can be."""
    decision = decision_of(step_run)
    if decision is None:
        raise BadInput([("lowered", _("Only where no model may do a step can its data class be lowered."))])
    was = str(decision.asked["data"])
    if lowered not in below(was):
        raise BadInput([("lowered", _("Choose a class that is lower than %s.") % DataClass(was).label.lower())])
    if not why.strip():
        raise BadInput([("why", _("Say why the data are less sensitive than it seems."))])
    return was, lowered


def checked(step_run: StepRun, output: Any) -> dict[str, Any]:
    """What a person wrote as the output of a step, if it could be one."""
    if not isinstance(output, dict):
        raise BadInput([("", "What it came to is an object: names with their values, in braces.")])
    if found := unkept(output) or problems(step_run.step.spec.get("output") or {}, output):
        raise BadInput(found)
    return output
