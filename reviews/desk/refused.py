"""Why something was not done, told to the one who tried: a status, a sentence, and their words kept."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.models import User
from audit.moves import IllegalMove, LostRace
from reviews import decisions, drafts
from reviews.desk import fields, said
from reviews.desk.fields import Field
from reviews.desk.item_page import Words
from reviews.desk.submissions import TooLong
from reviews.models import Review

FORBIDDEN, CONFLICT, NOT_FIT = 403, 409, 422
REFUSALS = (decisions.CannotDecide, IllegalMove, LostRace, TooLong)
UNFIT = (
    decisions.ReasonNeeded,
    TooLong,
    decisions.BadEdit,
    decisions.BadForm,
    decisions.BadOutcome,
    decisions.CannotGoBack,
)


def explain(error: Exception, words: Words, review: Review, reader: User, shown: dict[str, Any] | None) -> int:
    """Put into `words` what is to be said, and say with which status to answer."""
    if isinstance(error, UNFIT):
        return _unfit(error, words, review, shown or {})
    match error:
        case decisions.RuleSaysNo() | decisions.SignatureNeeded():
            words.refusal = str(error)
            return FORBIDDEN
        case decisions.NotAllowed():
            return FORBIDDEN
        case decisions.AlreadyDecided():
            words.refusal = said.who_was_first(error.review, reader)
            if words.reason:
                words.refusal += " " + _("Your reason is kept below.")
        case decisions.PlaceFilled():
            words.refusal = said.who_filled(error.decision, Review.objects.select_related("group").get(pk=review.pk))
        case decisions.Stale():
            words.refusal = _("This was changed since you opened it, so nothing was decided. Look again.")
            words.moved = _moved(review, reader, shown)
        case _:
            words.refusal = _("The run has moved on, so there is nothing to decide here any more.")
    return CONFLICT


def _never_back(error: decisions.CannotGoBack) -> str:
    if not error.times:
        return _("It cannot be sent back there, so nothing was decided.")
    told = ngettext(
        "It was sent back %d time, which is the most. Approve or reject it.",
        "It was sent back %d times, which is the most. Approve or reject it.",
        error.times,
    )
    return told % error.times


def _moved(review: Review, reader: User, shown: dict[str, Any] | None) -> list[Field]:
    """The fields that differ between what a page showed and what stands there now."""
    if shown is None:
        return []
    then = fields.describe(review, shown)
    now = fields.describe(review, drafts.standing(review, drafts.of(review, reader)))
    pairs = zip(then, now, strict=True)
    return [Field(a.name, a.schema, a.final, b.final) for a, b in pairs if a.final != b.final]


def _unfit(error: Exception, words: Words, review: Review, values: dict[str, Any]) -> int:
    """Something in the answer itself is not as it has to be: what, and where."""
    match error:
        case decisions.ReasonNeeded():
            words.reason_problem = _("Say why. The reason goes into the record.")
        case TooLong():
            words.reason_problem = str(error)
        case decisions.BadEdit():
            _bad_edit(error, words, review, values)
        case decisions.BadForm():
            words.form_problems = dict(error.problems)
            words.refusal = _("Nothing was decided yet: something in the form has to be put right.")
        case decisions.CannotGoBack():
            words.refusal = _never_back(error)
        case _:
            words.refusal = _("That outcome is not offered here, so nothing was decided.")
    return CONFLICT if isinstance(error, decisions.CannotGoBack) and error.times else NOT_FIT


def _bad_edit(error: decisions.BadEdit, words: Words, review: Review, values: dict[str, Any]) -> None:
    """An edit that could not be carried out: the fields stay open, each with what is wrong with it."""
    words.problems = words.problems or fields.in_words(review, values, error.problems)
    words.values = words.values or values
    words.texts = words.texts or fields.texts_of(review, values)
    words.editing = True
