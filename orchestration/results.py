"""What a run hands to whoever started it."""

from typing import Any

from orchestration.expressions import BadExpression, evaluate
from orchestration.models import Run, Step
from orchestration.plans import Plan, plan_of
from orchestration.scopes import Scope, add, opened, scope_of

RESULT = "result"  # in the output of an outcome: the result as the rules let it be released


def result_of(run: Run, last: Step, output: dict[str, Any]) -> dict[str, Any]:
    """The fields that the workflow's `result` names, or the output of its last step; as released, where rules say how.

    What was held to the rules is not worked out anew: what they had blacked out would be back.
    """
    if last.kind == "outcome" and isinstance(released := output.get(RESULT), dict):
        return released
    plan = plan_of(run.version)
    return worked_out(plan, scope_of(run), last, output) if plan.version.document.get("result") else output


def worked_out(plan: Plan, scope: Scope, last: Step, output: dict[str, Any]) -> dict[str, Any]:
    """The fields that the workflow's `result` names, in the scope of its last step."""
    wanted: dict[str, str] = plan.version.document.get("result", {})
    steps = dict(scope["steps"])
    add(steps, plan, last, output)
    scope = opened({**scope, "steps": steps}, wanted)
    return {name: _value(text, scope) for name, text in wanted.items()}


def _value(text: str, scope: dict[str, Any]) -> Any:
    try:
        return evaluate(text, scope)
    except BadExpression:
        return None  # a step that was not reached
