"""Places: a review that several people approve, in order or side by side, each at a place of their own.

An approval fills a place; the review stays open until so many are filled as are needed, and asks those whose places are
still empty. Whoever changes the content empties those that were filled before. What lets the step act is the last
approval alone, and the database holds that all others stand, by other people and on the same bytes.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from audit import rows
from audit.actors import Actor, person
from audit.canonical import digest
from audit.ledger import record
from audit.models import User
from audit.moves import LostRace
from orchestration.scopes import opened, scope_of
from orchestration.ways import OUTCOME
from reviews import notices, points
from reviews.asking import answering, changes
from reviews.models import Decision, Review
from reviews.states import ReviewStatus, Verdict
from reviews.who import holders, resolving, seating
from reviews.who.holders import Able, Holder
from reviews.who.seating import Place


def of(review: Review) -> list[Place]:
    """Those of a review; an older one has the one of its group."""
    return [Place.read(one) for one in review.places] or [Place(1, (review.group_id,))]


def standing(review: Review) -> list[Decision]:
    """The approvals that fill places of an open review, in the order of their places. No query where none is filled."""
    if not review.filled:
        return []
    found = review.decisions.standing().filter(verdict=Verdict.APPROVED)
    return list(found.select_related("by", "stands_for").defer("content").order_by("place"))


def taken(decisions: Collection[Decision]) -> frozenset[int]:
    """The people who may fill no other place: who approved, and for whom they did."""
    return frozenset(pk for one in decisions for pk in (one.by_id, one.stands_for_id) if pk)


def empty(review: Review) -> list[Place]:
    """Those that nobody has filled."""
    filled = {one.place for one in standing(review)}
    return [place for place in of(review) if place.number not in filled]


def asking(review: Review, left: Sequence[Place] | None = None) -> list[Place]:
    """Those that are asked now: all that are empty where they are filled side by side, else the next in order."""
    left = empty(review) if left is None else left
    return list(left) if review.side_by_side else [place for place in left if place.number == review.place]


def seat(review: Review, able: Able, whom: Holder) -> int:
    """The number of the place that somebody fills, of those that ask them.

    Side by side it is the one that leaves the others to other people; where none does, the first.
    """
    if not review.side_by_side:
        return review.place
    left = empty(review)
    mine = [one for one in left if seating.asked([one]).asks(whom.person, whom.groups, whom.skills)]
    if len(mine) < 2:
        return (mine or left)[0].number
    others = able_for_each(review, left, without=able.apart)
    for place in mine:
        if seating.assigned_apart([people for one, people in zip(left, others, strict=True) if one != place]):
            return place.number
    few = {one.number: len(people) for one, people in zip(left, others, strict=True)}
    return min(mine, key=lambda one: (few[one.number], one.number)).number


def able_for_each(review: Review, left: Sequence[Place], *, without: Collection[int] = ()) -> list[frozenset[int]]:
    """Who could fill each of these places now."""
    barred = {*review.not_by, *taken(standing(review)), *without}
    here = holders.present(holders.holders(review.workflow_id), holders.here())
    free = [(able, whom) for able, whom in here if able.apart.isdisjoint(barred)]
    return [
        frozenset(able.person for able, whom in free if asked.asks(whom.person, whom.groups, whom.skills))
        for asked in (seating.asked([place]) for place in left)
    ]


class Left(NamedTuple):
    """What an approval leaves: all places, those that are still empty, how many are needed, and the question anew.

    `done`: so many are filled as are needed, so that this approval is the last.
    """

    every: list[Place]
    empty: list[Place]
    needed: int
    done: bool
    asked: points.Asked | None = None


def left(review: Review, content: dict[str, Any], place: int) -> Left:
    """What is left once a place is filled with this content.

    Who has to approve is asked again where the content was changed; the answer may only become stricter.
    """
    every = of(review)
    if content == review.content:
        return _left(review, every, {place, *(one.place for one in standing(review))}, review.needed)
    if len(every) < 2 and not any(name in review.step_run.step.review for name in ("then", "who")):
        return _left(review, every, {place}, review.needed)
    section = points.section(review.step_run)
    scope = opened(scope_of(review.run, review.step_run.frame), section)
    asked = points.ask(section, {**scope, "act": content, "output": content})
    anew = seating.stricter(every, resolving.resolve(asked.places, review.workflow))
    return _left(review, anew, {place}, needed(review, anew, asked), asked)


def needed(review: Review, every: Sequence[Place], asked: points.Asked) -> int:
    """How many of the places have to be filled once they are asked anew: never fewer than before."""
    must = sum(place.must for place in every) - sum(place.must for place in of(review))
    if asked.needed == len(asked.places):
        return len(every)
    return min(max(review.needed + max(must, 0), asked.needed), len(every))


def _left(review: Review, every: list[Place], filled: set[int], needs: int, asked: points.Asked | None = None) -> Left:
    still = [place for place in every if place.number not in filled]
    done = len(filled) >= needs and not any(place.must for place in still)
    return Left(every, still, needs, done, asked)


def next_of(review: Review, left: Left, *, without: Collection[int] = ()) -> Place:
    """The place that is asked next: the first, or in order the first that somebody can fill where enough are left."""
    spare = len(left.every) - left.needed
    if spare <= 0 or review.side_by_side or len(left.empty) < 2:
        return left.empty[0]
    barred = {*review.not_by, *without}
    here = holders.present(holders.holders(review.workflow_id), holders.here())
    for place in left.empty[: spare + 1]:
        asked = seating.asked([place])
        if any(asked.asks(one.person, one.groups, one.skills) for able, one in here if able.apart.isdisjoint(barred)):
            return place
    return left.empty[0]


class Answer(NamedTuple):
    """An approval that fills a place: who gives it, as whom, at which place, and of what."""

    seat: int
    able: Able
    by: User
    reason: str
    content: dict[str, Any]
    moment: datetime
    signed: dict[str, Any] | None = None


def fill(review: Review, left: Left, answer: Answer) -> Decision:
    """Fill a place, and ask those that are left; in the caller's transaction, which holds the review."""
    content, able = answer.content, answer.able
    changed = content != review.content
    stay = [] if changed else standing(review)
    following = next_of(review, left, without=taken(stay) | able.apart)
    receipt = _tell(review, left, following, answer, _empty(review, answer.moment, changed))
    decision = Decision(
        review=review,
        verdict=Verdict.APPROVED,
        by=answer.by,
        at=answer.moment,
        reason=answer.reason,
        content=content,
        content_hash=digest(content),
        shown_hash=review.content_hash,
        edited=bool(edits := _edits(review, content)),
        changes=edits,
        outcome=str(content.get(OUTCOME, "")) if _is_answer(review) else "",
        place=answer.seat,
        stands_for_id=able.stands_for,
        signature=answer.signed,
        receipt=receipt,
    )
    expected = {"version": review.version, "content_hash": review.content_hash, "status": ReviewStatus.OPEN}
    if not Review.objects.filter(pk=review.pk, **expected).update(**_next(review, left, following, content)):
        raise LostRace(f"Review {review.pk} is no longer as it was read.")
    rows.insert([decision])
    notices.ask(Review(pk=review.pk, version=review.version + 1))
    return decision


