"""An agent hands over: how its model says so, and what goes along. That is what its step keeps, as far as the rules let
it, and nothing else.
"""

from dataclasses import replace
from typing import Any

from orchestration import contents, handing
from orchestration.call import ToolCall
from orchestration.executors import answers, ruled
from orchestration.executors.talk import Talk
from orchestration.executors.task import Task
from orchestration.expressions import BadExpression, evaluate
from orchestration.models import StepRun
from orchestration.outcomes import Done, Failed, Spent
from orchestration.starts import problems
from orchestration.states import StepStatus

MOST_CALLS = 200  # that `calls` lists


def heard(asked: ToolCall, way: dict[str, Any], talk: Talk) -> Done | dict[str, Any]:
    """What a call that hands over comes to; or the call with why it is none."""
    told: dict[str, Any] = {"id": asked.id, "name": asked.name, "arguments": asked.arguments}
    try:
        arguments = answers.read(talk.plain(asked.arguments or "{}"))
    except answers.NoAnswer as error:
        return {**told, "error": f"What you gave as arguments {error}."}
    if found := problems(handing.WITH, arguments):
        told["arguments"] = arguments
        return {**told, "error": f"The arguments do not fit: {found[0][0]} {found[0][1]}"}
    return Done(handing.output(way, str(arguments[handing.WHY])), talk.spent)


def answered(task: Task, text: str, spent: Spent) -> Done | Failed:
    """The model's last word; which hands nothing over, since nothing was called."""
    came = answers.outcome(task, text, spent)
    if isinstance(came, Done) and handing.handed_to(task.step.spec, came.output):
        told = "The answer says that the work is handed over, and nothing was called."
        return Failed(told, retry=True, spent=spent, code="answer")
    return came


def with_given(task: Task, came_to: Done) -> Done | Failed:
    """The same with what goes along; or why it cannot be handed over."""
    output = came_to.output
    way = next(one for one in task.step.spec["hands_over"] if one["to"] == output[handing.TO])
    if handing.GIVEN not in output:
        try:
            given = _kept(task, way.get("keeps", {}), str(output.get(handing.WHY, "")))
        except BadExpression as error:
            told = f"What goes along to {way['to']} cannot be worked out: {error}"
            return Failed(told, spent=came_to.spent, code="input")
        output = {**output, handing.GIVEN: given}
    return ruled.handing_over(task, replace(came_to, output=output))


def _kept(task: Task, keeps: dict[str, str], why: str) -> dict[str, Any]:
    scope = {**task.scope, "why": why}
    if any("calls" in text for text in keeps.values()):
        scope["calls"] = _calls(task.held)
    return {name: evaluate(text, scope) for name, text in keeps.items()}


def _calls(held: StepRun) -> list[dict[str, Any]]:
    """What the agent has called, in order, and what came of it."""
    calls = StepRun.objects.filter(parent=held, given__isnull=False, undoes=None).order_by("part")[:MOST_CALLS]
    rows = list(calls.values_list("step__key", "step__spec__tool", "given__arguments", "status", "output"))
    outputs = contents.open_all([row[-1] for row in rows])
    return [
        {"name": tool or key, "arguments": arguments, "came_to": output if status == StepStatus.DONE else None}
        for (key, tool, arguments, status, _), output in zip(rows, outputs, strict=True)
    ]
