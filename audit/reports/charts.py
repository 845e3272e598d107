"""Charts as SVG, drawn on the server: geometry in attributes, colours from the style sheet, no style of their own.

A chart is a picture: it is hidden from screen readers and from the Tab key, since the table under it says the
same with the same links.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

LEFT = 34  # room for the numbers at the left
GAP = 0.8  # between the parts of a bar


class Part(NamedTuple):
    """One part of a bar: its colour class, how much, what it says on hover, and what it opens."""

    colour: str
    amount: int
    said: str
    url: str


class Bar(NamedTuple):
    """A bar, from below upwards. `was` is its height in the period before."""

    label: str
    parts: Sequence[Part]
    was: int | None = None

    @property
    def amount(self) -> int:
        """Its whole height."""
        return sum(part.amount for part in self.parts)


class Size(NamedTuple):
    """The size of a drawing in its own units, and how many labels fit under it."""

    width: int
    height: int
    labels: int
    classes: str = ""


class Mark(NamedTuple):
    """A vertical line: where, between bars 0 and n, and what it says."""

    at: float
    said: str
    classes: str = ""


class Dot(NamedTuple):
    """A point of a line, both from 0 to 1, its weight, what it says and what it opens."""

    across: float
    up: float
    weight: int
    said: str
    url: str


WIDE, SMALL = Size(700, 196, 6), Size(330, 210, 4, "sm")
SIDE = Size(330, 196, 6, "slim")


def scale(most: float) -> list[int]:
    """Round numbers from 0 to at least `most`, four at the most."""
    if most <= 3:
        return list(range(max(math.ceil(most), 1) + 1))
    rough = most / 3
    power = 10 ** math.floor(math.log10(rough))
    step = max(next(n * power for n in (1, 2, 2.5, 4, 5, 10) if n * power >= rough), 1)
    step = math.ceil(step)
    return [step * n for n in range(math.ceil(most / step) + 1)]


def _grid(marks: Sequence[int], size: Size, base: float, high: float) -> SafeString:
    top = marks[-1] or 1
    return format_html_join(
        "",
        '<line class="g" x1="{0}" x2="{1}" y1="{2}" y2="{2}"/><text class="ax r" x="{3}" y="{4}">{5}</text>',
        ((LEFT, size.width, _n(base - high * n / top), LEFT - 7, _n(base - high * n / top + 4), n) for n in marks),
    )


def stacked(bars: Sequence[Bar], size: Size, *, highest: str = "") -> SafeString:
    """Bars of several parts, with a dash where the period before stood, and a word over the highest."""
    base, high = size.height - 36.0, size.height - 52.0
    marks = scale(max([1, *(max(bar.amount, bar.was or 0) for bar in bars)]))
    unit, slot = high / (marks[-1] or 1), (size.width - LEFT) / len(bars)
    width = slot * 0.68
    drawn = [_grid(marks, size, base, high)]
    for n, bar in enumerate(bars):
        x = LEFT + slot * n + (slot - width) / 2
        drawn += [_column(bar, x, width, base, unit), _dash(bar, x, width, base, unit)]
    drawn.append(_labels([bar.label for bar in bars], size, slot))
    drawn.append(_peak(bars, slot, base, unit, size, highest))
    return _svg(size, drawn)


def _column(bar: Bar, x: float, width: float, base: float, unit: float) -> SafeString:
    drawn, y = [], base
    for part in bar.parts:
        if part.amount:
            height = part.amount * unit
            y -= height
            drawn.append(_rect(part, x, width, y, max(height - GAP, 0.6)))
    return _together(drawn)


def _rect(part: Part, x: float, width: float, y: float, height: float) -> SafeString:
    return format_html(
        '<a href="{}" tabindex="-1"><rect class="{}" x="{}" width="{}" y="{}" height="{}" rx="1.5">'
        "<title>{}</title></rect></a>",
        *(part.url, part.colour, _n(x), _n(width), _n(y), _n(height), part.said),
    )


def _dash(bar: Bar, x: float, width: float, base: float, unit: float) -> SafeString:
    if not bar.was:
        return SafeString()
    line = f"M{_n(x)} {_n(base - bar.was * unit)}H{_n(x + width)}"
    return format_html('<path class="halo" d="{0}"/><path class="prev" d="{0}"/>', line)


def _peak(bars: Sequence[Bar], slot: float, base: float, unit: float, size: Size, said: str) -> SafeString:
    top = max(range(len(bars)), key=lambda n: bars[n].amount)
    if not said or not bars[top].amount:
        return SafeString()
    x = min(max(LEFT + slot * (top + 0.5), LEFT + 12), size.width - 12)
    y = base - max(bars[top].amount, bars[top].was or 0) * unit - 7
    return format_html('<text class="an" x="{}" y="{}">{}</text>', _n(x), _n(max(y, 10)), said)


def _labels(labels: Sequence[str], size: Size, slot: float) -> SafeString:
    """As many labels as fit, evenly spread."""
    every = max(math.ceil(len(labels) / size.labels), 1)
    return format_html_join(
        "",
        '<text class="ax m" x="{}" y="{}">{}</text>',
        (
            (_n(LEFT + slot * (n + 0.5)), size.height - 6, label)
            for n, label in enumerate(labels)
            if n % every == 0 and (n + 0.5) * slot + LEFT + 18 <= size.width + 4
        ),
    )


def histogram(bars: Sequence[Bar], size: Size, *, lines: Sequence[Mark] = ()) -> SafeString:
    """Bars side by side without numbers at the left, and vertical lines with a word each."""
    base, high, slot = size.height - 34.0, size.height - 68.0, (size.width - 16) / max(len(bars), 1)
    unit = high / max([1, *(bar.amount for bar in bars)])
    drawn = [_column(bar, 8 + slot * n + 1, slot - 2, base, unit) for n, bar in enumerate(bars)]
    under = ((("m" if n else "s"), _n(8 + slot * n), size.height - 14, bar.label) for n, bar in enumerate(bars))
    drawn.append(format_html_join("", '<text class="ax {}" x="{}" y="{}">{}</text>', under))
    placed = sorted((8 + slot * mark.at, mark) for mark in lines)
    drawn += [_line(mark, x, 8 + 15 * n, base) for n, (x, mark) in enumerate(placed)]
    drawn += [_word(mark.said, x, 14 + 15 * n, size, left=n == 0) for n, (x, mark) in enumerate(placed)]
    return _svg(size, drawn)


def _line(mark: Mark, x: float, top: int, base: float) -> SafeString:
    shape = '<line class="mk {}" x1="{}" x2="{}" y1="{}" y2="{}"/>'
    return format_html(shape, mark.classes, _n(x), _n(x), top, _n(base))


def _word(said: str, x: float, y: int, size: Size, *, left: bool) -> SafeString:
    """What a line says: on the side where it fits, at about six units a letter."""
    room = 6 * len(said) + 8
    ends = (left and x > room) or x + room > size.width
    shape = '<text class="an {}" x="{}" y="{}">{}</text>'
    return format_html(shape, "r" if ends else "s", _n(x - 5 if ends else x + 5), y, said)


def against(dots: Sequence[Dot], size: Size, *, stated: str) -> SafeString:
    """A line of points against the diagonal, from the lowest tenth in use to 100, in percent."""
    lowest = math.floor(min([0.5, *(dot.across for dot in dots)]) * 10) / 10
    base, high, left, wide = size.height - 30.0, size.height - 38.0, 40.0, size.width - 52.0

    def place(across: float, up: float) -> tuple[float, float]:
        return left + wide * (across - lowest) / (1 - lowest), base - high * up

    drawn = [_percents(size, base, high)]
    (x1, y1), (x2, y2) = place(lowest, lowest), place(1, 1)
    drawn.append(format_html('<path class="ideal" d="M{} {}L{} {}"/>', _n(x1), _n(y1), _n(x2), _n(y2)))
    x, y = place(lowest + (1 - lowest) * 0.36, lowest + (1 - lowest) * 0.36)
    drawn.append(format_html('<text class="ax r" x="{}" y="{}">{}</text>', _n(x - 6), _n(y - 8), stated))
    if dots:
        line = "L".join(f"{_n(x)} {_n(y)}" for x, y in (place(dot.across, dot.up) for dot in dots))
        drawn.append(format_html('<path class="cl" d="M{}"/>', line))
    drawn += [_dot(dot, *place(dot.across, dot.up)) for dot in dots]
    for tenth in range(round(lowest * 10), 11, 2 if lowest < 0.6 else 1):
        x, _y = place(tenth / 10, 0)
        drawn.append(format_html('<text class="ax m" x="{}" y="{}">{}</text>', _n(x), size.height - 10, tenth * 10))
    return _svg(size, drawn)


def _percents(size: Size, base: float, high: float) -> SafeString:
    return format_html_join(
        "",
        '<line class="g" x1="40" x2="{0}" y1="{1}" y2="{1}"/><text class="ax r" x="34" y="{2}">{3}%</text>',
        ((size.width, _n(base - high * n / 100), _n(base - high * n / 100 + 4), n) for n in (0, 50, 100)),
    )


def _dot(dot: Dot, x: float, y: float) -> SafeString:
    return format_html(
        '<a href="{}" tabindex="-1"><circle class="cp" cx="{}" cy="{}" r="{}"><title>{}</title></circle></a>',
        *(dot.url, _n(x), _n(y), _n(min(3 + math.sqrt(dot.weight) / 5, 8)), dot.said),
    )


def mix(parts: Sequence[Part], said: str) -> SafeString:
    """A thin bar of shares."""
    total, x, drawn = sum(part.amount for part in parts) or 1, 0.0, []
    for part in parts:
        width = 120 * part.amount / total
        if part.amount:
            shape = '<rect class="{}" x="{}" width="{}" height="9" rx="2"/>'
            drawn.append(format_html(shape, part.colour, _n(x), _n(max(width - 1.2, 0.8))))
        x += width
    shape = '<svg class="ch mix" viewBox="0 0 120 9" width="120" height="9" role="img" aria-label="{}">{}</svg>'
    return format_html(shape, said, _together(drawn))


def spark(course: Sequence[float | None], tone: str = "") -> SafeString:
    """The course of a figure, small; nothing with fewer than three values."""
    found = [value for value in course if value is not None]
    if len(found) < 3:
        return SafeString()
    low, high = min(found), max(found)
    across, up = 74 / (len(found) - 1), 22 / ((high - low) or 1)
    at = [(2 + n * across, 26 - (value - low) * up if high > low else 15.0) for n, value in enumerate(found)]
    line = "L".join(f"{_n(x)} {_n(y)}" for x, y in at)
    shape = (
        '<svg class="spark {}" width="80" height="30" viewBox="0 0 80 30" aria-hidden="true">'
        '<path d="M{}"/><circle cx="{}" cy="{}" r="2.4"/></svg>'
    )
    return format_html(shape, "c3" if tone == "down" else "c1", line, _n(at[-1][0]), _n(at[-1][1]))


def _svg(size: Size, drawn: Sequence[SafeString]) -> SafeString:
    shape = '<svg class="ch {}" viewBox="0 0 {} {}" aria-hidden="true">{}</svg>'
    return format_html(shape, size.classes, size.width, size.height, _together(drawn))


def _together(drawn: Sequence[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((part,) for part in drawn))


def _n(value: float) -> str:
    """A coordinate, in a form that no locale changes."""
    return f"{value:.1f}"
