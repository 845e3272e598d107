"""Undoing a call by hand: somebody who manages the workflow has the tool called that undoes it, once."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit.actors import person
from audit.clock_time import now
from audit.ledger import record
from audit.models import User
from orchestration import afterwards, locks, rights, undos
from orchestration.control import CannotControl
from orchestration.flow import Flow
from orchestration.locks import Hold
from orchestration.models import StepRun
from orchestration.plans import attach, plan_of


def may_undo(user: User, step_run: StepRun) -> bool:
    """Whether `user` may: who manages the workflow."""
    return "manage" in rights.afresh(user.pk, step_run.workflow_id).may


def why_not(done: StepRun) -> str:
    """Why a call cannot be undone; "" where it can."""
    if not undos.can_be_undone(done):
        return _("Nothing undoes this: it is no call that has happened, or no tool is named that undoes it.")
    if StepRun.objects.filter(undoes=done).exists():
        return _("It has been undone, or is being undone. Nothing is undone twice.")
    return ""


def told(done: StepRun) -> dict[str, Any]:
    """What would be called: the tool, its arguments, what that does, and what is wrong with it."""
    tool = undos.tool_for(done.step)
    assert tool is not None
    given = undos.given(done, tool)
    effects = [] if undos.WRONG in given else tool.effects(given["arguments"])
    return {"tool": tool, "arguments": given["arguments"], "effects": effects, "wrong": given.get(undos.WRONG, "")}


def undo(pk: int, *, by: User, why: str) -> StepRun:
    """Have a call undone: permission, rules and reviews hold for that as for any call. Raises `CannotControl`."""
    try:
        with transaction.atomic():
            run = locks.whole_run(StepRun.objects.values_list("run", flat=True).get(pk=pk))
            attach(run, plan_of(run.version))
            done = StepRun.objects.select_for_update(of=("self",)).select_related("step").get(pk=pk)
            done.run = run
            if refused := why_not(done) or told(done)["wrong"]:
                raise CannotControl(refused)
            flow = Flow(Hold(now()), actor=person(by))
            tool = undos.tool_for(done.step)
            body = {"tool": tool.reference if tool else ""}
            record("steprun.undo_asked", done, actor=flow.actor, body=body, personal={"reason": why}, wake=True)
            made = undos.begin(flow, run, done)
            flow.write()
    except IntegrityError as error:
        raise CannotControl(_("It has been undone, or is being undone. Nothing is undone twice.")) from error
    afterwards.follow_up(flow)
    return made
