"""Blind second reviews: a share of decisions is taken by another person too, who sees nothing of the first.

They release nothing. Which share, and who is asked, comes from a keyed hash, so that nobody can tell or steer it.
"""

import logging
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from audit import rows
from audit.actors import WORKER, person
from audit.canonical import digest
from audit.clock_time import HandrailNow, now
from audit.ledger import record
from audit.models import User
from audit.moves import Batch, begin
from audit.ticks import tick
from orchestration import pauses, rights, samples
from reviews import notices, places
from reviews.models import Decision, Review
from reviews.states import DECIDED, ReviewKind, ReviewStatus, Verdict
from reviews.who import holders
from reviews.who.seating import Place

BATCH = 100
PLACED = ("group", "workflow", "step_run__step", "step_run__run__workflow", "step_run__run__version")
AS_ASKED = (
    *("step_run", "run", "workflow", "group", "started_by", "title", "summary", "rule", "why", "evidence"),
    *("confidence", "priority", "calendar"),
)

logger = logging.getLogger(__name__)


def due(review: Review, moment: datetime) -> datetime | None:
    """When a second review of one that is being decided is opened; None where it is not among the share."""
    share = review.step_run.step.review.get("second", 0)
    if pauses.ASKS in review.content:  # what a server wants to know is no decision
        return None
    return moment if share and samples.is_in(share, "second", review.pk) else None


@tick("second reviews", every=5)
def open_due() -> int:
    """Open those that are due, each by itself. Returns how many."""
    waiting = Review.objects.filter(second_at__lte=HandrailNow()).order_by("second_at")
    return sum(_opened(pk) for pk in waiting.values_list("pk", flat=True)[:BATCH]) + _asked_anew()


def _opened(pk: int) -> int:
    try:
        with transaction.atomic():
            return _open(pk)
    except Exception:
        logger.exception("A second review of %s could not be opened yet.", pk)
        return 0


def _open(pk: int) -> int:
    found = Review.objects.filter(pk=pk, second_at__lte=HandrailNow(), status__in=DECIDED).select_related(*PLACED)
    first = found.select_for_update(of=("self",), skip_locked=True).first()
    if first is None:
        return 0
    Review.objects.filter(pk=pk).update(second_at=None)
    chosen = choose(first)
    if chosen is None:
        record("review.second_lacking", first, actor=WORKER, personal={"title": first.title})
        return 0
    moment = now()
    second = Review(
        **{name: getattr(first, name) for name in AS_ASKED},
        kind=ReviewKind.BLIND,
        second_of=first,
        chosen_id=chosen,
        places=[Place(1, (), (chosen,), kind="person").as_json],
        asked_people=[chosen],
        not_by=sorted(barred_from(first)),
        own_work=first.own_work,
        content=first.first_written,
        content_hash=digest(first.first_written),
        due_at=moment + (first.due_at - first.asked_at),
    )
    told = {"body": {"kind": ReviewKind.BLIND.value, "due_at": second.due_at.isoformat()}}
    begin(
        second,
        actor=WORKER,
        **told,
        content_hash=second.content_hash,
        object_version=second.version,
        personal={"title": second.title},
    )
    notices.tell("asked", second, [chosen])
    return 1


def barred_from(first: Review) -> set[int]:
    """Whose work it is, and who decided on it already."""
    return {*first.not_by, *places.taken(first.decisions.all())}


def choose(first: Review) -> int | None:
    """Who is asked: one of those who may, by a keyed hash; never who decided first, nor whose work it is.

    Nor who is too new beside one of them.
    """
    barred = barred_from(first)
    known = User.objects.filter(groups=first.group_id, is_active=True).exclude(pk__in=barred)
    now_here = holders.here_now()
    free = [pk for pk in known.values_list("pk", flat=True) if now_here.able(pk).apart.isdisjoint(barred)]
    people = sorted(free, key=lambda pk: samples.drawn("who", first.pk, pk))
    return next((pk for pk in people if "decide" in rights.afresh(pk, first.workflow_id).may), None)


def _asked_anew() -> int:
    """Withdraw those whose reader can no longer answer, so that somebody else is asked."""
    able = User.objects.filter(pk=OuterRef("chosen"), is_active=True, groups=OuterRef("group"))
    gone = Review.objects.open().filter(~Exists(able), kind=ReviewKind.BLIND)
    done = 0
    for pk in gone.values_list("pk", flat=True)[:BATCH]:
        with transaction.atomic():
            held = Review.objects.open().filter(pk=pk).select_related(*PLACED)
            for second in held.select_for_update(of=("self",), skip_locked=True):
                batch = Batch()
                batch.move(second, ReviewStatus.WITHDRAWN, actor=WORKER, told={"personal": {"title": second.title}})
                batch.write()
                Review.objects.filter(seconds=second).update(second_at=now())
                done += 1
    return done


def commit(second: Review, verdict: Verdict, by: User, reason: str, content: dict[str, Any]) -> Decision:
    """Keep a blind answer, and whether the two agree. Nothing follows from it."""
    moment, edited = now(), content != second.content
    first = Review.objects.only("status").get(seconds=second)
    standing = first.decisions.standing().order_by("-id").values("receipt", "edited", "verdict").first()
    body = {
        "agree": standing is not None and standing["verdict"] == verdict,
        "verdict": verdict.value,
        "edited": edited,
        "first": standing["verdict"] if standing else None,
        "first_edited": bool(standing and standing["edited"]),
        "of": str(standing["receipt"]) if standing else "",
    }
    told = {
        "personal": {"title": second.title, "reason": reason},
        "exhibits": {"content": content},
        "content_hash": digest(content),
        "object_version": second.version,
    }
    batch = Batch()
    where = {"version": second.version, "content_hash": second.content_hash}
    change: dict[str, Any] = {"decided_by": by, "decided_at": moment}
    batch.move(second, ReviewStatus.SECONDED, actor=person(by), where=where, **change)
    batch.record("review.second_decided", second, actor=person(by), body=body, wake=True, **told)
    _moved, receipt = batch.write()
    decision = Decision(
        review=second,
        verdict=verdict,
        by=by,
        at=moment,
        reason=reason,
        content=content,
        content_hash=digest(content),
        shown_hash=second.content_hash,
        edited=edited,
        receipt=receipt.event_id,
    )
    rows.insert([decision])
    return decision


class Agreement(NamedTuple):
    """Two answers to the same question, once both are given."""

    first: Decision
    second: Decision

    @property
    def agree(self) -> bool:
        """Whether both people answered alike."""
        return bool(self.first.verdict == self.second.verdict)


def agreement(review: Review) -> Agreement | None:
    """The two answers that a review belongs to, as the first or as the second; None until both are given."""
    of = review.second_of_id if review.is_blind else review.pk
    found = Decision.objects.standing().filter(Q(review=of) | Q(review__second_of=of)).select_related("by", "review")
    answers = {one.review.is_blind: one for one in found.order_by("id")}
    return Agreement(answers[False], answers[True]) if len(answers) == 2 else None
