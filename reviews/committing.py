"""Committing a decision: the row, the state of its review, the event and what follows, together or not at all."""

from datetime import timedelta
from typing import Any, NamedTuple

from audit import hot, rows
from audit.canonical import digest
from audit.models import User
from audit.moves import Batch
from orchestration import engine, files, locks, pauses
from orchestration.locks import Hold
from orchestration.ways import BACK_TO
from reviews import notices, places
from reviews.asking import answering, changes
from reviews.asking.answering import Chosen
from reviews.models import Decision, Review
from reviews.states import Verdict
from reviews.when import seconds
from reviews.who import assigning
from reviews.who.may import Seat

FORGET = "DELETE FROM reviews_draft WHERE review_id = %s::bigint AND user_id = %s::bigint RETURNING id"


class Given(NamedTuple):
    """What somebody answers: why, with which content, which answers are in it, and how it was signed."""

    reason: str
    content: dict[str, Any]
    chosen: Chosen
    signed: dict[str, Any] | None = None


def commit(review: Review, verdict: Verdict, by: User, seat: Seat, given: Given) -> Decision:
    """Take a decision that can be taken, in the caller's transaction, which holds the review."""
    reason, content, chosen, signed = given
    if review.is_blind:
        hot.rows(FORGET, [review.pk, by.pk])
        return seconds.commit(review, verdict, by, reason, content)
    hold = locks.runs([review.run])
    moment = hold.now
    number = places.seat(review, seat.able, seat.whom)
    if verdict == Verdict.APPROVED:
        left = places.left(review, content, number)
        if not left.done:
            hot.rows(FORGET, [review.pk, by.pk])
            files.attach(review.run, chosen.came)
            filled = places.fill(review, left, places.Answer(number, seat.able, by, reason, content, moment, signed))
            assigning.next_of(review.pk)
            return filled
    return _end(review, verdict, by, seat, given, hold, number)


def _end(review: Review, verdict: Verdict, by: User, seat: Seat, given: Given, hold: Hold, number: int) -> Decision:
    """The answer that ends the review: it, the state, the event and what follows, all at once."""
    reason, content, chosen, signed = given
    moment = hold.now
    until = moment + timedelta(seconds=review.undo_seconds) if review.undo_seconds else None
    content_hash, edited = digest(content), answering.bare(content, review) != review.first_written
    changed = changes.between(review.first_written, answering.bare(content, review)) if edited else []
    actor = places.acting(by, seat.able)
    batch = Batch()
    told = _told(review, reason, content, moment.isoformat(), chosen, changed)
    if signed is not None:
        told["body"]["signature"] = signed
    batch.move(
        review,
        verdict,
        actor=actor,
        where={"version": review.version, "content_hash": review.content_hash},
        told=places.with_absent(told, seat.able.stands_for),
        decided_by=by,
        decided_at=moment,
        place=number,
        second_at=seconds.due(review, until or moment),
    )
    (receipt,) = batch.write()
    decision = Decision(
        review=review,
        verdict=verdict,
        by=by,
        at=moment,
        reason=reason,
        content=content,
        content_hash=content_hash,
        shown_hash=review.content_hash,
        edited=edited,
        changes=changed,
        outcome=chosen.outcome or "",
        sent_to=chosen.to,
        place=number,
        stands_for_id=seat.able.stands_for,
        undo_until=until,
        signature=signed,
        receipt=receipt.event_id,
    )
    rows.insert([decision])
    answer = _answer(review, decision, chosen)
    if chosen.to:
        engine.send_back(review.step_run, answer, to=chosen.to, actor=actor, not_before=until, hold=hold)
    else:
        files.attach(review.run, chosen.came)
        engine.resume(review.step_run, answer, actor=actor, not_before=until, hold=hold)
    notices.tell("decided", review, {review.started_by_id} - {by.pk}, due=until)
    hot.rows(FORGET, [review.pk, by.pk])
    return decision


def _answer(review: Review, decision: Decision, chosen: Chosen) -> dict[str, Any]:
    """What the step goes on with."""
    answer = {
        "verdict": decision.verdict,
        "edited": decision.edited,
        "content": decision.content,
        "shown_hash": places.put(review),
        "receipt": str(decision.receipt),
        **chosen.told(),
    }
    if chosen.to:  # whoever does it again reads why, and it comes back to who sent it
        answer |= {"reason": decision.reason, "by": decision.by_id}
    if pauses.asked_in(review.content, review.step_run) is not None:
        return pauses.with_answer(review.step_run, answer)
    if review.step_run.given is not None:
        answer["reason"] = decision.reason  # the agent that asked for it reads why
    return answer


def _told(
    review: Review, reason: str, content: dict[str, Any], moment: str, chosen: Chosen, changed: list[changes.Change]
) -> dict[str, Any]:
    """What the ledger is told: labels and figures for the reports, words and content in the erasable part."""
    body = {
        "edited": bool(changed),
        "shown_hash": review.content_hash,
        "asked_at": review.asked_at.isoformat(),
        "due_at": review.due_at.isoformat(),
        "decided_at": moment,
        "priority": review.priority,
        "undo_seconds": review.undo_seconds,
        **({"outcome": chosen.outcome} if chosen.outcome else {}),
        **({BACK_TO: chosen.to} if chosen.to else {}),
        **({"changed": changes.paths(changed)} if changed else {}),
    }
    return {
        "body": body,
        "personal": {"title": review.title, "reason": reason},
        "exhibits": {"content": content, **({"as_written": review.content, "changes": changed} if changed else {})},
        "content_hash": digest(content),
        "object_version": review.version,
        "wake": True,
    }
