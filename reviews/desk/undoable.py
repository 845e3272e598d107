"""A person's last decision, for as long as it can be taken back."""

import math
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from audit.clock_time import HandrailNow
from audit.models import User
from orchestration import tools
from reviews.models import Decision
from reviews.states import Verdict

SHOWN = ("verdict", "content", "undo_until", "review__title", "review__undo_seconds")


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
    found = standing.select_related("review").only(*SHOWN).order_by("-undo_until").first()
    if found is None or found.undo_until is None:
        return None
    seconds = math.ceil((found.undo_until - moment).total_seconds())
    return Undoable(found.review_id, _title(found), _text(found), seconds, found.review.undo_seconds)


def _title(decision: Decision) -> str:
    said = {Verdict.APPROVED: _("Approved: %s"), Verdict.SENT_BACK: _("Sent back: %s")}
    return said.get(Verdict(decision.verdict), _("Rejected: %s")) % decision.review.title


def _text(decision: Decision) -> str:
    if decision.verdict == Verdict.REJECTED:
        return _("Final in {n} s")
    if decision.verdict == Verdict.SENT_BACK:
        return _("Goes back in {n} s")
    tool = tools.TOOLS.get(str(decision.content.get("tool", "")).partition("@")[0])
    return _("Goes out in {n} s") if tool and tool.leaves_house else _("Goes on in {n} s")
