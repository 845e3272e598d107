"""Whether a person is asked at all, where a review says `only`: by a condition, a bar for the confidence, the effect of
what would be done, or as one of a random share. What cannot be worked out asks.

A run that has read what others wrote asks for whatever it would write outside the house, whatever `only` says.
"""

import math
from dataclasses import dataclass
from typing import Any

from orchestration import frames, outside, samples, tools
from orchestration.executors.task import Act, Task
from orchestration.expressions import BadExpression, evaluate
from orchestration.models import Run, Step
from orchestration.outcomes import NOTHING, Spent
from orchestration.plans import plan_of
from orchestration.policies.facts import ACTING
from orchestration.scopes import Scope, opened

IF, BELOW, EFFECTS, SAMPLE, UNTRUSTED, UNKNOWN = "if", "below", "effects", "sample", "untrusted", "unknown"

DRY = "dry"  # in the place of the hash of a version that is only tried; none of a published one is it


@dataclass(frozen=True, slots=True)
class Judged:
    """Whether a person is asked, and what made it: names of conditions, none where nobody says `only`."""

    asks: bool
    said: dict[str, Any]

    @property
    def shown(self) -> dict[str, Any]:
        """What goes into the question."""
        return {"only": self.said} if self.said else {}


ALWAYS = Judged(asks=True, said={})


def judge(task: Task, act: Act, spent: Spent = NOTHING) -> Judged:
    """Whether a person is asked about an act, or about what an act came to."""
    only = task.review.get("only")
    if only is None:
        return ALWAYS
    by = _conditions(task, only, act, spent)
    if not by and SAMPLE in only and not _is_tried(task) and samples.is_in(only[SAMPLE], *_drawn_for(task)):
        by.append(SAMPLE)
    return Judged(bool(by), {**only, "by": by})


def _conditions(task: Task, only: dict[str, Any], act: Act, spent: Spent) -> list[str]:
    by: list[str] = []
    scope = opened({**task.scope, "act": act, "output": act}, task.review)
    if IF in only:
        by += _by_expression(only[IF], scope)
    if BELOW in only and _is_low(task, scope, spent, only[BELOW]):
        by.append(BELOW)
    if EFFECTS in only:
        by += _by_effect(task.step, frozenset(only[EFFECTS]))
    if task.review.get("when") == "before" and _writes_outside(task):
        by.append(UNTRUSTED)
    return list(dict.fromkeys(by))


def _by_expression(text: str, scope: Scope) -> list[str]:
    try:
        came = evaluate(text, scope)
    except BadExpression:
        return [UNKNOWN]
    if came is False:
        return []
    return [IF] if came is True else [UNKNOWN]


def _is_low(task: Task, scope: Scope, spent: Spent, bar: float) -> bool:
    """Whether the confidence is under the bar. One that nobody knows is."""
    text = task.review.get("confidence")
    try:
        said = evaluate(text, scope) if text else spent.confidence
    except BadExpression:
        return True
    if not isinstance(said, int | float) or isinstance(said, bool) or not math.isfinite(said):
        return True
    return said < bar


def _by_effect(step: Step, wanted: frozenset[str]) -> list[str]:
    """By what a step can do: a tool's effect, or those of the tools that an agent may call."""
    if step.kind == "workflow" or step.spec.get("workers"):
        return [UNKNOWN]
    named = [step.spec["tool"]] if step.kind == "tool" else step.spec.get("tools", [])
    found = [tools.TOOLS.get(name) for name in named]
    if any(tool is None for tool in found):
        return [UNKNOWN]
    return [EFFECTS] if wanted & {tool.effect for tool in found if tool is not None} else []


def _writes_outside(task: Task) -> bool:
    tool = tools.TOOLS.get(task.step.spec["tool"]) if task.step.kind == "tool" else None
    if tool is None or not tool.leaves_house or tool.effect not in ACTING:
        return False
    caller = plan_of(task.held.run.version).caller(task.step)
    return bool(outside.read_by(task.held.run_id) or (caller is not None and outside.told_by(caller)))


def _drawn_for(task: Task) -> tuple[Any, ...]:
    """What the lot is drawn for: the first run of those that were restarted, the step, and the items around it.

    Another try, another round or another call of an agent draws no other lot: who could have it done again would
    otherwise do so until nobody looks.
    """
    items = [part.number for part in frames.parts(task.held.frame) if part.is_item]
    return first_of(task.held.run), task.step.key, items


def _is_tried(task: Task) -> bool:
    """Whether this is a dry run: there nobody is picked at random, so that a test case comes out the same each time."""
    return plan_of(task.held.run.version).version.hash == DRY


def first_of(run: Run) -> int:
    """The run that was restarted first, where one was."""
    first = run.pk
    earlier = run.restarted_from_id
    while earlier is not None:
        first = earlier
        earlier = Run.objects.values_list("restarted_from", flat=True).get(pk=earlier)
    return first
