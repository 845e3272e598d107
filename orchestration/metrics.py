"""Success metrics: what a step's owner hoped for, worked out on its output when it is done."""

from typing import Any

from orchestration.expressions import BadExpression, evaluate
from orchestration.models import Step
from orchestration.scopes import Scope


def measure(step: Step, scope: Scope, output: dict[str, Any]) -> list[dict[str, Any]]:
    """Each metric's name and target, and whether it was met; None where it could not be worked out."""
    read = {**scope, "output": output}
    return [
        {
            "name": metric["name"],
            "target": metric.get("target"),
            "met": _met(metric.get("expression", ""), read),
        }
        for metric in step.spec.get("metrics", [])
    ]


def _met(expression: str, scope: Scope) -> bool | None:
    try:
        return bool(evaluate(expression, scope))
    except BadExpression:
        return None
