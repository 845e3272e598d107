"""Days and moments as they are written in the reader's language: "27 Nov 2026", in German "27. Nov 2026"."""

from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.translation import pgettext


def of_year(day: date) -> str:
    """27 Nov 2026."""
    return date_format(day, pgettext("a date", "j M Y"))


def of_month(day: date) -> str:
    """27 Nov."""
    return date_format(day, pgettext("a date", "j M"))


def number(day: date) -> str:
    """27, where month and year are said after it."""
    return date_format(day, pgettext("a date", "j"))


def minute(at: datetime) -> str:
    """27 Nov 2026, 14:33."""
    return date_format(at, pgettext("a date", "j M Y, H:i"))


def second(at: datetime) -> str:
    """27 Nov 2026, 14:33:02."""
    return date_format(at, pgettext("a date", "j M Y, H:i:s"))


def arriving(at: datetime) -> str:
    """Fri 27 Nov 2026, 14:33 CET."""
    return date_format(at, pgettext("a date", "D j M Y, H:i T"))
