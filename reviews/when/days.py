"""The next days of a calendar as they come out, for whoever sets it up."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from reviews.models import Calendar
from reviews.when.typed import shown_spans

SHOWN = 10


class Day(NamedTuple):
    """One day: which, its hours in words, and why it is closed or open where that is special."""

    day: date
    name: str
    hours: str
    why: str


def coming(row: Calendar, moment: datetime) -> list[Day]:
    """The next ten days, as the calendar's own zone counts them."""
    return list(_days(row, moment.astimezone(row.opening.zone).date()))


def _days(row: Calendar, first: date) -> Iterator[Day]:
    for place in range(SHOWN):
        day = first + timedelta(days=place)
        spans = row.opening.of(day)
        yield Day(day, date_format(day, "l"), shown_spans(spans) or _("closed"), _why(row, day))


def _why(row: Calendar, day: date) -> str:
    if day in row.opening.working:
        return _("a working day of its own")
    if day in row.opening.off:
        return str(row.off[day.isoformat()] or _("a day off of its own"))
    return row.opening.holiday(day)
