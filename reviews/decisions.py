"""Decisions: one person's answer to one question, bound to the bytes that were shown.

Decision, state, event and follow-up commit together or not at all. Who may is asked here, below every view.
"""

from typing import Any, NamedTuple, NotRequired, TypedDict, Unpack

from django.contrib.auth.models import Group
from django.db import transaction

from audit import hot
from audit.actors import Actor, person
from audit.canonical import clean, digest
from audit.clock_time import HandrailNow
from audit.columns import Columns
from audit.models import User
from audit.moves import IllegalMove, LostRace, move
from orchestration import engine, locks
from orchestration.models import Run, StepRun
from orchestration.plans import attach, plan_by
from orchestration.policies import asking
from reviews import committing, deciding_rules, places
from reviews.asking import answering
from reviews.asking.answering import Answers
from reviews.asking.editing import edited_content, misfits
from reviews.models import Decision, Draft, Review
from reviews.refusals import (
    AlreadyDecided,
    BadEdit,
    BadForm,
    BadOutcome,
    CannotDecide,
    CannotGoBack,
    NotAllowed,
    OwnPlace,
    OwnWork,
    PlaceFilled,
    ReasonNeeded,
    RuleSaysNo,
    SignatureNeeded,
    Stale,
    TooNew,
)
from reviews.signing.signature import Signature, bound
from reviews.states import ReviewStatus, Verdict
from reviews.who import may
from reviews.who.may import Seat

__all__ = [
    "AlreadyDecided",
    "Answers",
    "BadEdit",
    "BadForm",
    "BadOutcome",
    "CannotDecide",
    "CannotGoBack",
    "NotAllowed",
    "OwnPlace",
    "OwnWork",
    "PlaceFilled",
    "ReasonNeeded",
    "RuleSaysNo",
    "SignatureNeeded",
    "Stale",
    "TooNew",
    "check_can_be",
    "check_is_at",
    "check_may_decide",
    "decide",
    "edited_content",
    "misfits",
    "undo",
]
REVIEW = Columns(Review, without=["summary", "why", "evidence"])
RUN, STEP = Columns(Run, without=["input", "result"]), Columns(StepRun, without=locks.LARGE)
# No join by decided_by or group, which change: whoever waited for the lock would get the new row joined to what stood
# there before it, or no row.
LOCK = f"""
SELECT v.hash, (SELECT name FROM auth_group WHERE id = r.group_id), {REVIEW.of("r")}, {RUN.of("u")}, {STEP.of("s")}
FROM reviews_review r JOIN orchestration_steprun s ON s.id = r.step_run_id
JOIN orchestration_run u ON u.id = r.run_id JOIN orchestration_version v ON v.id = u.version_id
WHERE r.id = %s::bigint FOR UPDATE OF r
"""  # noqa: S608  (our own column names)


class Deciding(TypedDict):
    """What a decision is made of."""

    by: User
    verdict: str
    version: int
    shown_hash: str
    reason: NotRequired[str]
    arguments: NotRequired[dict[str, Any] | None]
    answers: NotRequired[Answers]
    signature: NotRequired[Signature | None]


class Can(NamedTuple):
    """As whom somebody decides, and their reason as it is kept."""

    seat: Seat
    reason: str


def decide(review_id: int, **how: Unpack[Deciding]) -> Decision:
    """Take a decision. `shown_hash` is of what the page showed; `arguments` are the person's edit of it, if any."""
    try:
        return _decide(review_id, **how)
    except RuleSaysNo as error:
        asking.record([error.said])  # the decision is not taken, and that a rule said so is kept
        raise


