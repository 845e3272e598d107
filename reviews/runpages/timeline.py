"""The timeline of a run as bars: one row a step, idle time folded, every try a bar of its own."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from audit.templatetags.figures import clock, duration
from reviews.runpages.course import Course
from reviews.runpages.spans import AROUND, IDLE, PERSON, WAIT, Span

FULL = 98.4  # per cent of the width: where now, or the end, stands
FOLD = 13.0  # per cent that a fold takes
FOLDS = 52.0  # per cent that all folds take at the most
THINNEST = 0.9  # per cent: a bar of milliseconds is still seen
FOLDED_FROM = timedelta(seconds=15)
TOLD = 7.0  # per cent that the words of a fold take
LONGER = 1.4  # how much longer the words of another language may be
TAIL = timedelta(seconds=5)  # kept unfolded before now, or before the end
LABEL = 9.5  # per cent that the label of a moment takes


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: place and width in per cent as text for SVG, its class, and what it says."""

    kind: str
    x: str
    width: str
    said: str
    going: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One step, or the review point of one."""

    key: str
    name: str
    kind: str
    gate: bool
    bars: list[Bar]
    took: timedelta | None


@dataclass(frozen=True, slots=True)
class Label:
    """A moment or a fold on the axis."""

    x: str
    said: str
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the run's time and the part of the width it gets."""

    start: datetime
    end: datetime
    x: float
    width: float
    folded: bool

    def place(self, at: datetime) -> float:
        """Where a moment within it stands, in per cent."""
        whole = (self.end - self.start).total_seconds()
        return self.x + self.width * ((at - self.start).total_seconds() / whole if whole else 0.0)


@dataclass(frozen=True, slots=True)
class Scale:
    """Time to per cent, with idle time folded."""

    stretches: list[Stretch]

    def place(self, at: datetime) -> float:
        """Where a moment stands, in per cent."""
        for stretch in self.stretches:
            if at <= stretch.end:
                return stretch.place(max(at, stretch.start))
        return FULL


@dataclass(frozen=True, slots=True)
class Timeline:
    """All rows on one scale."""

    rows: list[Row]
    folds: list[Bar]
    labels: list[Label]
    now: str
    live: bool = field(default=False)


def draw(course: Course, names: list[tuple[str, str, str, bool]]) -> Timeline:
    """The timeline; `names` gives each row as (step's key, name, kind, whether it is a review point)."""
    spans = course.spans()
    begin, end = course.run.created_at, course.run.ended_at or course.now
    scale = Scale(list(_stretches(begin, max(end, begin), _busy(spans, begin, end))))
    rows = [
        _row(scale, [span for span in spans if (span.key, span.gate) == (key, gate)], key, name, kind, gate)
        for key, name, kind, gate in names
    ]
    folds = [_fold(stretch) for stretch in scale.stretches if stretch.folded]
    return Timeline(rows, folds, list(_labels(scale)), f"{FULL}%", course.run.is_live)


def _busy(spans: list[Span], begin: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """When something happened, as times that do not overlap, apart by more than what is worth a fold."""
    busy = sorted((max(s.start, begin), min(s.end, end)) for s in spans if s.kind not in {WAIT, IDLE, AROUND})
    merged: list[tuple[datetime, datetime]] = [(begin, begin)]
    worked = sum((until - since for since, until in busy), timedelta())
    threshold = max(FOLDED_FROM, worked)
    for since, until in [*busy, (max(end - TAIL, begin), end)]:
        if since - merged[-1][1] <= threshold:
            merged[-1] = (merged[-1][0], max(merged[-1][1], until))
        else:
            merged.append((since, until))
    return merged


def _stretches(begin: datetime, end: datetime, busy: list[tuple[datetime, datetime]]) -> Iterator[Stretch]:
    count = len(busy) - 1
    fold = min(FOLD, FOLDS / count) if count else 0.0
    room = FULL - fold * count
    least = min(room / len(busy) / 2, 16.0)
    whole = sum((until - since for since, until in busy), timedelta()).total_seconds()
    x, last = 0.0, begin
    for number, (since, until) in enumerate(busy):
        if number:
            yield Stretch(last, since, x, fold, folded=True)
            x += fold
        share = (until - since).total_seconds() / whole if whole else 1 / len(busy)
        width = least + (room - least * len(busy)) * share
        yield Stretch(since, until, x, width, folded=False)
        x, last = x + width, until


def _row(scale: Scale, spans: list[Span], key: str, name: str, kind: str, gate: bool) -> Row:
    bars: list[Bar] = []
    reached = 0.0
    for span in spans:
        x = max(scale.place(span.start), reached)
        width = max(scale.place(span.end) - x, THINNEST)
        reached = x + width + 0.15
        said = f"{span.said}, {duration(span.length)}" if span.kind != PERSON else span.said
        bars.append(Bar(span.kind, f"{min(x, 100 - THINNEST):.2f}%", f"{width:.2f}%", said, span.going))
    took = sum((span.length for span in spans), timedelta()) if spans else None
    return Row(key, name, kind, gate, bars, took)


def _fold(stretch: Stretch) -> Bar:
    return Bar("fold", f"{stretch.x:.2f}%", f"{stretch.width:.2f}%", duration(stretch.end - stretch.start), False)


def _labels(scale: Scale) -> Iterator[Label]:
    reached = 0.0  # where the fold that was last told of ends: folds side by side leave no room for each
    for number, stretch in enumerate(scale.stretches):
        middle = stretch.x + stretch.width / 2
        if stretch.folded and middle - TOLD / 2 >= reached:
            reached = middle + TOLD / 2
            yield Label(f"{middle:.2f}%", duration(stretch.end - stretch.start), folded=True)
        elif not stretch.folded and stretch.width >= LABEL:
            yield Label(f"{stretch.x:.2f}%", clock(stretch.start, "s" if number == 0 else ""))
            yield from _within(stretch)


def _within(stretch: Stretch) -> Iterator[Label]:
    """More labels in a long stretch: how much later it is there."""
    length = (stretch.end - stretch.start).total_seconds()
    step = _round(length / 4)
    if length < 2 or stretch.width * step / length < LABEL:
        return
    for later in range(step, int(length), step):
        x = stretch.x + stretch.width * later / length
        if x + LABEL * LONGER <= stretch.x + stretch.width:
            yield Label(f"{x:.2f}%", _("+%d s") % later if later % 60 else _("+%s") % duration(later))


def _round(seconds: float) -> int:
    """A round number of seconds, minutes or hours that is not less."""
    steps = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 43200, 86400)
    return next((step for step in steps if step >= seconds), steps[-1])
