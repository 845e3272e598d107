"""Whether what a person was asked, or has approved, is what the other version would do: word for word or not."""

import copy
from enum import Enum

from audit.canonical import digest
from orchestration.contents import open_up
from orchestration.executors import KINDS
from orchestration.executors.task import Task
from orchestration.models import Step, StepRun
from orchestration.moving.differences import acts_alike
from orchestration.moving.standing import Standing
from orchestration.outcomes import Failed
from orchestration.tools import SAFE, TOOLS

HARMLESS = frozenset({"model", "person", "decision", "outcome", "wait"})  # kinds that may do again what they did


class Holds(Enum):
    """What becomes of an approval, or of a question."""

    CARRIES = "carries"
    STALE = "stale"
    NEVER = "never"  # it cannot be asked again: the step has acted already


def judge(one: Standing, held: StepRun, was: Step, now: Step) -> tuple[Holds, str]:
    """What becomes of it, and why where it does not carry over."""
    question = open_up(held.question) or {}
    if question.get("when") == "after":
        if was.review == now.review and acts_alike(was, now):
            return Holds.CARRIES, ""
        return (Holds.STALE if _may_act_again(was) else Holds.NEVER), "acted"
    if was.kind == "agent" and not acts_alike(was, now):
        return Holds.NEVER, "acted"
    if was.review != now.review:
        return Holds.STALE, "review"
    prepared = _prepared(one, held, now)
    if isinstance(prepared, str):
        return Holds.NEVER, prepared
    return (Holds.CARRIES, "") if digest(prepared) == _shown(held, question) else (Holds.STALE, "act")


def _shown(held: StepRun, question: dict[str, object]) -> object:
    return (held.answer or {}).get("shown_hash") or question.get("hash")


def _prepared(one: Standing, held: StepRun, now: Step) -> dict[str, object] | str:
    """What the step would do in the other version; or why that cannot be worked out."""
    run = copy.copy(one.run)
    run.version, run.workflow = one.now.version, one.now.version.workflow
    there = copy.copy(held)
    there.run, there.step = run, now
    try:
        act = KINDS[now.kind].prepare(Task.of(there, one.scopes[held.frame]))
    except KeyError as error:
        return f"{error} is not here."
    return act.error if isinstance(act, Failed) else dict(act)


def _may_act_again(step: Step) -> bool:
    if step.kind == "tool":
        tool = TOOLS.get(step.spec.get("tool", ""))
        return tool is not None and tool.repeatability == SAFE
    return step.kind in HARMLESS
