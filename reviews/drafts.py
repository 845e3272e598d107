"""Drafts: what somebody has edited and not sent. A draft is kept as it would be carried out, or not at all."""

from typing import Any

from audit.clock_time import HandrailNow
from audit.models import User
from reviews import decisions
from reviews.desk.fields import Posted
from reviews.models import Draft, Review


def of(review: Review, user: User) -> Draft | None:
    """What this person keeps of a review."""
    return Draft.objects.filter(review=review, user=user).first()


def standing(review: Review, draft: Draft | None) -> dict[str, Any]:
    """The arguments that an approval would carry out now: a kept edit, or what was written."""
    written = review.arguments
    kept = draft.arguments if draft else {}
    return dict(kept) if kept and set(kept) == set(written) else written


def keep(review: Review, posted: Posted, *, by: User) -> bool:
    """Keep an edit, and the reason beside it as it is. False when it changes nothing; then none is kept."""
    decisions.check_may_decide(review, by)
    if not review.is_open:
        raise decisions.AlreadyDecided(review)
    if posted.problems:
        raise decisions.BadEdit(list(posted.problems.items()))
    content = decisions.edited_content(review, posted.values)
    edit = dict(content.get("arguments", content))
    changed = edit != review.arguments
    values = {"arguments": edit if changed else {}, "updated_at": HandrailNow()}
    Draft.objects.update_or_create(review=review, user=by, defaults=values)
    return changed


def keep_reason(review: Review, reason: str, *, by: User) -> None:
    """Keep a reason that is being typed; none at all where there is nothing left to keep."""
    decisions.check_may_decide(review, by)
    if not review.is_open:
        raise decisions.AlreadyDecided(review)
    if reason:
        values = {"reason": reason, "updated_at": HandrailNow()}
        Draft.objects.update_or_create(review=review, user=by, defaults=values)
        return
    kept = Draft.objects.filter(review=review, user=by)
    kept.filter(arguments={}).delete()
    kept.update(reason="")
