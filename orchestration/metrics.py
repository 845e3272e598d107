"""Success metrics: what a step's owner hoped for, worked out when the step is done.

Some are known only later: a reviewer's verdict, how much was edited, what a model or somebody outside says. Nothing is
recorded of these but that they are not measured yet; nothing is ever made up.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from audit.clock_time import now
from orchestration.expressions import BadExpression, evaluate
from orchestration.models import Attempt, Step, StepRun
from orchestration.outcomes import Spent
from orchestration.scopes import Scope
from orchestration.starts import problems

NEEDS_EFFORT = {"cost", "latency", "tool_used"}

type Metric = dict[str, Any]
type Met = bool | None  # None: it could not be worked out


@dataclass(frozen=True, slots=True)
class Effort:
    """What the try took that did the step's work: US dollars, seconds, tools called. None: that is not known."""

    cost: Decimal | None = None
    seconds: float | None = None
    tools: frozenset[str] | None = None


UNKNOWN = Effort()
NOTHING_DONE = Effort(tools=frozenset())


@dataclass(frozen=True, slots=True)
class Seen:
    """What a metric is worked out on."""

    step: Step
    scope: Scope
    effort: Effort


def effort_of(held: StepRun, spent: Spent) -> Effort:
    """The effort of the try that has just ended. Asks the clock only where a metric wants to know."""
    wanted = _kinds(held.step)
    seconds = None
    if "latency" in wanted and held.claimed_at is not None:
        seconds = (now() - held.claimed_at).total_seconds()
    return Effort(_cost(spent.cost, spent.tokens_in), seconds, frozenset(_tools(held.step, spent.tools)))


def effort_before_asking(held: StepRun) -> Effort:
    """The effort of the try after which a person was asked."""
    if not NEEDS_EFFORT & _kinds(held.step):
        return UNKNOWN
    tried = Attempt.objects.filter(step_run=held, result="waiting").order_by("-fence").defer("prompt").first()
    if tried is None or tried.ended_at is None:
        return UNKNOWN
    seconds = (tried.ended_at - tried.started_at).total_seconds()
    tools = None if held.step.kind == "agent" else frozenset(_tools(held.step, ()))
    return Effort(_cost(tried.cost, tried.tokens_in), seconds, tools)


def _kinds(step: Step) -> set[str]:
    return {metric.get("kind", "cel") for metric in step.spec.get("metrics", [])}


def _cost(cost: Decimal, tokens: int) -> Decimal | None:
    """A model whose price nobody knows did not work for nothing."""
    return None if tokens and not cost else cost


def _tools(step: Step, called: tuple[str, ...]) -> tuple[str, ...]:
    return (step.spec["tool"],) if step.kind == "tool" else called


def measure(step: Step, scope: Scope, output: dict[str, Any], effort: Effort) -> list[dict[str, Any]]:
    """Each metric's name, kind and target, and whether it was met; None where it could not be worked out."""
    seen = Seen(step, {**scope, "output": output}, effort)
    return [_measured(metric, seen) for metric in step.spec.get("metrics", [])]


def _measured(metric: Metric, seen: Seen) -> dict[str, Any]:
    kind = metric.get("kind", "cel")
    told = {"name": metric["name"], "kind": kind, "target": metric.get("target")}
    if kind not in AT_ONCE:
        return {**told, "met": None, "later": True}
    met = AT_ONCE[kind](metric, seen)
    return {**told, "met": met, "blocking": True} if metric.get("blocking") else {**told, "met": met}


def refusal(measured: list[dict[str, Any]]) -> str:
    """Why a try has failed although its work is done: a metric that blocks was not met. Or ""."""
    for metric in measured:
        if metric.get("blocking") and metric["met"] is not True:
            why = "was not met" if metric["met"] is False else "could not be worked out"
            return f"The metric “{metric['name']}” {why}, and it blocks."
    return ""


def _cel(metric: Metric, seen: Seen) -> Met:
    try:
        return bool(evaluate(metric.get("expression", ""), seen.scope))
    except BadExpression:
        return None


def _schema(metric: Metric, seen: Seen) -> Met:
    schema = metric.get("schema") or seen.step.spec.get("output")
    return None if schema is None else not problems(schema, seen.scope["output"])


def _contains(metric: Metric, seen: Seen) -> Met:
    text = _text(metric, seen)
    return None if text is None else (metric["text"] in text) is not metric.get("absent", False)


def _matches(metric: Metric, seen: Seen) -> Met:
    """By CEL's own regular expressions, which take no longer than the text is long."""
    text = _text(metric, seen)
    if text is None:
        return None
    try:
        found = evaluate("text.matches(pattern)", {"text": text, "pattern": metric["pattern"]})
    except BadExpression:
        return None
    return bool(found) is not metric.get("absent", False)


def _text(metric: Metric, seen: Seen) -> str | None:
    try:
        chosen = evaluate(metric["of"], seen.scope)
    except BadExpression:
        return None
    return chosen if isinstance(chosen, str) else None


def _cheap(metric: Metric, seen: Seen) -> Met:
    return None if seen.effort.cost is None else seen.effort.cost <= Decimal(metric["most"])


def _quick(metric: Metric, seen: Seen) -> Met:
    return None if seen.effort.seconds is None else seen.effort.seconds <= metric["seconds"]


def _used(metric: Metric, seen: Seen) -> Met:
    return None if seen.effort.tools is None else (metric["tool"] in seen.effort.tools) is metric.get("used", True)


AT_ONCE: dict[str, Callable[[Metric, Seen], Met]] = {
    "cel": _cel,
    "schema": _schema,
    "contains": _contains,
    "matches": _matches,
    "cost": _cheap,
    "latency": _quick,
    "tool_used": _used,
}
