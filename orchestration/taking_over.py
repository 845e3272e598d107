"""Taking an agent's step over: a person finishes it by hand, and what it still had under way is stopped."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from audit.actors import person
from audit.canonical import digest
from audit.clock_time import now
from audit.ledger import record
from audit.models import User
from orchestration import afterwards, endings, locks, rights
from orchestration.callables import AGENT
from orchestration.contents import beside
from orchestration.control import CannotControl
from orchestration.executors.agent import TAKEN
from orchestration.flow import Flow
from orchestration.locks import Hold
from orchestration.models import StepRun
from orchestration.plans import attach, plan_of
from orchestration.states import Awaits, StepStatus
from orchestration.unsettled import checked


def may_take_over(user: User, step_run: StepRun) -> bool:
    """Whether `user` may: who decides at this workflow, and did not start the run."""
    return user.pk != step_run.run.started_by_id and "decide" in rights.afresh(user.pk, step_run.workflow_id).may


def can_be_taken_over(step_run: StepRun) -> bool:
    """Whether it is an agent that waits for its calls."""
    waits = (step_run.status, step_run.awaits) == (StepStatus.WAITING, Awaits.CALLS)
    return waits and step_run.step.kind == AGENT


def take_over(pk: int, output: Any, *, by: User, why: str = "") -> None:
    """End an agent's step with an output written by hand. Its calls are cancelled; one that is under way is told.

    Raises `BadInput` for an output that does not fit, `CannotControl` where it is too late or not one's own to do.
    """
    with transaction.atomic():
        run = locks.whole_run(StepRun.objects.values_list("run", flat=True).get(pk=pk))
        attach(run, plan_of(run.version))
        held = StepRun.objects.select_for_update(of=("self",)).select_related("step").get(pk=pk)
        held.run = run
        if not can_be_taken_over(held):
            raise CannotControl(_("It waits for no calls any more. Nothing was changed."))
        if not may_take_over(by, held):
            raise CannotControl(_("Who started a run does not finish its steps."))
        output = checked(held, output)
        flow = Flow(Hold(now()), actor=person(by))
        record(
            "steprun.taken_over",
            held,
            actor=flow.actor,
            personal={"reason": why} if why else {},
            exhibits={"output": output},
            content_hash=digest(output),
        )
        flow.resume(held, {**(held.answer or {}), TAKEN: {"output": beside(output), "by": by.pk}}, actor=flow.actor)
        calls = StepRun.objects.filter(parent=held, given__isnull=False).live().select_related("step")
        endings.stop(flow, calls.select_for_update(of=("self",)).order_by("pk"), run, why=why)
        flow.write()
    afterwards.follow_up(flow)
