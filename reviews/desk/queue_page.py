"""The left side of the inbox: one page of a list, with what its tabs, its filters and its pager show."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models.fields.tuple_lookups import TupleGreaterThan, TupleLessThan
from django.utils.functional import cached_property
from django.utils.http import urlencode

from audit import at_once
from audit.models import User
from reviews.desk import finding, rows, tabs
from reviews.desk.filters import Filters
from reviews.desk.finding import Found
from reviews.desk.rows import Group, Row
from reviews.models import Review, ReviewQuerySet

SIZE = 30
MOST = 1000  # a badge counts no further
LONGEST_ID = 18  # digits
SIDES = ("after", "before")
LISTED = ("list", *Filters().__dataclass_fields__, *SIDES)  # what an address says of a list


@dataclass
class Queue:
    """One page of a list, for one reader."""

    user: User
    tab: str
    filters: Filters
    moment: datetime
    rows: list[Row] = field(default_factory=list)
    side: str = ""
    at: int | None = None
    newer: int | None = None
    older: int | None = None

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many each list has; no further than a badge counts. What is shown in the list is of the same queries."""
        return at_once.counts({tab: self.found(tab) for tab in tabs.TABS}, MOST)

    @property
    def waiting(self) -> int:
        """How many wait for this person, as far as they are asked for."""
        return self.counts[tabs.MINE]

    @property
    def count(self) -> int:
        """How many this list has; for what was found anywhere, how many are shown."""
        return self.counts.get(self.tab, len(self.rows))

    @cached_property
    def _open(self) -> Found:
        asked = finding.asked(self.user, text=self.filters.q, step=self.filters.step, state=finding.OPEN)
        return Found(asked)

    @cached_property
    def _any(self) -> Found:
        return Found(finding.asked(self.user, text=self.filters.q, step=self.filters.step))

    def found(self, tab: str) -> ReviewQuerySet:
        """What a list has, of what is asked for."""
        found = self.filters.on(tabs.of(tab, self.user, self.moment), self.user)
        if not self.filters.asks_index:
            return found
        if tab in tabs.IN_TIME:
            return self._open.within(found)
        return self._any.within(found) if tab == tabs.EVERY else self._any.looked_up(found)

    @property
    def listed(self) -> dict[str, str]:
        """What the address of this list says, without the page of it."""
        return {**({"list": self.tab} if self.tab != tabs.MINE else {}), **self.filters.place}

    @property
    def place(self) -> dict[str, str]:
        """What the address of this page of the list says."""
        return {**self.listed, **({self.side: str(self.at)} if self.at else {})}

    @property
    def query(self) -> str:
        """What a link carries to come back to this page of the list."""
        return f"?{urlencode(self.place)}" if self.place else ""

    @property
    def tabs(self) -> list[tuple[str, int, str]]:
        """Each list: its name, how many it has, and its address with the same filters."""
        made = {tab: {"list": tab} if tab != tabs.MINE else {} for tab in tabs.TABS}
        return [(tab, self.counts[tab], _query({**made[tab], **self.filters.place})) for tab in tabs.TABS]

    @property
    def newer_query(self) -> str:
        """The page in front, if there is one."""
        return _query({**self.listed, "before": str(self.newer)}) if self.newer else ""

    @property
    def older_query(self) -> str:
        """The page behind, if there is one."""
        return _query({**self.listed, "after": str(self.older)}) if self.older else ""

    @property
    def picks(self) -> bool:
        """Whether several of it can be chosen, to be decided together."""
        return self.tab == tabs.MINE

    @cached_property
    def groups(self) -> list[Group]:
        """The rows under their headings."""
        cut = {"cut_before": bool(self.newer), "cut_behind": bool(self.older)}
        return rows.groups(self.tab, self.rows, self.moment, **cut)


def _query(place: Mapping[str, str]) -> str:
    return f"?{urlencode(place)}" if place else "?"


def begun(user: User, asked: Mapping[str, str], moment: datetime) -> Queue:
    """The list that an address asks for, before any of it is read; what makes no sense in it is passed over."""
    filters, named = Filters.read(asked), asked.get("list", "")
    every = named == tabs.EVERY and bool(filters.place)
    return Queue(user, named if named in tabs.TABS or every else tabs.MINE, filters, moment)


