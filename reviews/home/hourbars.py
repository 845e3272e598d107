"""Decisions by hour, drawn as bars with ticks at what is usual: numbers for SVG."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from reviews.home.today import Hour

BASE, TOP = 52.0, 3.4  # where the bars stand, and how high they may reach
NARROW = 0.72  # share of an hour's width that its bar takes


@dataclass(frozen=True, slots=True)
class HourBar:
    """One hour: its bar, its tick, and the label below, as text for SVG. `when` is past, now or later."""

    x: str
    right: str
    middle: str
    width: str
    y: str
    height: str
    usual: str
    label: str
    when: str


@dataclass(frozen=True, slots=True)
class HourBars:
    """The whole chart, and what it says in words."""

    bars: list[HourBar]
    said: str


def draw(hours: Sequence[Hour], now_hour: int) -> HourBars:
    """Bars for `hours`; the hour that is not over yet is drawn lighter."""
    most = max([1.0, *(float(hour.count) for hour in hours), *(hour.usual or 0.0 for hour in hours)])
    bars = [_bar(hour, number, len(hours), most, now_hour) for number, hour in enumerate(hours)]
    counted = ", ".join(str(hour.count) for hour in hours if hour.hour <= now_hour)
    told = {"first": hours[0].hour, "last": now_hour, "counts": counted}
    return HourBars(bars, _("Decisions in each hour from %(first)d to %(last)d: %(counts)s.") % told)


def _bar(hour: Hour, number: int, count: int, most: float, now_hour: int) -> HourBar:
    slot = 100 / count
    x, width = number * slot + slot * (1 - NARROW) / 2, slot * NARROW
    height = (BASE - TOP) * hour.count / most
    tick = f"{BASE - (BASE - TOP) * hour.usual / most:.1f}" if hour.usual is not None else ""
    shown = count <= 4 or number % (2 if count <= 12 else 4) == (count - 1) % 2
    return HourBar(
        x=f"{x:.2f}%",
        right=f"{x + width:.2f}%",
        middle=f"{x + width / 2:.2f}%",
        width=f"{width:.2f}%",
        y=f"{BASE - height:.1f}",
        height=f"{height:.1f}",
        usual=tick,
        label=str(hour.hour) if shown else "",
        when="now" if hour.hour == now_hour else "past" if hour.hour < now_hour else "later",
    )
