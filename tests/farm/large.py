"""The farm at large: all the work is begun, one model is suspended halfway, and then the counts are judged."""

import json
import time
from contextlib import ExitStack
from typing import Any

from audit.actors import COMMAND
from orchestration import catalog
from orchestration.models import Model
from orchestration.policies import asking
from tests.bench import runs as engine_runs
from tests.bench.policies import come_into_force
from tests.farm import budgets, judging, local, work
from tests.farm.__main__ import LIMIT, LOCAL, SHARE_ALONE, say
from tests.farm.judging import Condition
from tests.farm.servers import LEAVING, RULED, RULED_FROM, all_of_them
from tests.routing.farm import Server, farm

LIMITED = 60  # runs on each server that has a limit
RULE: dict[str, Any] = {
    "key": "not-that-one",
    "title": "That one reads nothing personal",
    "points": ["model"],
    "effect": "deny",
    "match": {"model": [RULED], "data_class": RULED_FROM},
    "enabled": True,
}


def run(calls: int, *, local: bool) -> list[str]:
    """Everything. The names of the conditions that do not hold."""
    with ExitStack() as stack:
        own = local_model(stack) if local else None
        servers = stack.enter_context(farm(*all_of_them(), *([own] if own else [])))
        _hold(RULE)
        conditions = _worked(servers, calls)
    for one in conditions:
        print(one.line(), flush=True)
    return [one.name for one in conditions if not one.holds]


def local_model(stack: ExitStack) -> Server | None:
    """The real model, as one of the servers: what reaches it is counted like everything else."""
    why = local.install()
    address = "" if why else stack.enter_context(local.standing())
    say("local_model", "SmolLM2-135M-Instruct.Q4_1" if address else "none", why or "by llama.cpp")
    if not address:
        return None
    facts = {"ceiling": "special", "price": 0.05, "quality": 0.2, "region": "own", "tags": ["local"], "schema": True}
    return Server("local", thinks=local.Thinks(address), facts=facts)


def _hold(rule: dict[str, Any]) -> None:
    """The one rule is in force."""
    come_into_force([rule])
    time.sleep(asking.KEPT)


def _worked(servers: dict[str, Server], calls: int) -> list[Condition]:
    each = -(-calls // 15)
    began = time.monotonic()
    routed = work.start(flows := work.plain("farm"), each // 2)
    catalog.suspend(Model.objects.get(name=LEAVING), actor=COMMAND, why="It leaves the farm.")
    left_at = time.time()
    routed += work.start(flows, each - each // 2)
    works = budgets.of_all(min(1.0, calls / 2000))
    begun = [*budgets.begin(works), *work.start(work.limited(), max(8, LIMITED * calls // 2000))]
    work.wait([*routed, *begun], LIMIT)
    say("routed_wall", round(time.monotonic() - began, 1), f"s for {len(routed) + len(begun)} runs")
    alone = work.start(work.plain("alone", among=["farm/dear"]), max(2, round(each * SHARE_ALONE)))
    work.wait(alone, LIMIT)
    if "local" in servers:
        _ask_local(max(4, LOCAL * calls // 2000))
    engine_runs.wait(lambda: not any(server.at_hand for server in servers.values()), LIMIT)
    engine_runs.wait_for_seals(LIMIT)
    purses = budgets.counted(works, servers)
    for purse in purses:
        figures = {name: str(value) for name, value in purse._asdict().items()}
        print(json.dumps({"budget": purse.kind, "holds": purse.holds, **figures}), flush=True)
    return [
        judging.reached(servers, calls),
        judging.filters(servers, left_at),
        judging.limits(servers),
        judging.record(servers),
        judging.cost_on_record(servers),
        judging.ledger(),
        judging.budgets_hold(purses),
        judging.thrift(judging.bought(routed), judging.bought(alone)),
    ]


def _ask_local(times: int) -> None:
    """The real model, held to the schema, and with another one behind it for what it cannot do."""
    routing = {"tags": ["local", "farm"], "among": ["farm/local", "farm/slow"], "output_tokens": 60}
    weights = {"weights": {"quality": 10, "cost": 90}}
    asked = work.step("ask", "special", "high", routing={**routing, **weights}, limits={"seconds": 240})
    ids = work.start([work.publish("farm-local", "high", asked)], times, given=lambda number: _short(number))
    work.wait(ids, LIMIT)
    say("local_model_met", judging.bought(ids).told(), f"of {times} runs")
    say("local_model_tokens", judging.estimates(), "times what was estimated")


def _short(number: int) -> dict[str, str]:
    return {"word": f"word {number}", "letter": work.LETTER}
