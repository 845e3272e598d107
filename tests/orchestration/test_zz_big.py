import os, pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from tests.orchestration.courses import publish_all
from tests.orchestration.machine import Engine
from tests.orchestration.test_machine import unseen, QUIET
@pytest.mark.timeout(3600)
def test_big(live_cast):
    Engine.cast, Engine.workflows = live_cast, publish_all(live_cast)
    Engine.seen.clear()
    n, k = map(int, os.environ.get("SIZE", "60x50").split("x"))
    try:
        run_state_machine_as_test(Engine, settings=settings(max_examples=n, stateful_step_count=k, **QUIET, phases=[Phase.generate, Phase.shrink], report_multiple_bugs=False))
    finally:
        for m, c in sorted(Engine.seen.items()): print(m, c)
        print("UNSEEN", sorted(unseen()))
