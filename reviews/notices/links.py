"""Links in messages: each for one person, one review and one purpose, with an end. Opening one decides nothing.

The token stands in the message alone; here its SHA-256 is kept. It opens the page for whoever is signed in as that
person, as often as they like, until the review is over or they have decided.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Q

from audit.clock_time import HandrailNow, now
from audit.models import User
from reviews.models import Review
from reviews.reaching import Link

DECIDE = "decide"
GOOD_FOR = timedelta(days=7)
LENGTH = 43  # characters of a token: 256 bits
PURPOSES = {DECIDE}


class Opened(NamedTuple):
    """A link as its person finds it: `ended` says why it is good no longer."""

    link: Link
    ended: str


def make(user: User, reviews: Iterable[Review], moment: datetime) -> dict[int, str]:
    """New tokens for these reviews, by their ids."""
    tokens = {review.pk: secrets.token_urlsafe(32) for review in reviews}
    Link.objects.bulk_create(
        Link(token_hash=hashed(token), user=user, review_id=pk, purpose=DECIDE, expires_at=moment + GOOD_FOR)
        for pk, token in tokens.items()
    )
    return tokens


def hashed(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def open_for(user: User, token: str) -> Opened | None:
    """What a token opens for somebody; None for a token that there is not, or that is another person's."""
    wanted = hashed(token)
    found = Link.objects.filter(token_hash=wanted).select_related("review").first()
    kept, whose = (found.token_hash, found.user_id) if found else (hashed(""), 0)
    same = hmac.compare_digest(kept.encode(), wanted.encode())
    if found is None or not same or whose != user.pk or found.purpose not in PURPOSES:
        return None
    return Opened(found, _ended(found))


def _ended(link: Link) -> str:
    if link.used_at is not None:
        return "used"
    if not link.review.is_open:
        return "over"
    if link.revoked_at is not None:
        return "revoked"
    return "expired" if link.expires_at <= now() else ""


def use_up(link: Link) -> None:
    """It has done what it was for: their decision is taken."""
    Link.objects.filter(user=link.user_id, review=link.review_id, used_at=None).update(used_at=HandrailNow())


def revoke(reviews: Iterable[int | None]) -> int:
    """End all links of reviews that are over."""
    ids = [pk for pk in reviews if pk is not None]
    if not ids:
        return 0
    return Link.objects.filter(review__in=ids, revoked_at=None).update(revoked_at=HandrailNow())


def forget(before: datetime, most: int) -> int:
    """Forget links that ended before that moment, at most so many."""
    over = Link.objects.filter(Q(expires_at__lt=before)).values_list("pk", flat=True)[:most]
    return Link.objects.filter(pk__in=list(over)).delete()[0]
