"""Hours and days as somebody types them, and as a form shows them again."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from reviews.when.business import overlap
from reviews.when.hours import Span

SPAN = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*[-\u2013\u2014]\s*(\d{1,2})(?:[:.](\d{2}))?")
MOST_SPANS = 6
MOST_DAYS = 400
LONGEST_NOTE = 80
END_OF_DAY = 24 * 60


class NotRead(ValueError):
    """What was typed cannot be read, in a sentence for whoever typed it."""


def spans(text: str) -> list[list[int]]:
    """`09:00-12:30, 13-17` as minutes from midnight; nothing typed: closed."""
    made = [_span(part.strip()) for part in re.split(r"[,;]", text) if part.strip()]
    if len(made) > MOST_SPANS:
        raise NotRead(_("At most %d spans in a day.") % MOST_SPANS)
    if overlap(tuple(made)):
        raise NotRead(_("These spans overlap: %s") % text[:60])
    return [list(span) for span in sorted(made)]


def _span(text: str) -> Span:
    found = SPAN.fullmatch(text)
    if found is None:
        raise NotRead(_("“%s” is no span of time. Write it like 09:00-17:00.") % text[:40])
    hour, minute, last_hour, last_minute = (int(part or 0) for part in found.groups())
    opens, closes = hour * 60 + minute, last_hour * 60 + last_minute
    if minute > 59 or last_minute > 59 or opens >= END_OF_DAY or closes > END_OF_DAY:
        raise NotRead(_("“%s” is no time of day.") % text[:40])
    if opens == closes:
        raise NotRead(_("“%s” begins when it ends. For the whole day write 00:00-24:00.") % text[:40])
    return opens, closes


def days_off(text: str) -> dict[str, str]:
    """A day in each line, and after it what it is called."""
    made: dict[str, str] = {}
    for day, rest in _lines(text):
        made[day] = rest[:LONGEST_NOTE]
    return made


def working_days(text: str) -> dict[str, list[list[int]]]:
    """A day in each line, and after it its hours; none: the usual ones."""
    return {day: spans(rest) for day, rest in _lines(text)}


def _lines(text: str) -> Iterable[tuple[str, str]]:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > MOST_DAYS:
        raise NotRead(_("At most %d days.") % MOST_DAYS)
    for line in lines:
        first, _gap, rest = line.partition(" ")
        try:
            yield date.fromisoformat(first).isoformat(), rest.strip()
        except ValueError:
            raise NotRead(_("“%s” does not begin with a day. Write it like 2026-12-24.") % line[:40]) from None


def shown_spans(held: Iterable[Iterable[int]]) -> str:
    """Spans as one types them."""
    return ", ".join(f"{_time(opens)}-{_time(closes)}" for opens, closes in held)


def shown_days(held: dict[str, Any]) -> str:
    """Days as one types them, in their order."""
    rest = {day: shown_spans(value) if isinstance(value, list) else str(value) for day, value in held.items()}
    return "\n".join(f"{day} {rest[day]}".strip() for day in sorted(held))


def _time(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
