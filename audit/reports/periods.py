"""Periods of time as a report uses them: read from an address, in the reader's zone, with the one before."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from audit import dates

DAY = timedelta(days=1)
NAMED = {"today": 1, "7": 7, "30": 30}
CUSTOM = "custom"
OLDEST = date(2000, 1, 1)
UNITS = (("hour", 2), ("day", 62), ("week", 371))  # unit -> the most days that it is used for


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` up to but not including `end`; both in the reader's zone."""

    name: str
    start: datetime
    end: datetime

    @classmethod
    def read(cls, given: Mapping[str, str], moment: datetime) -> "Period":
        """The period that an address names: today, 7, 30, or custom with `from` and `to`."""
        today = timezone.localtime(moment).date()
        name = given.get("period", "today")
        if name != CUSTOM:
            name = name if name in NAMED else "today"
            return cls(name, midnight(today - (NAMED[name] - 1) * DAY), midnight(today + DAY))
        start = _moment(given.get("from", ""), today, last=False) or midnight(today - 6 * DAY)
        end = _moment(given.get("to", ""), today, last=True) or midnight(today + DAY)
        return cls(name, start, end) if start < end else cls(name, start, _later(start, 1))

    def before(self, moment: datetime) -> "Period":
        """As much time just before; while this one still runs, only up to the same point of it."""
        days = (self.end.date() - self.start.date()).days
        ends = min(self.end, timezone.localtime(moment))
        if self.whole_days:
            return Period("before", _later(self.start, -days), _later(ends, -days))
        span = _utc(self.end) - _utc(self.start)
        return Period("before", _local(_utc(self.start) - span), _local(_utc(ends) - span))

    @property
    def whole_days(self) -> bool:
        """Whether it begins and ends at midnight."""
        return self.start.time() == time.min and self.end.time() == time.min

    @property
    def days(self) -> float:
        """Its length."""
        return (_utc(self.end) - _utc(self.start)) / DAY

    @property
    def unit(self) -> str:
        """What one bar of a chart stands for: hour, day, week or month."""
        return next((unit for unit, most in UNITS if self.days <= most), "month")

    def bars(self, unit: str = "") -> list[datetime]:
        """The first moment of each bar, in order; the last bar ends with the period."""
        found = [self.start]
        while (following := _next(found[-1], unit or self.unit)) < self.end:
            found.append(following)
        return found

    def part(self, start: datetime, end: datetime | None = None) -> "Period":
        """One bar of it."""
        return replace(self, name=CUSTOM, start=start, end=min(end or _next(start, self.unit), self.end))

    @property
    def address(self) -> dict[str, str]:
        """What stands for it in an address."""
        if self.name in NAMED:
            return {} if self.name == "today" else {"period": self.name}
        if self.whole_days:
            until = (self.end - timedelta(microseconds=1)).date()
            return {"period": CUSTOM, "from": self.start.date().isoformat(), "to": until.isoformat()}
        return {"period": CUSTOM, "from": self.start.isoformat(), "to": self.end.isoformat()}

    @property
    def first_day(self) -> str:
        """For a date field."""
        return self.start.date().isoformat()

    @property
    def last_day(self) -> str:
        """For a date field."""
        return (self.end - timedelta(microseconds=1)).date().isoformat()

    def __str__(self) -> str:
        first, last = self.start.date(), (self.end - timedelta(microseconds=1)).date()
        if self.name == "today":
            return _("today")
        if self.whole_days:
            return _days(first, last)
        begins, ends = date_format(self.start, "H:i"), date_format(self.end, "H:i")
        if first == last:
            told = {"day": dates.of_month(first), "from": begins, "to": ends}
            return _("%(day)s until %(to)s") % told if begins == "00:00" else _("%(day)s, %(from)s to %(to)s") % told
        return _days(first, last)


def _days(first: date, last: date) -> str:
    if first == last:
        return dates.of_year(first)
    same_year, same_month = first.year == last.year, (first.year, first.month) == (last.year, last.month)
    begins = dates.number(first) if same_month else dates.of_month(first) if same_year else dates.of_year(first)
    return _("%(from)s to %(to)s") % {"from": begins, "to": dates.of_year(last)}


def midnight(day: date) -> datetime:
    """The first moment of a day, in the reader's zone."""
    return datetime.combine(day, time.min, timezone.get_current_timezone())


def _moment(text: str, today: date, *, last: bool) -> datetime | None:
    """A date or a moment, kept between the year 2000 and tomorrow; a last date means its end."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    if len(text) <= len("2026-11-22"):
        day = min(max(at.date(), OLDEST), today)
        return midnight(day + DAY if last else day)
    at = at if at.tzinfo else at.replace(tzinfo=timezone.get_current_timezone())
    return timezone.localtime(min(max(at, midnight(OLDEST)), midnight(today + DAY)))


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)


def _local(at: datetime) -> datetime:
    return timezone.localtime(at)


def _later(at: datetime, days: int) -> datetime:
    """So many days on, at the same time of day on the reader's clock."""
    return at + days * DAY


def _next(at: datetime, unit: str) -> datetime:
    match unit:
        case "hour":
            return _local(_utc(at) + timedelta(hours=1))
        case "day":
            return _later(at, 1)
        case "week":
            return _later(at, 7)
        case _:
            return (at.replace(day=1) + 32 * DAY).replace(day=1)
