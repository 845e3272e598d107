"""Sentences about one review: who decided it, and why this reader may not."""

from django.utils import timezone
from django.utils.translation import gettext as _

from audit.models import User
from audit.templatetags.figures import clock, day
from reviews import decisions
from reviews.models import Review


def why_not(review: Review, reader: User) -> str:
    """For somebody who may look at a review and not decide it; empty for one who may."""
    try:
        decisions.check_may_decide(review, reader)
    except decisions.OwnWork:
        return _("You started this run. Nobody decides on work of their own, so somebody else has to.")
    except decisions.NotAllowed:
        told = _("You may look at this, and not decide it. The group “%(group)s” decides here.")
        return told % {"group": review.group.name}
    return ""


def who_decided(review: Review, reader: User) -> str:
    """Who decided, when, and what."""
    if review.decided_by is None:
        return _("This needs no decision any more: %(what)s.") % _told(review)
    if review.decided_by_id == reader.pk:
        return _("You decided this, at %(at)s: %(what)s.") % _told(review)
    return _("Decided by %(who)s, at %(at)s: %(what)s.") % _told(review)


def who_was_first(review: Review, reader: User) -> str:
    """The same, for somebody whose own decision came too late."""
    if review.decided_by is None:
        return who_decided(review, reader)
    if review.decided_by_id == reader.pk:
        return _("You have already decided this, at %(at)s: %(what)s.") % _told(review)
    return _("Already decided by %(who)s, at %(at)s: %(what)s.") % _told(review)


def _told(review: Review) -> dict[str, object]:
    at = review.decided_at
    today = at is not None and timezone.localdate(at) == timezone.localdate()
    when = clock(at) if today else f"{clock(at)}, {day(at)}"
    return {"who": review.decided_by, "at": when, "what": review.get_status_display()}
