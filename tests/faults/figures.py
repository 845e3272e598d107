"""The figures of a fault: said once each, and printed as one JSON object a line."""

import json
from collections.abc import Callable
from typing import NamedTuple

NAMED = "figure"  # among the properties of a test's report


class Figure(NamedTuple):
    """One figure."""

    fault: str
    name: str
    value: float
    unit: str

    def line(self) -> str:
        """As JSON."""
        return json.dumps(self._asdict())


class Fault:
    """The fault that a test puts in: its name in the design, how heavy the load is, and what it came to."""

    def __init__(self, name: str, *, full: bool, record: Callable[[str, object], None]) -> None:
        self.name = name
        self.full = full
        self._record = record

    def load[T](self, short: T, full: T) -> T:
        """What is asked for here, or by `make faults`."""
        return full if self.full else short

    def tell(self, name: str, value: float, unit: str = "") -> None:
        """Report a figure."""
        self._record(NAMED, tuple(Figure(self.name, name, round(value, 2), unit)))  # plain: it may travel
