"""The questions that rules put to people about an act: whom they ask, why, and for whom somebody has answered."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from orchestration.executors.task import Task
from orchestration.plans import plan_of
from orchestration.policies.verdicts import NOBODY_SAID, Ask, Obligations, Verdict
from orchestration.states import Effect

MINUTES = 24 * 60  # for a question of which no rule says how long it may take
MOST = 10  # people that one question asks


def times(own: Obligations, group: str) -> int:
    """How often a group is asked already."""
    return sum(ask.many for ask in own.asks if ask.group == group)


def approved(task: Task, asked: dict[str, Any]) -> Obligations:
    """What those who approved it were asked for: by rules, or by the step's own review."""
    if "rules" in asked:
        return Obligations.of_json({"asks": asked["rules"]["asks"]})
    groups = [] if "of" in task.review else list(groups_of(task.review))
    return Obligations(tuple(Ask(group, groups.count(group), True, 0) for group in dict.fromkeys(groups)))


def groups_of(review: dict[str, Any]) -> Iterator[str]:
    """The groups that a review names. People who are asked in another way are none that a rule asks for."""
    first = review.get("who", review)
    for one in [first, *review.get("then", [])]:
        if "group" in one:
            yield one["group"]


def named(task: Task, asks: Iterable[Ask]) -> tuple[Ask, ...]:
    """The same, with a group where the safe default names none: whoever reviews the step, or manages the workflow."""
    groups = plan_of(task.held.run.version).version.document["groups"]
    usual = task.review.get("group") or next(iter([*groups["decide"], *groups["manage"]]), "admin")
    return tuple(replace(ask, group=usual) if ask.group == NOBODY_SAID else ask for ask in asks)


def section(task: Task, verdict: Verdict, wanted: Obligations) -> dict[str, Any]:
    """A review section for what the rules ask: every place another person, in the groups that they name."""
    first, *then = [ask.group for ask in wanted.asks for _ in range(ask.many)][:MOST]
    due = min((ask.minutes for ask in wanted.asks if ask.minutes), default=MINUTES)
    rule = next((one.key for one in verdict.matched if one.effect == Effect.REVIEW), "safe-default")
    run = plan_of(task.held.run.version).version.document["name"]
    section = {
        "when": "before",
        "group": first,
        "title": json.dumps(f"{task.step.name}: {task.held.run.title or run}"[:200]),
        "why": [{"rule": rule, "sentence": verdict.why, "priority": 1, "due_minutes": due}],
    }
    return {**section, "then": [{"group": group} for group in then]} if then else section
