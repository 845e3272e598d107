"""The rows behind those that a page shows already: what a list asks for that grew short, and nothing else.

Where much is decided, every open page asks for them every few seconds. So they are read as plain values, in one
statement, and what a row shows is drawn once for all who see the same.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef
from django.db.models.fields.json import KeyTextTransform
from django.utils.http import urlencode

from audit.models import User
from reviews.desk import queue_page, rows, tabs
from reviews.desk.rows import Line
from reviews.models import Draft, Review, ReviewQuerySet
from reviews.states import ReviewStatus

MOST = 400  # rows at once
ITEM = ("pk", "title", "summary", "workflow__name", "tool", "confidence", "drafted", "due_at", "priority")
HOLDER = ("claimed_until", "claimed_by", *(f"claimed_by__{name}" for name in ("first_name", "last_name", "username")))


class Shown(NamedTuple):
    """One row: what it shows, at which moment, and under what it stands."""

    line: Line
    now: datetime
    heading: str


class Further(NamedTuple):
    """Rows by their headings, what their links carry, whether they can be chosen, and the address of what follows."""

    groups: list[tuple[str, list[Shown]]]
    query: str
    picks: bool
    older: str


def read(user: User, asked: Mapping[str, str], moment: datetime) -> Further | None:
    """So many rows behind the item named by `after`; None where the list has no such place."""
    queue = queue_page.begun(user, asked, moment)
    if queue.tab not in tabs.IN_TIME or (pk := queue_page.number(asked.get("after", ""))) is None:
        return None
    place = Review.objects.seen_by(user).filter(pk=pk).values_list("priority", "due_at", "pk").first()
    if place is None:
        return None
    size = _size(asked)
    found = list(_values(queue.found(queue.tab).after(*place), user)[: size + 1])
    shown = [_shown(values, user, moment) for values in found[:size]]
    groups = [(heading, list(held)) for heading, held in groupby(shown, key=lambda one: one.heading)]
    older = urlencode({**queue.listed, "after": str(shown[-1].line.pk)}) if len(found) > size else ""
    query = f"?{urlencode(queue.listed)}" if queue.listed else ""
    return Further(groups, query, queue.picks, f"?{older}" if older else "")


def _size(asked: Mapping[str, str]) -> int:
    wanted = queue_page.number(asked.get("some", "")) or 0
    return min(max(wanted, queue_page.SIZE), MOST)


def _values(found: ReviewQuerySet, user: User) -> Any:
    drafts = Draft.objects.filter(user=user, review=OuterRef("pk"))
    return found.annotate(tool=KeyTextTransform("tool", "content"), drafted=Exists(drafts)).values_list(*ITEM, *HOLDER)


def _shown(values: tuple[Any, ...], user: User, moment: datetime) -> Shown:
    pk, title, summary, workflow, tool, confidence, drafted, due_at, priority, *holder = values
    times, held = (due_at, None), _held(iter(holder), user, moment)
    said = (title, summary, workflow, rows.icon_of(tool))
    line = Line(pk, *said, ReviewStatus.OPEN.value, True, confidence, drafted, *times, *held)
    return Shown(line, rows.by_the_minute(due_at, moment), rows.heading_in_time(priority, due_at, moment))


def _held(holder: Iterator[Any], user: User, moment: datetime) -> tuple[str, bool]:
    """Who holds it, by name, and whether that is the reader."""
    until, pk, first, last, username = holder
    if until is None or until <= moment or pk is None:
        return "", False
    return f"{first} {last}".strip() or username, pk == user.pk
