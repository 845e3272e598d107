"""Asking a colleague: one who may decide asks, the colleague sees the item and answers. That decides nothing."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit.actors import person
from audit.canonical import clean
from audit.clock_time import HandrailNow
from audit.ledger import record
from audit.models import User
from orchestration.models import Workflow
from reviews import decisions, notices
from reviews.models import Opinion, Review
from reviews.who.holding import PLACED

LONGEST = 4000
MOST = 20  # colleagues that one review may ask


class CannotAsk(Exception):
    """Nobody was asked, or nothing was answered: a sentence that says why."""


@transaction.atomic
def ask(pk: int, whom: User, question: str, *, by: User) -> Opinion:
    """Ask a colleague who may see the workflow. Raises `CannotAsk`, `decisions.CannotDecide`."""
    review = Review.objects.select_related(*PLACED).get(pk=pk)
    if not review.is_open:
        raise decisions.AlreadyDecided(review)
    decisions.check_may_decide(review, by, afresh=True)
    if whom.pk == by.pk:
        raise CannotAsk(_("Ask somebody else than yourself."))
    if not whom.is_active or review.workflow_id not in Workflow.objects.ids_allowed(whom, "view"):
        raise CannotAsk(_("%s may not see this workflow.") % whom)
    if review.opinions.count() >= MOST:
        raise CannotAsk(_("So many were asked already that no more can be."))
    try:
        with transaction.atomic():
            made = Opinion.objects.create(review=review, by=by, asked=whom, question=_fit(question))
    except IntegrityError as error:
        raise CannotAsk(_("%s has been asked already, and has not answered yet.") % whom) from error
    personal = {"title": review.title, "name": str(whom), "question": made.question}
    body = {"asked": whom.pk, "opinion": made.pk}
    record("review.consulted", review, actor=person(by), body=body, personal=personal, wake=True)
    notices.tell("mentioned", review, [whom.pk], by=str(by), text=made.question)
    return made


@transaction.atomic
def answer(pk: int, text: str, *, by: User) -> Opinion:
    """Answer what one was asked, once. Raises `CannotAsk`."""
    made = Opinion.objects.select_for_update(of=("self",)).filter(pk=pk, asked=by).first()
    if made is None:
        raise CannotAsk(_("Nobody asks you this."))
    if not (said := _fit(text)):
        raise CannotAsk(_("Say what you think."))
    if not Opinion.objects.filter(pk=pk, answered_at=None).update(answer=said, answered_at=HandrailNow()):
        raise CannotAsk(_("You have answered this already."))
    review = Review.objects.select_related(*PLACED).get(pk=made.review_id)
    personal = {"title": review.title, "answer": said}
    record("review.advised", review, actor=person(by), body={"opinion": made.pk}, personal=personal, wake=True)
    notices.tell("mentioned", review, [made.by_id], by=str(by), text=said)
    made.answer = said
    return made


def of(review: Review) -> list[Opinion]:
    """What colleagues were asked about a review, and what they said."""
    return list(review.opinions.select_related("by", "asked")[:MOST])


def asked_of(user: User) -> list[Opinion]:
    """What this person is asked now, the oldest first."""
    found = Opinion.objects.filter(asked=user, answered_at=None, review__status="open")
    allowed = found.filter(review__workflow__in=Workflow.objects.ids_allowed(user, "view"))
    return list(allowed.select_related("by", "review__workflow").defer("review__content", "review__evidence")[:MOST])


def may_be_asked(review: Review, *, by: User) -> list[User]:
    """Those who may see the workflow, by name."""
    held = User.objects.filter(is_active=True).exclude(pk=by.pk)
    named = held.filter(workflowuserpermission__content_object=review.workflow_id)
    shared = held.filter(groups__workflowgrouppermission__content_object=review.workflow_id)
    found = held.filter(pk__in=named.values("pk")) | held.filter(pk__in=shared.values("pk"))
    return list(found.order_by("last_name", "first_name", "pk")[:500])


def _fit(text: str) -> str:
    said = str(clean(text.replace("\r\n", "\n"))[0]).strip()
    if len(said) > LONGEST:
        raise CannotAsk(_("That is longer than %d characters.") % LONGEST)
    return said
