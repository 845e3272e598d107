"""Whether somebody may decide a review: at one of its places, oneself or for somebody who is away."""

from typing import NamedTuple

from audit.models import User
from reviews import places
from reviews.models import Review
from reviews.refusals import NotAllowed, OwnPlace, OwnWork, TooNew
from reviews.who import holders, mine, own
from reviews.who.holders import Able, Holder
from reviews.who.seating import Asked


class Seat(NamedTuple):
    """As whom somebody decides: oneself, or for another; and what that one is known by."""

    able: Able
    whom: Holder


def seat(review: Review, user: User, *, afresh: bool = False) -> Seat:
    """As whom a person decides this review; `OwnWork`, `OwnPlace`, `TooNew` or `NotAllowed` where they may not.

    Whoever acts for somebody has to hold the right to decide here as well, and it must be work of neither.
    """
    if user.pk in review.not_by:
        raise OwnWork(own.whys(review.own_work, user.pk))
    asked = asked_now(review)
    can = _afresh(review, user, asked) if afresh else _remembered(review, user)
    mine_of = [one for one in can if asked.asks(*one.whom)]
    if not mine_of:
        raise NotAllowed
    free = [one for one in mine_of if one.able.both.isdisjoint(review.not_by)]
    if not free:
        raise OwnWork(own.whys(review.own_work, mine_of[0].whom.person), _called(mine_of[0].whom.person))
    filled = places.taken(places.standing(review))
    left = [one for one in free if one.able.both.isdisjoint(filled)]
    if not left:
        raise OwnPlace
    barred = filled.union(review.not_by)
    for one in left:
        if one.able.kin.isdisjoint(barred):
            return one
    raise TooNew(_called(min(left[0].able.kin & barred)))


def asked_now(review: Review) -> Asked:
    """Whom a review asks at this moment."""
    return Asked(frozenset(review.asked_groups), frozenset(review.asked_people), frozenset(review.asked_skilled))


def _remembered(review: Review, user: User) -> list[Seat]:
    """As whom one may decide on the workflow, as it is remembered for the length of a request."""
    if review.workflow_id not in mine.workflows(user):
        return []
    there = [one for one in mine.acts_for(user) if one.workflows is None or review.workflow_id in one.workflows]
    return [Seat(one.able, one.whom) for one in there]


def _afresh(review: Review, user: User, asked: Asked) -> list[Seat]:
    """The same at this very moment: one statement, two more where others are away and one is not asked oneself."""
    day = holders.today()
    known, some_away = holders.afresh([user.pk], review.workflow_id, day)
    if not known:
        return []
    found = [Seat(*known[0])]
    if asked.asks(*found[0].whom) or not some_away:
        return found
    now = holders.here_now(day)
    if others := holders.stood_for(user.pk, now.away):
        there, _some = holders.afresh(others, review.workflow_id, day)
        found += [Seat(now.able(user.pk, one.person), one) for _able, one in there]
    return found


def _called(person: int) -> str:
    found = User.objects.filter(pk=person).first()
    return str(found or "")
