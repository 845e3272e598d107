"""What the clock does, and how often. Each app registers its own; the clock runs them."""

from collections.abc import Callable
from typing import NamedTuple

type Work = Callable[[], object]


class Tick(NamedTuple):
    """One thing to do every so many seconds."""

    name: str
    every: float
    work: Work


_ticks: list[Tick] = []


def tick(name: str, *, every: float) -> Callable[[Work], Work]:
    """Register a function for the clock to call every `every` seconds."""

    def register(work: Work) -> Work:
        _ticks.append(Tick(name, every, work))
        return work

    return register


def all_ticks() -> list[Tick]:
    """Every registered tick."""
    return list(_ticks)
