"""The five figures of a report, each with its direction since the period before, in words."""

from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _

from audit.reports.figures import Figures, Tally
from audit.templatetags.figures import duration, money, number, pct

FEW = 10  # decisions in either period, below which shares are not compared

type Value = float | Decimal | None


class Direction(NamedTuple):
    """What changed, and whether that is better ("up"), worse ("down") or neither."""

    text: str
    tone: str = ""


class Figure(NamedTuple):
    """One figure: its name, how it reads, what changed, its course over the bars, and what narrows its decisions."""

    name: str
    value: str
    direction: Direction
    course: list[float | None]
    narrow: dict[str, object]


def five(figures: Figures, bars: int) -> list[Figure]:
    """The figures in the order in which they are shown."""
    now, before = figures.total, figures.before
    compared, late = _comparer(now, before), {"late": True} if now.late else {}
    written = compared(now.as_written, before.as_written, _points)
    half = compared(now.half, before.half, _span, less_is_better=True)
    in_time = compared(now.in_time, before.in_time, _points)
    cost = compared(now.cost_each, before.cost_each, _dollars, less_is_better=True)
    found: list[tuple[str, str, Direction, str, dict[str, object]]] = [
        (_("Decisions"), number(now.count), _counted(now, before), "count", {}),
        (_("Approved as written"), pct(now.as_written), written, "as_written", {"verdict": "written"}),
        (_("Half decided within"), duration(now.half), half, "half", {}),
        (_("In time"), _almost(now.in_time), in_time, "in_time", {**late}),
        (_("AI cost per decision"), money(now.cost_each), cost, "cost_each", {}),
    ]
    return [
        Figure(name, value, change, _course(figures, bars, of), narrow) for name, value, change, of, narrow in found
    ]


def _course(figures: Figures, bars: int, of: str) -> list[float | None]:
    """A figure in each bar; None where nobody decided."""
    found = [getattr(figures.bars[n], of) if n in figures.bars else None for n in range(1, bars + 1)]
    return [None if value is None else float(value) for value in found]


def _almost(share: float | None) -> str:
    """A share to one decimal, and 100% only when it is all of them."""
    return pct(share) if share in (0, 1, None) else pct(min(share, 0.999), 1)


def _counted(now: Tally, before: Tally) -> Direction:
    if not before.count:
        return Direction(_("none before"))
    change = now.count - before.count
    if before.count < FEW or abs(change) / before.count < 0.005:
        return Direction(_("%(count)s before") % {"count": number(before.count)})
    share = pct(abs(change) / before.count)
    return Direction(_("%(share)s more") % {"share": share} if change > 0 else _("%(share)s fewer") % {"share": share})


def _comparer(now: Tally, before: Tally) -> Callable[..., Direction]:
    """What compares two values of those tallies, unless there are too few decisions to say."""

    def compare(value: Value, was: Value, said: Callable[[float], str], *, less_is_better: bool = False) -> Direction:
        if value is None or was is None:
            return Direction(_("none before"))
        if min(now.count, before.count) < FEW:
            return Direction(_("too few to say"))
        change = float(value) - float(was)
        text = said(change)
        if not text:
            return Direction(_("no change"))
        if (change < 0) == less_is_better:
            return Direction(_("%(change)s, better") % {"change": text}, "up")
        return Direction(_("%(change)s, worse") % {"change": text}, "down")

    return compare


def _signed(text: str, change: float) -> str:
    return f"{'+' if change > 0 else '−'}{text}"


def _points(change: float) -> str:
    points = round(abs(change) * 100, 1)
    if not points:
        return ""
    places = 0 if points >= 10 or points == int(points) else 1
    return _signed(_("%s points") % number(points, places), change)


def _span(change: float) -> str:
    seconds = abs(change)
    seconds = round(seconds / 60) * 60 if seconds >= 60 else round(seconds)
    return _signed(duration(seconds), change) if seconds else ""


def _dollars(change: float) -> str:
    return _signed(money(Decimal(str(abs(change)))), change) if abs(change) >= 0.0001 else ""
