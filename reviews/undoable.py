"""A person's last decision, for as long as it can be taken back."""

import math
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from audit.clock_time import HandrailNow
from audit.models import User
from reviews.models import Decision
from reviews.states import Verdict


@dataclass(frozen=True, slots=True)
class Undoable:
    """What the toast shows: the seconds are the database's, and so is the last word."""

    review_id: int
    title: str
    text: str
    seconds: int
    of: int


def latest(user: User, moment: datetime) -> Undoable | None:
    """The newest decision of this person whose undo window is open."""
    standing = Decision.objects.filter(by=user, undone_at__isnull=True, undo_until__gt=HandrailNow())
    found = standing.select_related("review").order_by("-undo_until").first()
    if found is None or found.undo_until is None:
        return None
    approved = found.verdict == Verdict.APPROVED
    return Undoable(
        found.review_id,
        _("Approved") if approved else _("Rejected"),
        _("Carried out in {n} s") if approved else _("Final in {n} s"),
        math.ceil((found.undo_until - moment).total_seconds()),
        found.review.undo_seconds,
    )
