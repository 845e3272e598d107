"""Passing a review to somebody: a lead assigns it, one who may decide it forwards it. Each is an act of its own."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from audit.actors import person
from audit.ledger import record
from audit.models import User
from orchestration import rights
from orchestration.models import Workflow
from reviews import decisions, notices
from reviews.models import Review
from reviews.who import assigning
from reviews.who.holding import PLACED

MOST = 100  # reviews in one go


class CannotPass(Exception):
    """The review was left with whom it was: a sentence that says why."""


@dataclass(frozen=True, slots=True)
class Passed:
    """What became of one review of many."""

    pk: int
    title: str
    done: bool
    told: str


def leads(user: User, review: Review) -> bool:
    """Whether somebody may pass other people's reviews on: who manages the workflow."""
    return review.workflow_id in Workflow.objects.ids_allowed(user, "manage")


@transaction.atomic
def reassign(pk: int, to: User | None, *, by: User, was: int | None) -> Review:
    """Assign a review to somebody who may decide it, or to nobody; by who manages its workflow.

    `was` is to whom it was assigned as the page showed it. Raises `CannotPass`, `decisions.CannotDecide`.
    """
    review = _held(pk)
    if "manage" not in rights.afresh(by.pk, review.workflow_id).may:
        raise decisions.NotAllowed
    return _pass(review, to, by=by, was=was, kind="assigned")


@transaction.atomic
def forward(pk: int, to: User, *, by: User, was: int | None) -> Review:
    """Give a review to a colleague who may decide it, by one who may. Raises as `reassign`."""
    review = _held(pk)
    decisions.check_may_decide(review, by, afresh=True)
    if to.pk == by.pk:
        raise CannotPass(_("You would forward it to yourself. Hold it instead."))
    return _pass(review, to, by=by, was=was, kind="forwarded")


def reassign_many(asked: Sequence[tuple[int, int | None]], to: User | None, *, by: User) -> list[Passed]:
    """Assign many, each for itself: pairs of a review and of whom it was assigned to. A result for each."""
    titles = dict(Review.objects.filter(pk__in=[pk for pk, _was in asked[:MOST]]).values_list("pk", "title"))
    return [_one(pk, was, titles.get(pk, ""), to, by) for pk, was in asked[:MOST]]


def _one(pk: int, was: int | None, title: str, to: User | None, by: User) -> Passed:
    try:
        reassign(pk, to, by=by, was=was)
    except CannotPass as error:
        return Passed(pk, title, done=False, told=str(error))
    except decisions.AlreadyDecided:
        return Passed(pk, title, done=False, told=_("It has been decided meanwhile."))
    except (decisions.CannotDecide, Review.DoesNotExist):
        return Passed(pk, "", done=False, told=_("There is no such review that you may assign."))
    return Passed(pk, title, done=True, told=_("Assigned to %s.") % to if to else _("Assigned to nobody."))


def colleagues(review: Review, *, but: Iterable[int] = ()) -> list[User]:
    """Those who could decide a review themselves now, by name."""
    able = set(assigning.candidates(review)) - set(but)
    return list(User.objects.filter(pk__in=able).order_by("last_name", "first_name", "pk")[: MOST * 5])


def _held(pk: int) -> Review:
    review = Review.objects.select_for_update(of=("self",)).select_related(*PLACED).get(pk=pk)
    if not review.is_open:
        raise decisions.AlreadyDecided(review)
    return review


def _pass(review: Review, to: User | None, *, by: User, was: int | None, kind: str) -> Review:
    if review.assigned_to_id != was:
        raise CannotPass(_("It was assigned to somebody else meanwhile. It was left as it is: look again."))
    if to is not None:
        _check(review, to)
    fields: dict[str, Any] = {"assigned_to": to}
    if review.claimed_by_id not in (None, to.pk if to else None):
        fields |= {"claimed_by": None, "claimed_until": None}
    Review.objects.open().filter(pk=review.pk).update(**fields)
    body = {"assigned_to": to.pk if to else None, "was_assigned_to": was, "by": "person"}
    personal = {"title": review.title, "name": str(to or "")}
    told: dict[str, Any] = {"body": body, "personal": personal, "object_version": review.version, "wake": True}
    if kind == "forwarded":
        record("review.forwarded", review, actor=person(by), **told)
    elif to is None:
        record("review.unassigned", review, actor=person(by), **told)
    else:
        record("review.assigned", review, actor=person(by), **told)
    if to is not None:
        notices.tell("assigned", review, [to.pk], by=str(by))
    review.assigned_to = to
    return review


def _check(review: Review, to: User) -> None:
    try:
        decisions.check_may_decide(review, to, afresh=True)
    except decisions.OwnWork as error:
        raise CannotPass(_("It is work of %s, so somebody else has to decide it.") % to) from error
    except decisions.OwnPlace as error:
        raise CannotPass(_("%s has approved it already at another place.") % to) from error
    except decisions.NotAllowed as error:
        raise CannotPass(_("%s may not decide this.") % to) from error
