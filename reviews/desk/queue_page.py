"""The left side of the inbox: one page of what waits for a person, or of what they decided today, in groups."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from itertools import groupby

from django.db.models import F
from django.db.models.fields.json import KeyTextTransform
from django.db.models.fields.tuple_lookups import TupleGreaterThan, TupleLessThan
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from audit.models import User
from reviews.models import Draft, Review, ReviewQuerySet

SIZE = 30
MOST = 1000  # a badge counts no further
LONGEST_ID = 18  # digits
UNSURE = 0.65
HOUR = timedelta(hours=1)
DECIDED_ORDER = (F("decided_at"), F("id"))
DRAWN = {"email.send": "mail"}


@dataclass(frozen=True, slots=True)
class Row:
    """One item of the list: what it is drawn with, and whether the reader keeps a draft of it."""

    review: Review
    drawn: str
    drafted: bool

    @property
    def is_unsure(self) -> bool:
        """Whether the stated confidence is low."""
        return self.review.confidence is not None and self.review.confidence < UNSURE


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under one heading. `count` is None where the group goes on beyond the page."""

    title: str
    rows: list[Row]
    count: int | None


@dataclass(slots=True)
class Queue:
    """One page of the list, with what the tabs and the pager show."""

    tab: str
    place: dict[str, str]
    rows: list[Row] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    waiting: int = 0
    done: int = 0
    newer: int | None = None
    older: int | None = None

    @property
    def query(self) -> str:
        """What a link carries to come back to this page of the list."""
        return f"?{urlencode(self.place)}" if self.place else ""

    @property
    def newer_query(self) -> str:
        """The page in front, if there is one."""
        return self._beside("before", self.newer)

    @property
    def older_query(self) -> str:
        """The page behind, if there is one."""
        return self._beside("after", self.older)

    def _beside(self, side: str, pk: int | None) -> str:
        kept: dict[str, str | int] = {"list": "done"} if self.tab == "done" else {}
        return f"?{urlencode({**kept, side: pk})}" if pk else ""


def read(user: User, asked: Mapping[str, str], moment: datetime) -> Queue:
    """The page of the list that the address asks for; what makes no sense in it is passed over."""
    tab = "done" if asked.get("list") == "done" else "waiting"
    waiting = Review.objects.open_for(user)
    done = Review.objects.decided_by(user, since=start_of_day(moment))
    queue = Queue(tab, {"list": "done"} if tab == "done" else {})
    queue.waiting, queue.done = waiting[:MOST].count(), done[:MOST].count()
    side, at = _cursor(user, asked)
    found = done if tab == "done" else waiting
    rows = list(_narrow(_page(tab, found, side, at)))
    if at is not None and not rows:  # all that stood there is decided by now
        side, at = "", None
        rows = list(_narrow(_page(tab, found, side, at)))
    _fill(queue, user, rows, side, at)
    queue.groups = _groups(queue, moment)
    return queue


def start_of_day(moment: datetime) -> datetime:
    """Midnight of the reader's day."""
    zone = timezone.get_current_timezone()
    return datetime.combine(timezone.localtime(moment, zone).date(), time.min, tzinfo=zone)


def neighbours(user: User, queue: Queue, review: Review) -> tuple[int | None, int | None]:
    """The items before and behind one, by the page shown, and by the database where the page ends."""
    keys = [row.review.pk for row in queue.rows]
    at = keys.index(review.pk) if review.pk in keys else None
    before = keys[at - 1] if at else None
    behind = keys[at + 1] if at is not None and at + 1 < len(keys) else None
    if queue.tab == "done" or (at is not None and not _at_edge(queue, at)):
        return before, behind
    place = (review.priority, review.due_at, review.pk)
    waiting = Review.objects.open_for(user)
    if before is None:
        before = waiting.before(*place).in_order().reverse().values_list("pk", flat=True).first()
    if behind is None:
        behind = waiting.after(*place).in_order().values_list("pk", flat=True).first()
    return before, behind


