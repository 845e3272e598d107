"""The same with many finished runs behind it, held against the same on an empty database."""

import time

from tests.bench import house
from tests.bench.deciding import decided
from tests.bench.driver import Handrail
from tests.bench.figures import Figure, Sizes
from tests.bench.steps import chained, started

COMPARED = ("chain_cpu", "chain_rate", "decisions_cpu", "decisions_rate", "decisions_single", "start")


def full(sizes: Sizes) -> list[Figure]:
    """Chain, decisions and start: empty, full, and full as a part of empty (1.0: it does not matter)."""
    with house.standing() as handrail:
        empty = _measured(handrail, sizes)
        began = time.perf_counter()
        handrail.fill(sizes.finished)
        took = time.perf_counter() - began
        filled = _measured(handrail, sizes)
    ratios = [(f"full_{name}_ratio", filled[name][0] / empty[name][0], "x") for name in COMPARED]
    return [
        ("full_filled_in", took, "s"),
        *((f"empty_{name}", *empty[name]) for name in COMPARED),
        *((f"full_{name}", *filled[name]) for name in COMPARED),
        *ratios,
    ]


def _measured(handrail: Handrail, sizes: Sizes) -> dict[str, tuple[float, str]]:
    figures = [*chained(handrail, sizes), *decided(handrail, sizes), *started(handrail, sizes)]
    return {name: (value, unit) for name, value, unit in figures}
