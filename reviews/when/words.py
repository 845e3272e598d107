"""What pages say of time at a review: when it is due and by whose hours, what the clock has done, and what comes."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from audit.models import User
from audit.templatetags.figures import clock, day
from orchestration.explain.groups import called
from orchestration.lapses import GO_ON, REJECT, STAY, goes_on
from reviews.models import Lapse, Review
from reviews.points import section
from reviews.states import ReviewStatus, Verdict
from reviews.when import course, seconds
from reviews.when.course import ESCALATE, REMIND

WEEK = timedelta(days=6)


class Told(NamedTuple):
    """One thing that the clock has done, or is to do: its icon, the words, and whether it is done."""

    drawn: str
    said: str
    done: bool


class Timing:
    """All that an item says of time to one reader."""

    def __init__(self, review: Review, reader: User) -> None:
        self.review, self.reader = review, reader

    @property
    def due(self) -> str:
        """When it is due, in the reader's zone, and by whose hours."""
        return due(self.review)

    @property
    def hours(self) -> str:
        """By whose hours alone, to stand beside how long is left."""
        return hours(self.review)

    @cached_property
    def acts(self) -> list[Told]:
        """What the clock has done about it and, while it is open, what it is to do."""
        return list(acts(self.review))

    @cached_property
    def agreement(self) -> seconds.Agreement | None:
        """The two answers of a question that two people were asked blindly, once both are there.

        Asked for only where there may be two: whoever looked at the second may know by then.
        """
        may = self.review.is_blind or self.review.status in (ReviewStatus.APPROVED, ReviewStatus.REJECTED)
        return seconds.agreement(self.review) if may and not self.review.is_open else None

    @cached_property
    def goes_on(self) -> bool:
        """Whether the clock let it go on as it was written."""
        if self.review.status != ReviewStatus.LAPSED:
            return False
        ended = Lapse.objects.filter(review=self.review).first()
        return ended is not None and goes_on(ended.outcome, section(self.review.step_run))

    @property
    def blind(self) -> str:
        """What a blind second reviewer is told; "" for anybody else."""
        if not self.review.is_blind:
            return ""
        if self.review.is_open and self.review.chosen_id == self.reader.pk:
            return _(
                "Somebody has decided this already, and you are not told how. Answer as you would. Nothing follows "
                "from it: it shows how far two people agree."
            )
        return _("A second, blind answer to a question that was decided before. Nothing follows from it.")

    @property
    def told_agreement(self) -> str:
        """The two answers in a sentence, or ""."""
        if (both := self.agreement) is None:
            return ""
        told = {
            "one": both.first.by,
            "first": _verdict(both.first.verdict),
            "other": both.second.by,
            "second": _verdict(both.second.verdict),
        }
        if both.agree:
            return _("%(one)s and, blindly, %(other)s answered alike: %(first)s.") % told
        return _("%(one)s said %(first)s, and %(other)s, asked blindly, said %(second)s.") % told


def due(review: Review) -> str:
    """When it is due, and by whose hours: "Due Monday 10:30, business hours of Berlin"."""
    told = {"at": moment(review.due_at), "hours": hours(review)}
    return _("Due %(at)s, %(hours)s") % told if told["hours"] else _("Due %(at)s") % told


def hours(review: Review) -> str:
    """By whose hours its time is reckoned; "" where by the clock alone."""
    return _("business hours of %s") % review.calendar.name if review.calendar is not None else ""


def moment(at: datetime) -> str:
    """A moment in the reader's zone: the time alone today, with the weekday in the week around, else with the day."""
    local, today = timezone.localtime(at), timezone.localdate()
    if local.date() == today:
        return clock(at)
    if abs(local.date() - today) <= WEEK:
        return f"{date_format(local, 'l')} {clock(at)}"
    return f"{day(at)}, {clock(at)}"


def acts(review: Review) -> Iterator[Told]:
    """What the clock has done about a review, and what it is to do while it is open."""
    for place, act in enumerate(review.course):
        done = place < review.timers_done
        if done or review.is_open:
            yield Told(_drawn(act), _done(act) if done else _coming(act), done)


def by_clock(review: Review) -> str:
    """How the clock ended a review; "" where it did not."""
    if review.status != ReviewStatus.LAPSED:
        return ""
    ended = Lapse.objects.filter(review=review).first()
    what = outcome(ended.outcome) if ended else ""
    told = {"at": moment(ended.at if ended else review.due_at), "what": what}
    return _("Nobody decided in time, so the clock ended it, at %(at)s: %(what)s.") % told


def outcome(name: str) -> str:
    """What a default outcome comes to, in a few words."""
    known = {REJECT: _("it is rejected"), STAY: _("it waits on"), GO_ON: _("it goes on as written, unapproved")}
    return known.get(name, name)


def _verdict(verdict: str) -> str:
    return str(Verdict(verdict).label)


def _drawn(act: dict[str, Any]) -> str:
    return {REMIND: "bell", ESCALATE: "users"}.get(act["do"], "timer-off")


def _coming(act: dict[str, Any]) -> str:
    told = {"at": moment(course.at(act))}
    if act["do"] == REMIND:
        return _("If nobody has decided by %(at)s, those who are asked are reminded.") % told
    if act["do"] == ESCALATE:
        return _("If nobody has decided by %(at)s, %(group)s are asked too.") % {**told, "group": called(act["name"])}
    if act["outcome"] == STAY:
        return _("If nobody has decided by %(at)s, it waits on, and the record says so.") % told
    return _("If nobody has decided by %(at)s: %(what)s, by the clock.") % {**told, "what": outcome(act["outcome"])}


def _done(act: dict[str, Any]) -> str:
    told = {"at": moment(course.at(act))}
    if act["do"] == REMIND:
        return _("Those who are asked were reminded (due %(at)s).") % told
    if act["do"] == ESCALATE:
        return _("%(group)s were asked too (due %(at)s).") % {**told, "group": called(act["name"])}
    return _("Nobody had decided in time (%(at)s): %(what)s.") % {**told, "what": outcome(act["outcome"])}
