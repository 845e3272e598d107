"""Spreading: what is to be told becomes a notice for each person and channel, and a delivery for each hook, once.

Somebody for whom many questions wait is not sent a line for each: past `MOST_WAITING` of them over one channel, the
message says how many wait altogether.
"""

from collections import Counter
from datetime import datetime

from django.db import transaction
from django.db.models import Count

from audit.clock_time import HandrailNow, now
from audit.ticks import tick
from reviews.notices import asked, choosing, errands, links
from reviews.notices.choosing import ALWAYS_URGENT, URGENT, Reader
from reviews.reaching import OUTSIDE, Channel, Kind, Message, Notice, Told
from reviews.states import DECIDED
from reviews.webhooks import queueing

BATCH = 50
PLACED = ("review__workflow", "review__step_run__step", "review__run__version", "review__group")
OFTEN = frozenset({Kind.ASKED, Kind.DECIDED})
MOST_WAITING = 20
GATHERED = 500
MOST_IN_MESSAGE = 100


@tick("notices", every=1)
def look() -> None:
    """Let what was told be spread beside the clock's own work, which waits for nothing."""
    told = Told.objects.filter(due__lte=HandrailNow())
    if told.exists() or Notice.objects.filter(message=None, dropped_at=None, due__lte=HandrailNow()).exists():
        errands.run("notices-plan", plan)


def plan() -> int:
    """Spread what was told, and gather what is due into messages. Returns how many things were done."""
    done = 0
    while (some := spread()) or (some := gather()):
        done += some
    return done


@transaction.atomic
def spread() -> int:
    """Turn some of what was told into notices and deliveries. Returns how many were taken."""
    due = Told.objects.filter(due__lte=HandrailNow()).select_related(*PLACED).order_by("due", "pk")
    taken = list(due.select_for_update(of=("self",), skip_locked=True)[:BATCH])
    if not taken:
        return 0
    moment = now()
    for told in taken:
        if not _is_over(told):
            _notices(told, moment)
            if told.kind in OUTSIDE and told.review is not None:
                queueing.queue(told.review, told.kind, told.about)
    links.revoke(told.review_id for told in taken if told.review is not None and not told.review.is_open)
    Told.objects.filter(pk__in=[told.pk for told in taken]).delete()
    return len(taken)


def _is_over(told: Told) -> bool:
    """Whether it is no longer so: decided meanwhile, or the decision was taken back."""
    if told.review is None:
        return False
    if told.kind == Kind.DECIDED:
        return told.review.status not in DECIDED
    asked_since = told.about != str(told.review.version)  # somebody else is asked now, which was told as well
    return told.kind == Kind.ASKED and (not told.review.is_open or asked_since)


def _notices(told: Told, moment: datetime) -> None:
    users = told.users
    if users is None:
        users = asked.people(told.review) if told.review is not None else []
    urgent = told.kind in ALWAYS_URGENT or (told.review is not None and told.review.priority == URGENT)
    full = _full(users, told.kind) if told.kind in OFTEN else set()
    made = [
        Notice(
            user=reader.user,
            review=told.review,
            kind=told.kind,
            about=told.about,
            words=told.words,
            channel=channel,
            told_at=told.at,
            due=due,
        )
        for reader in choosing.readers(users)
        for channel, due in _ways(reader, told, moment, urgent)
        if (reader.user.pk, channel) not in full
    ]
    Notice.objects.bulk_create(made, ignore_conflicts=True, batch_size=1000)


def _ways(reader: Reader, told: Told, moment: datetime, urgent: bool) -> list[tuple[str, datetime]]:
    found = ((channel, reader.due(told.kind, channel, told.due, moment, urgent=urgent)) for channel in Channel.values)
    return [(channel, due) for channel, due in found if due is not None]


def _full(users: list[int], kind: str) -> set[tuple[int, str]]:
    """For whom enough of that kind waits over a channel already."""
    waiting = Notice.objects.filter(user__in=users, kind=kind, message=None, dropped_at=None)
    counted = waiting.values("user", "channel").annotate(n=Count("pk")).values_list("user", "channel", "n")
    return {(user, channel) for user, channel, n in counted if n >= MOST_WAITING}


@transaction.atomic
def gather() -> int:
    """Put what is due for one person over one channel into one message. Returns how many notices were taken."""
    due = Notice.objects.filter(message=None, dropped_at=None, due__lte=HandrailNow()).order_by("due", "pk")
    rows = list(due.select_for_update(of=("self",), skip_locked=True).values_list("pk", "user", "channel")[:GATHERED])
    messages: dict[tuple[int, str, int], Message] = {}
    counted: Counter[tuple[int, str]] = Counter()
    held: dict[tuple[int, str, int], list[int]] = {}
    for pk, user, channel in rows:
        place = (user, channel, counted[user, channel] // MOST_IN_MESSAGE)
        counted[user, channel] += 1
        messages.setdefault(place, Message(user_id=user, channel=channel))
        held.setdefault(place, []).append(pk)
    Message.objects.bulk_create(messages.values())
    for place, message in messages.items():
        Notice.objects.filter(pk__in=held[place]).update(message=message)
    return len(rows)
