"""Whatever happens in whatever order, the promises of the engine hold, and no run is stuck."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from orchestration.models import Brake, Run, StepRun, Workflow
from orchestration.states import WorkflowStatus
from reviews.models import Review
from tests.cast import Cast
from tests.orchestration.machine.courses import publish_all
from tests.orchestration.machine.engine import Engine

SHORT, FULL = (15, 30), (200, 50)  # examples, and moves in each
PHASES = (Phase.generate, Phase.shrink)
MODELS = {"run": Run, "steprun": StepRun, "review": Review, "brake": Brake, "workflow": Workflow}


@pytest.mark.timeout(3600)
def test_it_keeps_its_promises(live_cast: Cast, request: pytest.FixtureRequest) -> None:
    full = bool(request.config.getoption("--full"))
    examples, moves = FULL if full else SHORT
    size = settings(max_examples=examples, stateful_step_count=moves, deadline=None, database=None)
    Engine.cast, Engine.workflows = live_cast, publish_all(live_cast)
    Engine.seen.clear()
    run_state_machine_as_test(Engine, settings=settings(size, suppress_health_check=list(HealthCheck), phases=PHASES))
    print(f"\nmachine: {examples} x {moves}, {sum(Engine.seen.values())} moves of {len(Engine.seen)} kinds")
    for move, count in sorted(Engine.seen.items()):
        print(f"machine: {' '.join(move)} {count}")
    if full:
        assert not unseen()


def unseen() -> set[tuple[str, str, str]]:
    """The legal moves that the search never made. Nothing in the house retires a workflow."""
    legal = {
        (kind, str(was), str(to))
        for kind, model in MODELS.items()
        for was, follow in model.MOVES.items()  # type: ignore[attr-defined]
        for to in follow
        if WorkflowStatus.RETIRED not in (was, to)
    }
    return legal - set(Engine.seen)
