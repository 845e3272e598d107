"""Places: a review that several people approve, one after the other, each at a place of their own group.

An approval fills the place that is asked; the review goes on to the next one, and stays open until all are filled.
Whoever changes the content empties those that were filled before. What lets the step act is the last approval alone,
and the database holds that all others stand, by other people and on the same bytes.
"""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.auth.models import Group

from audit import rows
from audit.actors import person
from audit.canonical import digest
from audit.ledger import record
from audit.models import User
from audit.moves import LostRace
from orchestration.scopes import opened, scope_of
from reviews import points
from reviews.models import Decision, Review
from reviews.states import ReviewStatus, Verdict

type Places = list[tuple[int, int]]  # numbers and groups, in their order


def of(review: Review) -> Places:
    """Those of a review; an older one has the one of its group."""
    return [(number, group) for number, group in review.places] or [(1, review.group_id)]


def standing(review: Review) -> list[Decision]:
    """The approvals that fill places of an open review, in the order of their places. No query where none is filled."""
    if not review.filled:
        return []
    found = review.decisions.standing().filter(verdict=Verdict.APPROVED).select_related("by").defer("content")
    return list(found.order_by("place"))


class Left(NamedTuple):
    """What an approval leaves: all places, those that are still empty, and what the question comes to anew."""

    every: Places
    empty: Places
    asked: points.Asked | None = None


def left(review: Review, content: dict[str, Any]) -> Left:
    """What is left once the place that is asked is filled with this content.

    Who has to approve is asked again where the content was changed; the answer may only become stricter.
    """
    if len(of(review)) < 2 and "then" not in review.step_run.step.review:
        return Left(of(review), [])
    section = points.section(review.step_run)
    if content == review.content:
        every, filled = of(review), {review.place, *(one.place for one in standing(review))}
        return Left(every, [place for place in every if place[0] not in filled])
    scope = opened(scope_of(review.run, review.step_run.frame), section)
    asked = points.ask(section, {**scope, "act": content, "output": content})
    every = _stricter(review, asked)
    return Left(every, [place for place in every if place[0] != review.place], asked)


def _stricter(review: Review, asked: points.Asked) -> Places:
    known = dict(of(review))
    new = [place for place in asked.places if place.number not in known]
    groups = dict(Group.objects.filter(name__in={place.group for place in new}).values_list("name", "pk"))
    return sorted({**known, **{place.number: groups[place.group] for place in new}}.items())


def fill(review: Review, left: Left, *, by: User, reason: str, content: dict[str, Any], moment: datetime) -> Decision:
    """Fill the place that is asked, and ask the next; in the caller's transaction, which holds the review."""
    changed = content != review.content
    receipt = _tell(review, left, by, reason, content, _empty(review, moment) if changed else [])
    decision = Decision(
        review=review,
        verdict=Verdict.APPROVED,
        by=by,
        at=moment,
        reason=reason,
        content=content,
        content_hash=digest(content),
        shown_hash=review.content_hash,
        edited=changed,
        place=review.place,
        receipt=receipt,
    )
    expected = {"version": review.version, "content_hash": review.content_hash, "status": ReviewStatus.OPEN}
    if not Review.objects.filter(pk=review.pk, **expected).update(**_next(review, left, content)):
        raise LostRace(f"Review {review.pk} is no longer as it was read.")
    rows.insert([decision])
    return decision


def _tell(review: Review, left: Left, by: User, reason: str, content: dict[str, Any], emptied: list[UUID]) -> UUID:
    """Write to the ledger that a place is filled: the receipt."""
    changed = content != review.content
    receipt = record(
        "review.filled",
        review,
        actor=person(by),
        body={
            "place": review.place,
            "of": [place for place, _ in left.every],
            "next": left.empty[0][0],
            "edited": changed,
            "emptied": [str(one) for one in emptied],
            "shown_hash": review.content_hash,
        },
        personal={"title": review.title, "reason": reason},
        exhibits={"content": content, **({"as_shown": review.content} if changed else {})},
        content_hash=digest(content),
        object_version=review.version,
        wake=True,
    )
    return receipt.event_id


def _next(review: Review, left: Left, content: dict[str, Any]) -> dict[str, Any]:
    """The review as it goes on: at the next place, and with what the content and the question have become."""
    number, group = left.empty[0]
    changed = content != review.content
    fields: dict[str, Any] = {
        "version": review.version + 1,
        "place": number,
        "group_id": group,
        "filled": 1 if changed else review.filled + 1,
        "places": [list(place) for place in left.every],
    }
    if changed:
        fields |= {"content": content, "content_hash": digest(content), "written": review.first_written}
    if left.asked is not None:
        title = left.asked.title or review.title
        fields |= {"title": title, "summary": left.asked.summary, "rule": left.asked.rule, "why": left.asked.why}
    return fields


def _empty(review: Review, moment: datetime) -> list[UUID]:
    """Empty the places that were filled; the receipts of the approvals that no longer stand."""
    filled = standing(review)
    review.decisions.standing().filter(pk__in=[one.pk for one in filled]).update(emptied_at=moment)
    return [one.receipt for one in filled]


def put(review: Review) -> str:
    """The hash of the content as the step put it: what it compares its act with."""
    return review.content_hash if review.written is None else digest(review.written)
