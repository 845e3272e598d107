"""The rows of the inbox's list, with what each is drawn with, in groups by the time that is left."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.db.models.fields.json import KeyTextTransform
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.models import User
from reviews.desk import tabs
from reviews.models import UNSURE, Draft, Review, ReviewQuerySet
from reviews.who import holding

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
DRAWN = {"email.send": "mail"}


@dataclass(frozen=True, slots=True)
class Line:
    """What a row shows. Plain values: whoever reads the same line gets it from one drawing."""

    pk: int
    title: str
    summary: str
    workflow: str
    drawn: str
    status: str
    is_open: bool
    confidence: float | None
    is_drafted: bool
    due_at: datetime
    decided_at: datetime | None
    holder: str
    is_mine: bool

    @property
    def is_unsure(self) -> bool:
        """Whether the stated confidence is low."""
        return self.confidence is not None and self.confidence < UNSURE


@dataclass(frozen=True, slots=True)
class Row:
    """One item of the list: what it is drawn with, whether the reader keeps a draft of it, and who holds it."""

    review: Review
    drawn: str
    drafted: bool
    moment: datetime
    holder: str
    is_mine: bool

    @property
    def line(self) -> Line:
        """What is shown of it."""
        one = self.review
        name, said = one.workflow.name, (one.title, one.summary)
        drafted = self.drafted and one.is_open
        times = (one.due_at, one.decided_at)
        held = (self.holder, self.is_mine)
        return Line(one.pk, *said, name, self.drawn, one.status, one.is_open, one.confidence, drafted, *times, *held)

    @property
    def now(self) -> datetime:
        """A moment from which as much is left, in words, as is left now: the same for a minute, as the row is."""
        return by_the_minute(self.review.due_at, self.moment)


def by_the_minute(due_at: datetime, moment: datetime) -> datetime:
    """A moment near this one from which as many whole minutes are left."""
    left = due_at - moment
    whole = abs(left) // MINUTE * MINUTE
    return due_at - (whole if left > timedelta(0) else -whole) if whole else moment


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under one heading. `count` is None where the group goes on beyond the page."""

    title: str
    rows: list[Row]
    count: int | None


def narrow(found: ReviewQuerySet, size: int) -> ReviewQuerySet:
    """So many, and only what a row of the list shows: contents and evidence stay in the database."""
    shown = ("title", "summary", "status", "confidence", "priority", "due_at", "decided_at", "run_id", "workflow__name")
    holder = ("claimed_until", *(f"claimed_by__{name}" for name in ("username", "first_name", "last_name")))
    tool = KeyTextTransform("tool", "content")
    return found.select_related("workflow", "claimed_by").only(*shown, *holder).annotate(tool=tool)[:size]


def drawn(reviews: list[Review], user: User, moment: datetime) -> list[Row]:
    """The rows of these reviews, as they are at a moment: one query."""
    drafts = Draft.objects.filter(user=user, review__in=[review.pk for review in reviews])
    kept = set(drafts.values_list("review_id", flat=True))
    return [_row(review, user, moment, is_drafted=review.pk in kept) for review in reviews]


def _row(review: Review, user: User, moment: datetime, *, is_drafted: bool) -> Row:
    holder = holding.held_by(review, moment) if review.is_open else None
    return Row(review, _drawing(review), is_drafted, moment, str(holder or ""), holder == user)


def _drawing(review: Review) -> str:
    return icon_of(getattr(review, "tool", None))


def icon_of(tool: str | None) -> str:
    """What is drawn for an item that asks about a call of that tool, or about none."""
    return DRAWN.get((tool or "").partition("@")[0], "file-text")


def groups(tab: str, rows: list[Row], moment: datetime, *, cut_before: bool, cut_behind: bool) -> list[Group]:
    """The rows under headings; a group that goes on beyond the page has no count."""
    made: list[Group] = []
    for title, held in groupby(rows, key=lambda row: _heading(tab, row.review, moment)):
        found = list(held)
        cut = (cut_before and not made) or (cut_behind and found[-1] is rows[-1])
        made.append(Group(title, found, None if cut else len(found)))
    return made


def _heading(tab: str, review: Review, moment: datetime) -> str:
    """Groups follow the order of the list: what is urgent, then by the time that is left, then what can wait."""
    if tab == tabs.DONE:
        return _("Today")
    if tab not in tabs.IN_TIME:
        return _("Waiting") if review.is_open else _("Decided")
    return heading_in_time(review.priority, review.due_at, moment)


def heading_in_time(priority: int, due_at: datetime, moment: datetime) -> str:
    """Under what an item stands in a list by the time that is left."""
    if priority == 0:
        return _("Urgent")
    if priority > 1:
        return _("Can wait")
    left = due_at - moment
    if left < timedelta(0):
        return _("Overdue")
    return _("Due within the hour") if left <= HOUR else _day(due_at, moment)


def _day(due: datetime, moment: datetime) -> str:
    day, today = timezone.localdate(due), timezone.localdate(moment)
    if day == today:
        return _("Due today")
    return _("Due tomorrow") if day == today + DAY else _("Later")
