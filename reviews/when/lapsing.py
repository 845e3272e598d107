"""Lapses: what comes of a question that nobody answered in time. The clock ends it; that is no decision of anybody.

Who decides holds the review from before they are judged until they have committed, and so does this: whichever is
first counts, and the other finds that it has ended.
"""

from typing import Any

from django.utils.translation import gettext as _

from audit import rows
from audit.actors import WORKER
from audit.canonical import digest
from audit.ledger import record
from audit.moves import Batch
from orchestration import engine, leaving, locks, pauses
from orchestration.contents import open_up
from orchestration.executors.points import REJECTED
from orchestration.lapses import GO_ON, LAPSED, REJECT, STAY, goes_on
from orchestration.plans import plan_of
from reviews import points
from reviews.models import Lapse, Review
from reviews.states import ReviewStatus

NOBODY = "Nobody answered in time."  # what an agent reads that asked


def lapse(review: Review, entry: dict[str, Any]) -> Lapse | None:
    """End an open review that the caller holds, in its transaction; None where it stays open, which is recorded."""
    outcome = str(entry["outcome"])
    said = points.section(review.step_run)
    going = goes_on(outcome, said)
    if outcome == STAY or (going and (why := kept_back(review, said))):
        _stay(review, entry, why if going else "")
        return None
    hold = locks.runs([review.step_run.run])
    content = review.first_written
    told = {
        "body": {
            "outcome": outcome,
            "asked_at": review.asked_at.isoformat(),
            "due_at": review.due_at.isoformat(),
            "after": entry["minutes"],
            "goes_on": going,
        },
        "personal": {"title": review.title},
        "exhibits": {"content": content},
        "content_hash": digest(content),
        "object_version": review.version,
        "wake": True,
    }
    batch = Batch()
    batch.move(review, ReviewStatus.LAPSED, actor=WORKER, told=told, decided_at=hold.now)
    (receipt,) = batch.write()
    ended = Lapse(review=review, outcome=outcome, at=hold.now, receipt=receipt.event_id)
    rows.insert([ended])
    engine.resume(review.step_run, _answer(ended, content, said), actor=WORKER, hold=hold)
    return ended


def kept_back(review: Review, said: dict[str, Any]) -> str:
    """Why a step does not go on by the clock as it stands now; "" where nothing leaves the house by it."""
    asked = open_up(review.step_run.question) or {}
    if "rules" in asked:
        return _("a rule asks for it")
    if pauses.is_pause(review.step_run.question):
        return _("a server asks it")
    held = review.step_run
    return leaving.by_clock(plan_of(held.run.version), held.step.key, held.step.spec, said)


def _answer(ended: Lapse, content: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    """What the step goes on with: never an approval."""
    going = goes_on(ended.outcome, said)
    answer: dict[str, Any] = {
        "verdict": LAPSED if going else REJECTED,
        LAPSED: ended.outcome,
        "edited": False,
        "content": content,
        "shown_hash": digest(content),
        "receipt": str(ended.receipt),
    }
    if ended.outcome not in (GO_ON, REJECT):
        answer["outcome"] = ended.outcome
    if ended.review.step_run.given is not None:
        answer["reason"] = NOBODY
    return answer


def _stay(review: Review, entry: dict[str, Any], why: str) -> None:
    """It waits on, and the record says that the clock would have ended it, and why it did not."""
    body = {"outcome": entry["outcome"], "after": entry["minutes"], "due_at": review.due_at.isoformat()}
    body |= {"kept": why} if why else {}
    record("review.stayed", review, actor=WORKER, body=body, personal={"title": review.title})