@transaction.atomic
def _decide(
    review_id: int,
    *,
    by: User,
    verdict: str,
    version: int,
    shown_hash: str,
    reason: str = "",
    arguments: dict[str, Any] | None = None,
    answers: Answers = answering.NONE,
    signature: Signature | None = None,
) -> Decision:
    review = _locked(review_id)
    seat, reason = check_can_be(review, by, verdict, version, shown_hash, reason, afresh=True)
    content = edited_content(review, arguments) if verdict == Verdict.APPROVED else review.content
    chosen = answering.check(review, verdict, reason, answers, content)
    content = chosen.into(content, review)
    if (said := deciding_rules.ask(review, content, by)) is not None and not said.verdict.allows:
        raise RuleSaysNo(said)
    if said is not None:
        asking.record([said])
    signed = bound(review, signature, by=by, verdict=verdict, content_hash=digest(content) if review.signs else "")
    return committing.commit(review, Verdict(verdict), by, seat, committing.Given(reason, content, chosen, signed))


def check_can_be(
    review: Review, by: User, verdict: str, version: int, shown_hash: str, reason: str, *, afresh: bool = False
) -> Can:
    """Raise when this decision cannot be taken, whatever it is about."""
    check_is_at(review, version)
    seat = check_may_decide(review, by, afresh=afresh)
    if not review.is_open:
        raise AlreadyDecided(review)
    if (review.version, review.content_hash) != (version, shown_hash):
        raise Stale
    reason = clean(reason.strip())[0]
    return Can(seat, reason)


def check_is_at(review: Review, version: int) -> None:
    """Raise when somebody has filled a place since `version` of the review was shown."""
    if review.is_open and review.filled and version < review.version:
        raise PlaceFilled(max(places.standing(review), key=lambda one: one.at))


def _locked(review_id: int) -> Review:
    """The review, held until the end of the transaction, with its run and step as the engine knows them."""
    found = hot.rows(LOCK, [review_id])
    if not found:
        raise Review.DoesNotExist(review_id)
    version_hash, group, *columns = found[0]
    review = REVIEW.object(columns[: len(REVIEW)])
    review.run = RUN.object(columns[len(REVIEW) : -len(STEP)])
    review.step_run = STEP.object(columns[-len(STEP) :])
    review.group = Group(pk=review.group_id, name=group)
    plan = attach(review.run, plan_by(review.run.version_id, version_hash))
    review.workflow, review.step_run.run = review.run.workflow, review.run
    review.step_run.step = plan.steps[review.step_run.step_id]
    return review


def check_may_decide(review: Review, user: User, *, afresh: bool = False) -> Seat:
    """At which place this person decides, and for whom; raises when they may not decide this review.

    `afresh`: whatever `user` remembers is asked again, in one statement unless somebody is away.
    """
    return may.seat(review, user, afresh=afresh)


@transaction.atomic
def undo(review_id: int, *, by: User) -> Review:
    """Take one's own decision back while its window is open. The review opens again, with its words kept."""
    review = _locked(review_id)
    decision = review.decisions.standing().order_by("-id").first()
    if review.is_open or decision is None or decision.by_id != by.pk:
        raise NotAllowed
    later = Review.objects.deciding().filter(step_run=review.step_run_id, pk__gt=review.pk)
    if later.exists():  # the step has asked again since
        raise AlreadyDecided(review)
    actor: Actor = person(by)
    try:
        engine.take_back(review.step_run, actor=actor)
    except (LostRace, IllegalMove) as error:
        raise AlreadyDecided(review) from error
    Decision.objects.filter(pk=decision.pk).update(undone_at=HandrailNow())
    told = {"body": {"undone": str(decision.receipt), "verdict": decision.verdict}, "wake": True}
    move(review, ReviewStatus.OPEN, actor=actor, told=told, decided_by=None, decided_at=None, second_at=None)
    edit = decision.content.get("arguments", decision.content)
    Draft.objects.update_or_create(
        review=review,
        user=by,
        defaults={
            "arguments": answering.bare(edit, review) if decision.edited else {},
            "reason": decision.reason,
            "form": answering.typed_again(review, decision),
        },
    )
    return review
