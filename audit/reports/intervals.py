"""How sure a figure is: 95 % intervals of a share (Wilson 1927) and of Cohen's kappa (Fleiss, Cohen, Everitt 1969)."""

import math
from collections.abc import Mapping
from statistics import NormalDist
from typing import NamedTuple

Z = NormalDist().inv_cdf(0.975)

type Table = Mapping[tuple[str, str], int]  # how often the first answered so and the second so


class Interval(NamedTuple):
    """A figure and what it lies between in 95 of 100 such samples; `among` is the size of the sample."""

    value: float
    low: float
    high: float
    among: int


def share(hits: int, among: int) -> Interval | None:
    """A share from 0 to 1, by Wilson's score interval, which never leaves 0 to 1; None of nothing."""
    if not among:
        return None
    found, squared = hits / among, Z * Z / among
    middle = (found + squared / 2) / (1 + squared)
    reach = Z * math.sqrt(found * (1 - found) / among + squared / among / 4) / (1 + squared)
    return Interval(found, max(0.0, middle - reach), min(1.0, middle + reach), among)


def kappa(table: Table) -> Interval | None:
    """Agreement beyond chance, from -1 to 1, with its large-sample interval; None where chance alone explains all.

    Both answered one and the same throughout: then nothing can be told, since there was nothing to disagree about.
    """
    among = sum(table.values())
    seen = {pair: count / among for pair, count in table.items() if count}
    answers = {answer for pair in seen for answer in pair}
    firsts = {one: sum(part for (first, _), part in seen.items() if first == one) for one in answers}
    seconds = {one: sum(part for (_, second), part in seen.items() if second == one) for one in answers}
    alike = sum(part for (first, second), part in seen.items() if first == second)
    chance = sum(firsts[one] * seconds[one] for one in answers)
    if not among or chance == 1:
        return None
    value = (alike - chance) / (1 - chance)
    on = sum(
        part * (1 - (firsts[first] + seconds[first]) * (1 - value)) ** 2
        for (first, second), part in seen.items()
        if first == second
    )
    off = sum(
        part * (seconds[first] + firsts[second]) ** 2 for (first, second), part in seen.items() if first != second
    )
    spread = on + (1 - value) ** 2 * off - (value - chance * (1 - value)) ** 2
    reach = Z * math.sqrt(max(spread, 0.0) / among) / (1 - chance)
    return Interval(value, max(-1.0, value - reach), min(1.0, value + reach), among)
