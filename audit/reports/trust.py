"""Can the score be trusted? What models stated, beside what people then left unchanged."""

import math
from collections.abc import Mapping
from typing import NamedTuple

from django.utils.translation import gettext as _

from audit.reports import intervals
from audit.reports.figures import Tally
from audit.reports.intervals import Interval

ENOUGH = 30  # decisions with a stated confidence, below which there is no verdict
ENOUGH_EACH = 10  # decisions in one tenth, below which it takes no part in it
MARGIN = 0.1  # how far stated and found may lie apart


class Point(NamedTuple):
    """One tenth of confidence: what was stated on average, the share left unchanged, and of how many."""

    tenth: int
    stated: float
    found: float
    among: int

    @property
    def interval(self) -> Interval | None:
        """The share left unchanged, with what it lies between."""
        return intervals.share(round(self.found * self.among), self.among)


def points(scores: Mapping[int | None, Tally]) -> list[Point]:
    """The tenths that occur, in order. Decisions without a stated confidence have no part in it."""
    return [
        Point(tenth, tally.stated, tally.left_alone or 0.0, tally.count)
        for tenth, tally in sorted((t, s) for t, s in scores.items() if t is not None)
        if tally.stated is not None
    ]


def verdict(found: list[Point]) -> tuple[str, bool]:
    """One sentence, and whether it is a warning."""
    total = sum(point.among for point in found)
    if total < ENOUGH:
        told = {"count": total, "enough": ENOUGH}
        return _("Too few decisions to say: %(count)s with a stated confidence, and it takes %(enough)s.") % told, False
    told_by = [point for point in found if point.among >= ENOUGH_EACH]
    if not told_by:
        return _("The decisions are spread too thinly over the scores to say."), False
    over = [point.tenth for point in told_by if point.stated - point.found > _margin(point)]
    under = [point.tenth for point in told_by if point.found - point.stated > _margin(point)]
    if over:
        return _("%(range)s the score promises too much.") % {"range": _range(over)}, True
    if under:
        return _("%(range)s the score promises too little.") % {"range": _range(under)}, False
    return _("As far as can be told, the score holds what it promises."), False


def _margin(point: Point) -> float:
    """The larger of what is tolerated and what chance alone does to so few."""
    return max(MARGIN, 1.96 * math.sqrt(point.stated * (1 - point.stated) / point.among))


def _range(tenths: list[int]) -> str:
    low, high = min(tenths) * 10, (max(tenths) + 1) * 10
    if high == 100:
        return _("Above %(low)s") % {"low": low} if low else _("Everywhere")
    return _("Between %(low)s and %(high)s") % {"low": low, "high": high}
