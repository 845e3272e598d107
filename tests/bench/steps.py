"""Steps: what one costs in a chain of five, and how long the first one of a run takes to begin."""

import statistics
import tempfile
import time
from pathlib import Path

from tests.bench import house
from tests.bench.cpu import Meter, trees
from tests.bench.driver import Handrail
from tests.bench.figures import Figure, Sizes, medians

STEPS = 5
REST = 0.1  # seconds, for an idle system


def chain(sizes: Sizes) -> list[Figure]:
    """Five steps in a row that do nothing."""
    with house.standing() as handrail:
        return chained(handrail, sizes)


def chained(handrail: Handrail, sizes: Sizes) -> list[Figure]:
    """The same on a system that stands."""

    def measure() -> list[Figure]:
        with Meter(trees(handrail)) as meter:
            seconds = handrail.chain(STEPS, sizes.chains)
            handrail.settle()
        steps = STEPS * sizes.chains
        return [*meter.figures("chain", steps), ("chain_rate", steps / seconds, "steps/s")]

    return medians(sizes.repeats, measure)


def start(sizes: Sizes) -> list[Figure]:
    """From the call that starts a run to its first step."""
    with house.standing() as handrail:
        return started(handrail, sizes)


def started(handrail: Handrail, sizes: Sizes) -> list[Figure]:
    """The same on a system that stands."""
    waits = []
    with tempfile.TemporaryDirectory(prefix="handrail-bench-") as folder:
        for _ in range(sizes.starts):
            time.sleep(REST)
            before, mark = handrail.first_step_mark(Path(folder) / "mark")
            waits.append((mark - before) / 1e6)
    return [("start", statistics.median(waits), "ms"), ("start_longest", max(waits), "ms")]
