"""The lists of the inbox: what I may decide, what others of mine are asked, what I watch, and what I decided today.

This is the one place that says who an item is for; the counts, the lists and the ways from item to item all ask here.
"""

from datetime import datetime, time
from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from audit.models import User
from orchestration.models import Workflow
from reviews.models import Decision, Review, ReviewQuerySet, Watch
from reviews.who.mine import acts_for

MINE, TEAM, WATCHING, DONE, EVERY = "mine", "team", "watching", "done", "every"
TABS = (MINE, TEAM, WATCHING, DONE)
IN_TIME = {MINE, TEAM}  # in the order in which they are due; the others begin with the newest
DECIDED_ORDER = (F("decided_at"), F("id"))


def of(tab: str, user: User, moment: datetime) -> ReviewQuerySet:
    """The items of a list, in its order."""
    match tab:
        case "team":
            return team(user).in_order()
        case "watching":
            return watching(user).order_by("-id")
        case "done":
            return Review.objects.decided_by(user, since=start_of_day(moment))
        case "every":
            return shown_to(user).order_by("-id")
    return mine(user).in_order()


def mine(user: User) -> ReviewQuerySet:
    """What this person may decide now, and nobody else is named for."""
    named = Q(assigned_to__isnull=True) | Q(assigned_to__in=[one.whom.person for one in acts_for(user)])
    return Review.objects.open_for(user).filter(named)


def shown_to(user: User) -> ReviewQuerySet:
    """What this person may look at; not what they are to answer blindly first, or may be, as somebody decided it."""
    return Review.objects.seen_by(user).unveiled(user)


def team(user: User) -> ReviewQuerySet:
    """What is asked of groups of theirs and is not theirs: work of their own, what they have approved, and what
    somebody else is named for.

    Each reason has an index of its own, so that what they may decide is never walked through for it.
    """
    asked = shown_to(user).open().filter(asked_groups__overlap=list(user.group_names))
    approved = Decision.objects.standing().filter(review=OuterRef("pk"), by=user)
    not_theirs: Any = Q(not_by__overlap=sorted(acts_for(user)[0].able.apart)) | (Q(filled__gt=0) & Exists(approved))
    not_theirs |= Q(assigned_to__isnull=False) & ~Q(assigned_to=user)
    decides, sees = (set(Workflow.objects.ids_allowed(user, may)) for may in ("decide", "view"))
    if looks_on := sees - decides:
        not_theirs |= Q(workflow__in=looks_on)
    return asked.filter(not_theirs)


def watching(user: User) -> ReviewQuerySet:
    """What they look on at, open or decided, as long as they may see it."""
    return shown_to(user).filter(pk__in=Watch.objects.filter(user=user).values("review"))


def start_of_day(moment: datetime) -> datetime:
    """Midnight of the reader's day."""
    zone = timezone.get_current_timezone()
    return datetime.combine(timezone.localtime(moment, zone).date(), time.min, tzinfo=zone)
