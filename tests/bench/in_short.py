"""`python -m tests.bench.in_short`: the driver and the measurements in small, in a process of their own.

What is seen on the way is printed as one JSON object. The servers are those of the environment.
"""

import json
import os
from pathlib import Path
from typing import Any

import psutil

from tests.bench import provider
from tests.bench.driver import Handrail
from tests.bench.figures import SHORT
from tests.bench.provider import Provider

FILLED = 50


def main() -> None:
    """Bring up, drive, bring down."""
    given, facts = os.environ, dict[str, Any]()
    with (
        provider.standing(SHORT.call_seconds) as model,
        Handrail(
            given["DATABASE_URL"],
            given["REDIS_URL"],
            migrate_database_url=given["MIGRATE_DATABASE_URL"],
            model_url=model.url,
            limit=120,
        ) as handrail,
    ):
        facts["pids"], facts["parts"] = handrail.pids, handrail.parts
        facts |= _drive(handrail)
        facts["figures"] = _measure(handrail, model)
        facts |= _fill(handrail)
    facts["left_over"] = [pid for pid in facts["pids"] if psutil.pid_exists(pid)]
    print(json.dumps(facts))


def _drive(handrail: Handrail) -> dict[str, Any]:
    from orchestration.models import Run, StepRun

    before = Run.objects.count()
    handrail.chain(3, 2)
    chained = list(Run.objects.order_by("-pk")[:2])
    facts: dict[str, Any] = {
        "chain_runs": Run.objects.count() - before,
        "chain_steps": [StepRun.objects.filter(run=run, status="done").count() for run in chained],
        "mark": handrail.first_step_mark(Path(handrail.home) / "mark"),
        "waiting": len(handrail.start_waiting(3)),
    }
    for which in ("one", "all"):
        handrail.decide(which)
        facts[f"waiting_after_{which}"] = Run.objects.live().count()
    return facts


def _measure(handrail: Handrail, model: Provider) -> dict[str, float]:
    from tests.bench.calls import called
    from tests.bench.deciding import decided
    from tests.bench.maps import mapped
    from tests.bench.steps import chained, started

    figures = [*chained(handrail, SHORT), *decided(handrail, SHORT), *started(handrail, SHORT)]
    figures += [*called(handrail, model, SHORT), *mapped(handrail, SHORT.items)]
    return {name: value for name, value, _ in figures}


def _fill(handrail: Handrail) -> dict[str, Any]:
    from audit.models import Event, Leaf
    from orchestration.models import Run
    from reviews.models import Decision

    before = Run.objects.count(), Decision.objects.count()
    handrail.fill(FILLED)
    handrail.chain(1, 1)
    handrail.settle()
    last = Leaf.objects.latest("leaf_index")
    receipts = Event.objects.filter(kind="review.approved").values("event_id")
    return {
        "runs_filled": Run.objects.filter(status="done").count() - before[0],
        "decisions_filled": Decision.objects.filter(receipt__in=receipts).count() - before[1],
        "leaves": [last.leaf_index + 1, Leaf.objects.count(), Event.objects.count()],
    }


if __name__ == "__main__":
    main()
