"""Business time: how much of it lies between two moments, and the moment that lies so much of it away."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from reviews.when.hours import Hours
from reviews.when.tables import Calendar

STRETCH = timedelta(days=28)
YEAR = timedelta(days=366)
NOTHING = timedelta(0)


class NeverOpen(ValueError):
    """A calendar that is not open at all for a year: nothing is ever due by it."""


def add(calendar: Calendar | Hours, moment: datetime, minutes: int) -> datetime:
    """The first moment until which so many business minutes have gone by since `moment`."""
    hours, left, since = _hours(calendar), timedelta(minutes=minutes), moment.astimezone(UTC)
    last_open = since
    while left > NOTHING:
        for begin, end in hours.open_between(since, since + STRETCH):
            if end - begin >= left:
                return begin + left
            left, last_open = left - (end - begin), end
        since += STRETCH
        if since - last_open > YEAR:
            raise NeverOpen(str(calendar))
    return since


def before(calendar: Calendar | Hours, moment: datetime, minutes: int) -> datetime:
    """The last moment from which so many business minutes go by until `moment`."""
    hours, left, until = _hours(calendar), timedelta(minutes=minutes), moment.astimezone(UTC)
    last_open = until
    while left > NOTHING:
        for begin, end in reversed(list(hours.open_between(until - STRETCH, until))):
            if end - begin >= left:
                return end - left
            left, last_open = left - (end - begin), begin
        until -= STRETCH
        if last_open - until > YEAR:
            raise NeverOpen(str(calendar))
    return until


def between(calendar: Calendar | Hours, a: datetime, b: datetime) -> timedelta:
    """How much business time lies between two moments; less than nothing where `b` comes first."""
    if b < a:
        return -between(calendar, b, a)
    found = _hours(calendar).open_between(a, b)
    return sum((end - begin for begin, end in found), NOTHING)


def is_ever_open(calendar: Calendar | Hours, moment: datetime) -> bool:
    """Whether it is open at all in the year that begins then."""
    return any(_hours(calendar).open_between(moment, moment + YEAR))


def overlap(spans: tuple[tuple[int, int], ...]) -> bool:
    """Whether spans of one day overlap each other."""
    ends = sorted((opens, closes if closes > opens else closes + 24 * 60) for opens, closes in spans)
    return any(later[0] < earlier[1] for earlier, later in pairwise(ends))


def _hours(calendar: Calendar | Hours) -> Hours:
    return calendar if isinstance(calendar, Hours) else calendar.opening
