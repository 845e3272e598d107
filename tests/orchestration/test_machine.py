"""Whatever happens in whatever order, the promises of the engine hold, and no run is stuck."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from orchestration.models import Run, StepRun
from tests.cast import Cast
from tests.orchestration.courses import publish_all
from tests.orchestration.machine import Engine

SHORT, FULL = (15, 30), (200, 50)  # examples, and moves in each
PHASES = (Phase.generate, Phase.shrink)


@pytest.mark.timeout(3600)
def test_it_keeps_its_promises(live_cast: Cast, request: pytest.FixtureRequest) -> None:
    full = bool(request.config.getoption("--full"))
    examples, moves = FULL if full else SHORT
    size = settings(max_examples=examples, stateful_step_count=moves, deadline=None, database=None)
    Engine.cast, Engine.workflows = live_cast, publish_all(live_cast)
    Engine.seen.clear()
    run_state_machine_as_test(Engine, settings=settings(size, suppress_health_check=list(HealthCheck), phases=PHASES))
    if full:
        assert not unseen()


def unseen() -> set[tuple[str, str, str]]:
    """The legal moves that the search never made."""
    legal = {
        (kind, was, to)
        for kind, model in (("run", Run), ("steprun", StepRun))
        for was, follow in model.MOVES.items()
        for to in follow
    }
    return {(kind, str(was), str(to)) for kind, was, to in legal} - set(Engine.seen)
