"""What a run hands to whoever started it."""

from typing import Any

from orchestration.expressions import BadExpression, evaluate
from orchestration.models import Run, Step
from orchestration.plans import plan_of
from orchestration.scopes import add, opened, scope_of


def result_of(run: Run, last: Step, output: dict[str, Any]) -> dict[str, Any]:
    """The fields that the workflow's `result` names, or the output of its last step."""
    plan = plan_of(run.version)
    wanted: dict[str, str] = plan.version.document.get("result", {})
    if not wanted:
        return output
    scope = scope_of(run)
    add(scope["steps"], plan, last, output)
    scope = opened(scope, wanted)
    return {name: _value(text, scope) for name, text in wanted.items()}


def _value(text: str, scope: dict[str, Any]) -> Any:
    try:
        return evaluate(text, scope)
    except BadExpression:
        return None  # a step that was not reached