def read(user: User, asked: Mapping[str, str], moment: datetime) -> Queue:
    """The page of the list that the address asks for."""
    queue = begun(user, asked, moment)
    side, at = _cursor(user, asked)
    found = list(rows.narrow(_page(queue, side, at), SIZE + 1))
    if at is not None and not found:  # all that stood there is decided by now
        side, at = "", None
        found = list(rows.narrow(_page(queue, side, at), SIZE + 1))
    _fill(queue, found, side, at)
    return queue


def beside(user: User, asked: Mapping[str, str], moment: datetime) -> Queue:
    """The list around an item that is shown alone. Its rows are read only where nothing else says which is next."""
    queue = begun(user, asked, moment)
    if queue.tab not in tabs.IN_TIME:
        return read(user, asked, moment)
    side, at = _cursor(user, asked)
    queue.side, queue.at = side, at.pk if at else None
    return queue


def neighbours(queue: Queue, review: Review) -> tuple[int | None, int | None]:
    """The items before and behind one, by the page shown, and by the database where the page ends."""
    keys = [row.review.pk for row in queue.rows]
    at = keys.index(review.pk) if review.pk in keys else None
    before = keys[at - 1] if at else None
    behind = keys[at + 1] if at is not None and at + 1 < len(keys) else None
    if queue.tab not in tabs.IN_TIME or (at is not None and not _at_edge(queue, at)):
        return before, behind
    place, found = (review.priority, review.due_at, review.pk), queue.found(queue.tab)
    sides = {"before": found.before(*place).reverse(), "behind": found.after(*place)}
    known = {"before": before, "behind": behind}
    known |= at_once.firsts({name: one for name, one in sides.items() if known[name] is None})
    return known["before"], known["behind"]


def following(queue: Queue, review: Review) -> int | None:
    """What to open once a review is decided: the next of its list, or else the first that waits there."""
    waiting = queue.found(queue.tab if queue.tab in tabs.IN_TIME else tabs.MINE)
    later = waiting.after(review.priority, review.due_at, review.pk).values_list("pk", flat=True).first()
    return later or waiting.exclude(pk=review.pk).values_list("pk", flat=True).first()


def _at_edge(queue: Queue, at: int) -> bool:
    return bool((at == 0 and queue.newer) or (at == len(queue.rows) - 1 and queue.older))


def number(text: str) -> int | None:
    """The number of an item in an address, if it is one."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST_ID else None


def _cursor(user: User, asked: Mapping[str, str]) -> tuple[str, Review | None]:
    """The side and the item that the page begins at; nothing for the first page."""
    for side in SIDES:
        if (pk := number(asked.get(side, ""))) is not None:
            known = Review.objects.seen_by(user).only("priority", "due_at", "decided_at")
            at = known.filter(pk=pk).first()
            return (side, at) if at else ("", None)
    return "", None


def _page(queue: Queue, side: str, at: Review | None) -> ReviewQuerySet:
    """The rows on one side of a place, nearest first."""
    found = queue.found(queue.tab)
    if at is None:
        return found
    if queue.tab == tabs.DONE:
        compare = TupleLessThan if side == "after" else TupleGreaterThan
        found = found.filter(compare(tabs.DECIDED_ORDER, (at.decided_at, at.pk))) if at.decided_at else found
    elif queue.tab in tabs.IN_TIME:
        place = (at.priority, at.due_at, at.pk)
        found = found.after(*place) if side == "after" else found.before(*place)
    else:
        found = found.filter(pk__lt=at.pk) if side == "after" else found.filter(pk__gt=at.pk)
    return found.reverse() if side == "before" else found


def _fill(queue: Queue, found: list[Review], side: str, at: Review | None) -> None:
    more, found = len(found) > SIZE, found[:SIZE]
    if not found:
        return
    if at is not None:
        queue.side, queue.at = side, at.pk
    if side == "before":
        found.reverse()
    if side == "after" or (side == "before" and more):
        queue.newer = found[0].pk
    if side == "before" or more:
        queue.older = found[-1].pk
    queue.rows = rows.drawn(found, queue.user, queue.moment)
