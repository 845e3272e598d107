"""Holding a review for a while, so that others see that somebody is at it. It locks nothing, and ends by itself."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from audit.actors import person
from audit.clock_time import HandrailNow, now
from audit.ledger import record
from audit.models import User
from reviews import decisions
from reviews.models import Review

HELD = timedelta(minutes=5)
FREE = Q(claimed_by=None) | Q(claimed_until__lte=HandrailNow())
PLACED = ("group", "workflow", "step_run__step", "step_run__run__workflow", "step_run__run__version")


class CannotHold(Exception):
    """The review was left as it is: a sentence that says why."""


def held_by(review: Review, moment: datetime) -> User | None:
    """Who holds it at a moment."""
    holds = review.claimed_until is not None and review.claimed_until > moment
    return review.claimed_by if holds else None


@transaction.atomic
def claim(pk: int, *, by: User) -> Review:
    """Hold a review for five minutes; raises `CannotHold` while somebody else does, `CannotDecide` for who may not.

    Who holds it already holds it for longer, which the ledger is not told.
    """
    review = _open(pk)
    decisions.check_may_decide(review, by, afresh=True)
    until = now() + HELD
    mine = Review.objects.open().filter(pk=pk, claimed_by=by, claimed_until__gt=HandrailNow())
    if mine.update(claimed_until=until):
        return review
    if not Review.objects.open().filter(FREE, pk=pk).update(claimed_by=by, claimed_until=until):
        held = Review.objects.select_related("claimed_by").get(pk=pk)
        if not held.is_open:
            raise decisions.AlreadyDecided(held)
        raise CannotHold(_("%s holds this at the moment. You can decide all the same.") % held.claimed_by)
    _tell("review.claimed", review, by)
    return review


@transaction.atomic
def release(pk: int, *, by: User) -> Review:
    """Hold it no longer, and have it assigned to nobody where it was to oneself. Raises `CannotHold` for neither."""
    review = _open(pk)
    held = Review.objects.open().filter(pk=pk, claimed_by=by).update(claimed_by=None, claimed_until=None)
    named = Review.objects.open().filter(pk=pk, assigned_to=by).update(assigned_to=None)
    if not held and not named:
        raise CannotHold(_("You do not hold this, and it is not assigned to you."))
    _tell("review.released", review, by, assigned=bool(named))
    return review


def _open(pk: int) -> Review:
    review = Review.objects.select_related(*PLACED).get(pk=pk)
    if not review.is_open:
        raise decisions.AlreadyDecided(review)
    return review


def _tell(kind: str, review: Review, by: User, **body: object) -> None:
    told = {"title": review.title}
    version = review.version
    if kind == "review.claimed":
        record("review.claimed", review, actor=person(by), body=body, personal=told, object_version=version, wake=True)
    else:
        record("review.released", review, actor=person(by), body=body, personal=told, object_version=version, wake=True)