def following(user: User, review: Review) -> int | None:
    """What to open once a review is decided: the next in order, or else the first that waits."""
    waiting = Review.objects.open_for(user).in_order()
    later = waiting.after(review.priority, review.due_at, review.pk).values_list("pk", flat=True).first()
    return later or waiting.values_list("pk", flat=True).first()


def _at_edge(queue: Queue, at: int) -> bool:
    return bool((at == 0 and queue.newer) or (at == len(queue.rows) - 1 and queue.older))


def _cursor(user: User, asked: Mapping[str, str]) -> tuple[str, Review | None]:
    """The side and the item that the page begins at; nothing for the first page."""
    for side in ("after", "before"):
        given = asked.get(side, "")
        if given.isascii() and given.isdecimal() and len(given) <= LONGEST_ID:
            known = Review.objects.seen_by(user).only("priority", "due_at", "decided_at")
            at = known.filter(pk=int(given)).first()
            return (side, at) if at else ("", None)
    return "", None


def _page(tab: str, found: ReviewQuerySet, side: str, at: Review | None) -> ReviewQuerySet:
    """The rows on one side of a place, nearest first."""
    found = found if tab == "done" else found.in_order()
    if at is None:
        return found
    if tab == "done":
        compare = TupleLessThan if side == "after" else TupleGreaterThan
        found = found.filter(compare(DECIDED_ORDER, (at.decided_at, at.pk))) if at.decided_at else found
    else:
        place = (at.priority, at.due_at, at.pk)
        found = found.after(*place) if side == "after" else found.before(*place)
    return found.reverse() if side == "before" else found


def _narrow(found: ReviewQuerySet) -> ReviewQuerySet:
    """One more than fits, and only what a row of the list shows: contents and evidence stay in the database."""
    shown = ("title", "summary", "status", "confidence", "priority", "due_at", "decided_at", "workflow__name")
    tool = KeyTextTransform("tool", "content")
    return found.select_related("workflow").only(*shown).annotate(tool=tool)[: SIZE + 1]


def _fill(queue: Queue, user: User, rows: list[Review], side: str, at: Review | None) -> None:
    more, rows = len(rows) > SIZE, rows[:SIZE]
    if not rows:
        return
    if at is not None:
        queue.place[side] = str(at.pk)
    if side == "before":
        rows.reverse()
    if side == "after" or (side == "before" and more):
        queue.newer = rows[0].pk
    if side == "before" or more:
        queue.older = rows[-1].pk
    queue.rows = _drawn(rows, user)


def _drawn(reviews: list[Review], user: User) -> list[Row]:
    drafts = Draft.objects.filter(user=user, review__in=[review.pk for review in reviews])
    kept = set(drafts.values_list("review_id", flat=True))
    return [Row(review, _drawing(review), review.pk in kept) for review in reviews]


def _drawing(review: Review) -> str:
    tool = str(getattr(review, "tool", None) or "")
    return DRAWN.get(tool.partition("@")[0], "file-text")


def _groups(queue: Queue, moment: datetime) -> list[Group]:
    if queue.tab == "done":
        whole = not queue.older and not queue.newer
        return [Group(_("Today"), queue.rows, len(queue.rows) if whole else None)] if queue.rows else []
    made: list[Group] = []
    for title, rows in groupby(queue.rows, key=lambda row: _heading(row.review, moment)):
        held = list(rows)
        cut = (queue.newer and not made) or (queue.older and held[-1] is queue.rows[-1])
        made.append(Group(title, held, None if cut else len(held)))
    return made


def _heading(review: Review, moment: datetime) -> str:
    """Groups follow the order of the list: what is urgent, then by the time that is left, then what can wait."""
    left = review.due_at - moment
    if review.priority == 0:
        return _("Urgent")
    if review.priority > 1:
        return _("Can wait")
    if left < timedelta(0):
        return _("Overdue")
    return _("Due within the hour") if left <= HOUR else _("Later")
