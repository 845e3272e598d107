"""How much of its budgets a try holds back: its first call at the most that it can cost, and the calls that may follow.

A call may be followed by others in the same try: its answer does not fit and it is told so, it failed and the next
model is asked, an agent goes on. Each of them reads what was said before, so each is dearer than the one before.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from audit.canonical import canonical
from orchestration.routing.budgets import NEVER, Budget
from orchestration.routing.candidates import Candidate
from orchestration.routing.route import Route

BYTES_A_TOKEN = 3  # rather too many tokens than too few
TOLD = 200  # tokens with which a model is told what is wrong with its answer


def tokens(messages: Sequence[Mapping[str, Any]]) -> int:
    """How many tokens these messages have, rather too many than too few."""
    return len(canonical({"messages": list(messages)})) // BYTES_A_TOKEN


def first(made: Route, shared: Sequence[Budget], months: Mapping[str, Budget], used: dict[str, Decimal]) -> None:
    """Hold back what the first call can cost: in the `shared` budgets that of the dearest model, and in each model's
    month its own.
    """
    made.budgets = {one.key: one for one in shared}
    made.budgets |= {
        one.key: one for name, one in months.items() if any(name == model.name for model in made.candidates)
    }
    for key in made.budgets:
        _hold(made, key, next(_costs(made, key)), used)


def more(made: Route, used: dict[str, Decimal], calls: int) -> None:
    """Hold back the calls that may follow in the try, so many with the first, as far as each budget holds them."""
    for key, budget in made.budgets.items():
        costs = _costs(made, key)
        next(costs)
        for _, cost in zip(range(calls - 1), costs, strict=False):
            if used[key] + cost > budget.limit:
                break
            _hold(made, key, cost, used)


def gone(made: Route, model: Candidate, messages: Sequence[Mapping[str, Any]]) -> Budget | None:
    """The budget of which too little is held back for another call of this model; None where all hold it.

    The first call that costs anything is always held: it is what was held back before all others.
    """
    if not made.reserved or not any(called.cost for called in made.calls):
        return None
    needs, costs = model.price(tokens(messages), made.asked.output), made.costs
    for key, held in made.reserved.items():
        if made.counts(model.name, key) and (needs is None or held - costs[key] < needs):
            return made.budgets[key]
    return None


def _hold(made: Route, key: str, cost: Decimal, used: dict[str, Decimal]) -> None:
    made.reserved[key] = made.reserved.get(key, NEVER) + cost
    used[key] = used.get(key, NEVER) + cost


def _costs(made: Route, key: str) -> Iterator[Decimal]:
    """What the first call can cost by this budget, the second, and so on."""
    models, read = [one for one in made.candidates if made.counts(one.name, key)], made.asked.tokens_in
    while True:
        yield max((model.price(read, made.asked.output) or NEVER for model in models), default=NEVER)
        read += made.asked.output + TOLD
