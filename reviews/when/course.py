"""What the clock is to do about a review, worked out when it is opened: remind, ask others, end it.

Every one of these is a moment and an act. Where a calendar is named, all minutes are business minutes of it.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.utils.translation import gettext as _

from reviews.models import Calendar, Review
from reviews.when import business
from reviews.when.section import Default

REMIND, ESCALATE, END = "remind", "escalate", "end"
RANK = {REMIND: 0, ESCALATE: 1, END: 2}
SAMPLE = "sample"

type Course = list[dict[str, Any]]
type Reckon = Callable[[datetime, int], datetime]


def set_out(
    review: Review, section: dict[str, Any], question: dict[str, Any], due_minutes: int, moment: datetime
) -> Review:
    """The same review with all that it knows of time, and why it is asked at all."""
    review.asked_at = moment
    review.calendar = _calendar(section)
    after = _after(review.calendar)
    review.due_at = after(moment, due_minutes)
    review.course = _course(section, review, moment, after)
    review.timer_at = at(review.course[0]) if review.course else None
    if (made := question.get("only")) is not None:
        review.sampled = SAMPLE in made["by"]
        review.why = " ".join(filter(None, [review.why, why(made)]))
    return review


def told(review: Review, question: dict[str, Any]) -> dict[str, Any]:
    """What the ledger is told of it when the review is opened."""
    body: dict[str, Any] = {}
    if review.calendar is not None:
        body["hours"] = review.calendar.slug
    if review.course:
        body["clock"] = review.course
    if "only" in question:
        body["only"] = question["only"]
    return body


def why(made: dict[str, Any]) -> str:
    """Why a person is asked where the step says that one is asked sometimes: a sentence for them."""
    share = f"{made.get('sample', 0) * 100:g}"
    bar = f"{made.get('below', 0) * 100:g}"
    sentences = {
        "if": _("Its condition holds: %s.") % made.get("if", ""),
        "below": _("It is less sure than %s of 100, or nobody can tell how sure.") % bar,
        "effects": _("What it would do is among what is always looked at."),
        "untrusted": _("It would write outside the house after reading what others wrote."),
        "unknown": _("Whether anybody need be asked could not be worked out."),
        SAMPLE: _("It was picked at random: %s in 100 are looked at.") % share,
    }
    return " ".join(sentences[one] for one in made["by"] if one in sentences)


def _calendar(section: dict[str, Any]) -> Calendar | None:
    """The one that a section names. Of one that is gone all hours count: rather too early than too late."""
    return Calendar.objects.filter(slug=section["hours"]).first() if "hours" in section else None


def _after(calendar: Calendar | None) -> Reckon:
    def reckon(moment: datetime, minutes: int) -> datetime:
        if calendar is None:
            return moment + timedelta(minutes=minutes)
        try:
            return (business.add if minutes >= 0 else _back)(calendar, moment, abs(minutes))
        except business.NeverOpen:  # its hours were public holidays of a year alone, say
            return moment + timedelta(minutes=minutes)

    return reckon


def _back(calendar: Calendar, moment: datetime, minutes: int) -> datetime:
    return business.before(calendar, moment, minutes)


def _course(section: dict[str, Any], review: Review, moment: datetime, after: Reckon) -> Course:
    made: Course = []
    for minutes in section.get("reminders", []):
        before = after(review.due_at, -minutes)
        if before > moment:  # else it would come with the question itself
            made.append({"at": before.isoformat(), "do": REMIND, "minutes": minutes})
    later = section.get("escalate", [])
    groups = dict(Group.objects.filter(name__in={one["group"] for one in later}).values_list("name", "pk"))
    for one in (one for one in later if one["group"] in groups):  # a group that is gone keeps no question from its own
        entry = {"do": ESCALATE, "minutes": one["after"], "name": one["group"], "group": groups[one["group"]]}
        made.append({"at": after(review.due_at, one["after"]).isoformat(), **entry})
    if (default := Default.of(section)) is not None:
        last = after(review.due_at, default.after).isoformat()
        made.append({"at": last, "do": END, "minutes": default.after, "outcome": default.outcome})
    return sorted(made, key=lambda entry: (at(entry), RANK[entry["do"]]))


def at(entry: dict[str, Any]) -> datetime:
    """When it is to be done."""
    return datetime.fromisoformat(entry["at"])
