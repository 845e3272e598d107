"""What a measurement gives: figures, each the median of some repeats; and how much is done for one."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

type Figure = tuple[str, float, str]  # name, value, unit

TIMES = 50


@dataclass(frozen=True)
class Sizes:
    """How many of each thing. The figures in the documents are those of the full sizes."""

    repeats: int = 3
    waiting: int = 100_000  # items in the large inbox
    chains: int = 400  # runs of five steps
    decisions: int = 400
    starts: int = 30
    calls: int = 1000
    call_seconds: float = 2.0
    items: int = 5000
    finished: int = 200_000  # runs behind it
    sealed: int = 32_000  # events that are written and sealed side by side
    verified: int = 1_000_000  # entries of the record that is checked


SHORT = Sizes(
    repeats=1, waiting=200, chains=4, decisions=4, starts=2, calls=4, call_seconds=0.2, items=20, finished=50,
    sealed=640, verified=2000,
)  # fmt: skip


def medians(repeats: int, measure: Callable[[], list[Figure]]) -> list[Figure]:
    """Each figure at its median over so many measurements."""
    runs = [measure() for _ in range(repeats)]
    return [
        (name, statistics.median(run[place][1] for run in runs), unit) for place, (name, _, unit) in enumerate(runs[0])
    ]


def typical(work: Callable[[], object]) -> tuple[float, float]:
    """Of `work`, done often: median milliseconds, and mean CPU-milliseconds of this process."""
    work()
    walls, began = [], time.process_time()
    for _ in range(TIMES):
        start = time.perf_counter()
        work()
        walls.append((time.perf_counter() - start) * 1000)
    return statistics.median(walls), (time.process_time() - began) * 1000 / TIMES


def fixed_loop() -> float:
    """Milliseconds of a fixed loop of Python: how fast this machine is just now."""
    wall, _ = typical(lambda: sum(number * number for number in range(200_000)))
    return wall
