"""Sentences about one review: who decided it, and why this reader may not."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from audit.models import User
from audit.templatetags.figures import clock, day
from reviews import decisions
from reviews.models import Decision, Review
from reviews.when import words
from reviews.who import told


def why_not(review: Review, reader: User) -> str:
    """For somebody who may look at a review and not decide it; empty for one who may."""
    try:
        decisions.check_may_decide(review, reader)
    except decisions.OwnWork as error:
        return told.own_work(error.whys, error.whose)
    except decisions.OwnPlace:
        return _("You have approved this. Now somebody else has to: nobody fills two places.")
    except decisions.TooNew as error:
        return told.too_new(error.whose)
    except decisions.NotAllowed:
        sentence = _("You may look at this, and not decide it. Here decides: %(who)s.")
        return sentence % {"who": told.waits_for(review)}
    return ""


def who_decided(review: Review, reader: User) -> str:
    """Who decided, when, and what."""
    if by_clock := words.by_clock(review):
        return by_clock
    if review.decided_by is None:
        return _("This needs no decision any more: %(what)s.") % _told(review)
    if review.decided_by_id == reader.pk:
        return _("You decided this, at %(at)s: %(what)s.") % _told(review)
    return _("Decided by %(who)s, at %(at)s: %(what)s.") % _told(review)


def who_filled(decision: Decision, review: Review) -> str:
    """Who approved at the place that a page showed, before the reader's own decision came."""
    words = {"who": decision.by, "at": _when(decision.at), "group": told.waits_for(review)}
    if review.written is not None and decision.edited:
        return _("%(who)s changed and approved this at %(at)s. Now it is put to: %(group)s.") % words
    return _("%(who)s approved this at %(at)s. Now it is put to: %(group)s.") % words


def who_was_first(review: Review, reader: User) -> str:
    """The same, for somebody whose own decision came too late."""
    if review.decided_by is None:
        return who_decided(review, reader)
    if review.decided_by_id == reader.pk:
        return _("You have already decided this, at %(at)s: %(what)s.") % _told(review)
    return _("Already decided by %(who)s, at %(at)s: %(what)s.") % _told(review)


def _told(review: Review) -> dict[str, object]:
    return {"who": review.decided_by, "at": _when(review.decided_at), "what": review.get_status_display()}


def _when(at: datetime | None) -> str:
    today = at is not None and timezone.localdate(at) == timezone.localdate()
    return clock(at) if today else f"{clock(at)}, {day(at)}"