def acting(by: User, able: Able) -> Actor:
    """Who decides, and on whose behalf."""
    actor = person(by)
    return actor.acting_for("person", able.stands_for) if able.stands_for else actor


def _tell(review: Review, left: Left, following: Place, answer: Answer, emptied: list[UUID]) -> UUID:
    """Write to the ledger that a place is filled: the receipt."""
    content = answer.content
    changed, edits = content != review.content, _edits(review, content)
    told: dict[str, Any] = {
        "body": {
            "place": answer.seat,
            "of": [place.number for place in left.every],
            "needed": left.needed,
            "next": following.number,
            "edited": bool(edits),
            **({"changed": changes.paths(edits)} if edits else {}),
            "emptied": [str(one) for one in emptied],
            "shown_hash": review.content_hash,
            **({"signature": answer.signed} if answer.signed is not None else {}),
        },
        "personal": {"title": review.title, "reason": answer.reason},
        "exhibits": {"content": content, **({"as_shown": review.content, "changes": edits} if changed else {})},
    }
    how: dict[str, Any] = {"content_hash": digest(content), "object_version": review.version, "wake": True}
    actor = acting(answer.by, answer.able)
    receipt = record("review.filled", review, actor=actor, **with_absent(told, answer.able.stands_for), **how)
    return receipt.event_id


def _edits(review: Review, content: dict[str, Any]) -> list[changes.Change]:
    """What somebody at a place changed of what they were shown, apart from the answers."""
    return changes.between(answering.bare(review.content, review), answering.bare(content, review))


def _is_answer(review: Review) -> bool:
    return OUTCOME not in review.first_written


def with_absent(told: dict[str, Any], absent: int | None) -> dict[str, Any]:
    """What the ledger is told, with the person for whom somebody decided."""
    if absent is None:
        return told
    called = str(User.objects.get(pk=absent))
    body, personal = {**told["body"], "stands_for": absent}, {**told["personal"], "stands_for": called}
    return {**told, "body": body, "personal": personal}


def _next(review: Review, left: Left, following: Place, content: dict[str, Any]) -> dict[str, Any]:
    """The review as it goes on: at the next place, and with what the content and the question have become."""
    changed = content != review.content
    fields: dict[str, Any] = {
        "version": review.version + 1,
        "place": following.number,
        "group_id": resolving.first_group([following], review.workflow),
        "filled": 1 if changed else review.filled + 1,
        "places": [place.as_json for place in left.every],
        "needed": left.needed,
        "assigned_to": None,
        "claimed_by": None,
        "claimed_until": None,
        **asked_of(review, left.empty if review.side_by_side else [following]),
    }
    if changed:
        fields |= {"content": content, "content_hash": digest(content), "written": review.first_written}
    if left.asked is not None:
        title = left.asked.title or review.title
        fields |= {"title": title, "summary": left.asked.summary, "rule": left.asked.rule, "why": left.asked.why}
    return fields


def asked_of(review: Review, now_asked: Sequence[Place]) -> dict[str, list[Any]]:
    """The rows' lists of whom these places ask; who was asked besides, since it was late, stays asked."""
    known, found = seating.asked(of(review)), seating.asked(now_asked)
    besides = set(review.asked_groups) - known.groups, set(review.asked_people) - known.people
    return {
        "asked_groups": sorted(found.groups | besides[0]),
        "asked_people": sorted(found.people | besides[1]),
        "asked_skilled": sorted(found.skilled),
    }


def _empty(review: Review, moment: datetime, changed: bool) -> list[UUID]:
    """Empty the places that were filled, where the content was changed; the receipts of what no longer stands."""
    filled = standing(review) if changed else []
    review.decisions.standing().filter(pk__in=[one.pk for one in filled]).update(emptied_at=moment)
    return [one.receipt for one in filled]


def put(review: Review) -> str:
    """The hash of the content as the step put it: what it compares its act with."""
    return review.content_hash if review.written is None else digest(review.written)
