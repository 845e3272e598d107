"""Whether a stated confidence holds: bins, their error, and the sharpness that makes scores into chances."""

import importlib
from dataclasses import dataclass
from typing import Any

BINS = 10
SHARPEST = 40.0
TRIES = 60


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers whose stated confidence lay between `low` and `high`: how many, stated and right on average."""

    low: float
    high: float
    count: int
    stated: float
    right: float


def bins(stated: list[float], right: list[bool]) -> list[Bin]:
    """The answers sorted into ten bins of equal width by their stated confidence."""
    sorted_in: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for chance, was_right in zip(stated, right, strict=True):
        sorted_in[min(int(chance * BINS), BINS - 1)].append((chance, was_right))
    return [_bin(place / BINS, (place + 1) / BINS, answers) for place, answers in enumerate(sorted_in)]


def expected_error(table: list[Bin]) -> float:
    """The expected calibration error: how far stated and right lie apart, weighted by how many."""
    whole = sum(b.count for b in table)
    return sum(b.count * abs(b.stated - b.right) for b in table) / whole if whole else 0.0


def softmax(scores: Any) -> Any:
    """Rows of scores as rows of chances."""
    numpy = importlib.import_module("numpy")
    powers = numpy.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def sharpness(scores: Any, right: list[int]) -> float:
    """The factor on `scores` under which the right labels were likeliest (temperature scaling, inverted)."""
    numpy = importlib.import_module("numpy")
    places = numpy.arange(len(right))

    def surprise(factor: float) -> float:
        return float(-numpy.log(softmax(scores * factor)[places, right] + 1e-12).mean())

    return min((float(factor) for factor in numpy.geomspace(1, SHARPEST, TRIES)), key=surprise)


def _bin(low: float, high: float, answers: list[tuple[float, bool]]) -> Bin:
    count = len(answers)
    if not count:
        return Bin(low, high, 0, 0.0, 0.0)
    stated, right = sum(chance for chance, _ in answers), sum(was_right for _, was_right in answers)
    return Bin(low, high, count, stated / count, right / count)
