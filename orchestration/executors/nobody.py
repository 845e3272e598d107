"""No model may do it: a person decides how it goes on, unless a budget says stop, or waiting alone helps."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from orchestration import retries
from orchestration.executors.task import Task
from orchestration.outcomes import Failed, Outcome, Spent, Waiting
from orchestration.routing import budgets, sentences
from orchestration.routing.budgets import NEVER, Budget
from orchestration.routing.deciding import Decided
from orchestration.routing.limits import SOON
from orchestration.routing.route import Route
from orchestration.states import Awaits

BUDGETED = frozenset({"budget", "price_unknown"})
PASSING = frozenset({"cooling", "busy"})  # filters that pass by themselves


def nobody(
    task: Task, act: dict[str, Any], made: Route, known: Sequence[Budget], used: Mapping[str, Decimal]
) -> Outcome:
    """What a step comes to that no model may do. `known` are the budgets of its calls, of which so much is `used`."""
    told = sentences.nobody(made.decided)
    spent = Spent(prompt=act["messages"], routing=made)
    if (gone := _gone(known, used, made.decided)) is not None:
        told = _("%(told)s The budget of %(name)s ($%(limit)s) does not hold this call.") % {
            "told": told,
            "name": gone.called,
            "limit": gone.limit,
        }
        if gone.crossing == budgets.STOP:
            return Failed(told, spent=spent, code="budget")
    if _is_full(made.decided):
        return Failed(told, retry=True, spent=spent, code="busy", after=SOON, counted=False)
    if (rest := _rests(made)) is not None:
        later = Failed(told, retry=True, spent=spent, code="busy", after=max(rest, SOON))
        if retries.judge(task.held, later).wait is not None:
            return later
    asked = {"step": task.step.key, "act": act, "unknown": told, "nobody": True}
    return Waiting(asked, spent, awaits=Awaits.OUTCOME)


def _gone(known: Sequence[Budget], used: Mapping[str, Decimal], decided: Decided) -> Budget | None:
    """The budget that leaves least, where a budget is what every model fell at that fell at nothing before it."""
    first = {fell[0].code for _, fell in decided.fell}
    if not known or not first & BUDGETED or first & PASSING:
        return None
    return min(known, key=lambda one: one.limit - used.get(one.key, NEVER))


def _is_full(decided: Decided) -> bool:
    """Whether a model could be asked but for its limit: then it is tried again soon, and that is no try of the step."""
    return any([one.code for one in fell] == ["busy"] for _, fell in decided.fell)


def _rests(made: Route) -> float | None:
    """Seconds until a model may be asked that nothing but time keeps back; None where there is none."""
    resting = [name for name, fell in made.decided.fell if {one.code for one in fell} <= PASSING]
    return min((made.seen.cooling.get(name, SOON) for name in resting), default=None)
