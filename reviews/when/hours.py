"""When a place is open: spans of the wall clock by weekday, with days off, working days and public holidays.

A moment is open where the clock on the wall of its zone shows open time. So an hour that the clock shows twice counts
twice, and one that it skips does not count.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

DAY = timedelta(days=1)
MIDNIGHT = time()
MINUTES_OF_DAY = 24 * 60
MOMENT = timedelta(microseconds=1)

type Span = tuple[int, int]  # minutes from midnight; one that ends before it begins goes on into the next day
type Interval = tuple[datetime, datetime]


@dataclass(frozen=True)
class Hours:
    """The opening hours of a calendar. `weekdays` has seven lists of spans, Monday first."""

    zone: ZoneInfo
    weekdays: tuple[tuple[Span, ...], ...]
    country: str = ""
    region: str = ""
    off: frozenset[date] = frozenset()
    working: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)

    def of(self, day: date) -> tuple[Span, ...]:
        """The spans that begin on a day. A working day of one's own opens whatever else the day is."""
        if day in self.working:
            return self.working[day] or self.weekdays[day.weekday()] or self._usual
        if day in self.off or self.holiday(day):
            return ()
        return self.weekdays[day.weekday()]

    def holiday(self, day: date) -> str:
        """What public holiday a day is; "" where it is none."""
        return public(self.country, self.region, day.year).get(day, "") if self.country else ""

    @property
    def _usual(self) -> tuple[Span, ...]:
        return next((spans for spans in self.weekdays if spans), ())

    def open_between(self, since: datetime, until: datetime) -> Iterator[Interval]:
        """The intervals in which it is open, in their order and apart from each other, in UTC."""
        last: Interval | None = None
        for begin, end in self._pieces(since.astimezone(UTC), until.astimezone(UTC)):
            if last is not None and begin <= last[1]:
                last = last[0], max(last[1], end)
                continue
            if last is not None:
                yield last
            last = begin, end
        if last is not None:
            yield last

    def _pieces(self, since: datetime, until: datetime) -> Iterator[Interval]:
        for begin, end in _steady(self.zone, since, until):
            offset = _offset(self.zone, begin)
            wall = _naive(begin) + offset, _naive(end) + offset
            for opens, closes in self._on_the_wall(*wall):
                yield (opens - offset).replace(tzinfo=UTC), (closes - offset).replace(tzinfo=UTC)

    def _on_the_wall(self, since: datetime, until: datetime) -> Iterator[Interval]:
        """The open intervals between two readings of the wall clock, in their order; they may touch or overlap."""
        found = []
        day = since.date() - DAY  # a span of the day before may go on after midnight
        while day <= until.date():
            midnight = datetime.combine(day, MIDNIGHT)
            for opens, closes in self.of(day):
                length = closes - opens if closes > opens else closes - opens + MINUTES_OF_DAY
                begin = midnight + timedelta(minutes=opens)
                begin, end = max(begin, since), min(begin + timedelta(minutes=length), until)
                if begin < end:
                    found.append((begin, end))
            day += DAY
        yield from sorted(found)


@lru_cache(maxsize=512)
def public(country: str, region: str, year: int) -> Mapping[date, str]:
    """The public holidays of a year by their day; none where the library knows no such country or region."""
    try:
        found = holidays.country_holidays(country, subdiv=region or None, years=year)
    except NotImplementedError:
        return {}
    return {day: name for day, name in found.items() if day.year == year}


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    offset = moment.astimezone(zone).utcoffset()
    assert offset is not None
    return offset


def _naive(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None)


def _steady(zone: ZoneInfo, since: datetime, until: datetime) -> Iterator[Interval]:
    """A time in pieces of a day at the most, in each of which the zone keeps its distance from UTC."""
    while since < until:
        end = min(since + DAY, until)
        if _offset(zone, since) != _offset(zone, end - MOMENT):
            end = _changes(zone, since, end)
        yield since, end
        since = end


def _changes(zone: ZoneInfo, since: datetime, until: datetime) -> datetime:
    """The first moment at which the zone is no longer as far from UTC as at `since`."""
    was, low, high = _offset(zone, since), since, until - MOMENT
    while high - low > MOMENT:
        middle = low + (high - low) // 2
        low, high = (middle, high) if _offset(zone, middle) == was else (low, middle)
    return high
