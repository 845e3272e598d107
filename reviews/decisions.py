"""Decisions: one person's answer to one question, bound to the bytes that were shown.

Decision, state, event and follow-up commit together or not at all. Who may is asked here, below every view.
"""

from datetime import timedelta
from typing import Any, NotRequired, TypedDict, Unpack

from django.contrib.auth.models import Group
from django.db import transaction

from audit import hot, rows
from audit.actors import Actor, person
from audit.canonical import NotCanonical, canonical, clean, digest
from audit.clock_time import HandrailNow
from audit.columns import Columns
from audit.models import User
from audit.moves import Batch, IllegalMove, LostRace, move
from orchestration import engine, locks, pauses, rights, tools
from orchestration.models import Run, StepRun, Workflow
from orchestration.plans import attach, plan_by
from orchestration.policies import asking
from orchestration.starts import problems
from reviews import deciding_rules, places
from reviews.models import Decision, Draft, Review
from reviews.refusals import (
    AlreadyDecided,
    BadEdit,
    CannotDecide,
    NotAllowed,
    OwnPlace,
    OwnWork,
    PlaceFilled,
    ReasonNeeded,
    RuleSaysNo,
    Stale,
)
from reviews.states import ReviewStatus, Verdict

__all__ = [
    "AlreadyDecided",
    "BadEdit",
    "CannotDecide",
    "NotAllowed",
    "OwnPlace",
    "OwnWork",
    "PlaceFilled",
    "ReasonNeeded",
    "RuleSaysNo",
    "Stale",
    "check_is_at",
    "check_may_decide",
    "decide",
    "edited_content",
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
FORGET = "DELETE FROM reviews_draft WHERE review_id = %s::bigint AND user_id = %s::bigint RETURNING id"


class Deciding(TypedDict):
    """What a decision is made of."""

    by: User
    verdict: str
    version: int
    shown_hash: str
    reason: NotRequired[str]
    arguments: NotRequired[dict[str, Any] | None]


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
) -> Decision:
    review = _locked(review_id)
    check_is_at(review, version)
    check_may_decide(review, by, afresh=True)
    if not review.is_open:
        raise AlreadyDecided(review)
    if (review.version, review.content_hash) != (version, shown_hash):
        raise Stale
    reason = clean(reason.strip())[0]
    if verdict == Verdict.REJECTED and not reason:
        raise ReasonNeeded
    content = edited_content(review, arguments) if verdict == Verdict.APPROVED else review.content
    if (said := deciding_rules.ask(review, content, by)) is not None and not said.verdict.allows:
        raise RuleSaysNo(said)
    if said is not None:
        asking.record([said])
    return _commit(review, Verdict(verdict), by, reason, content)


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


def check_may_decide(review: Review, user: User, *, afresh: bool = False) -> None:
    """Raise when this person may not decide this review. `afresh`: whatever `user` remembers is asked again."""
    if review.started_by_id == user.pk:
        raise OwnWork
    if afresh:
        now_held = rights.afresh(user.pk, review.workflow_id)
        allowed, groups = "decide" in now_held.may, now_held.groups
    else:
        allowed = review.workflow_id in Workflow.objects.ids_allowed(user, "decide")
        groups = frozenset(user.group_names)
    if not allowed or review.group_id not in groups:
        raise NotAllowed
    if user.pk in (one.by_id for one in places.standing(review)):
        raise OwnPlace


def edited_content(review: Review, arguments: dict[str, Any] | None) -> dict[str, Any]:
    """The content with the person's edit, or `BadEdit` when it could not be carried out."""
    if arguments is None:
        fills_in = review.step_run.step.kind == "person" or pauses.ASKS in review.content
        if fills_in and (found := _misfits(review, review.arguments)):
            raise BadEdit(found)  # what it asks for has not been filled in
        return dict(review.content)
    if set(arguments) != set(review.arguments):
        raise BadEdit([("", "The fields are not those that were shown.")])
    cleaned, _ = clean(arguments)
    try:
        canonical(cleaned)
    except NotCanonical as error:
        raise BadEdit([("", str(error))]) from error
    if found := _misfits(review, cleaned):
        raise BadEdit(found)
    return review.with_arguments(cleaned)


def _misfits(review: Review, arguments: dict[str, Any]) -> list[tuple[str, str]]:
    """Where arguments do not fit what they are for: a tool's schema, that of the step's output, or a server's form."""
    if (asked := pauses.asked_in(review.content, review.step_run)) is not None:
        return pauses.problems(asked, arguments)
    if "tool" in review.content:
        return tools.get(review.content["tool"].partition("@")[0]).problems(arguments)
    schema = review.step_run.step.spec.get("output")
    return problems(schema, arguments) if schema else []


def _commit(review: Review, verdict: Verdict, by: User, reason: str, content: dict[str, Any]) -> Decision:
    hold = locks.runs([review.run])
    moment = hold.now
    if verdict == Verdict.APPROVED:
        left = places.left(review, content)
        if left.empty:
            hot.rows(FORGET, [review.pk, by.pk])
            return places.fill(review, left, by=by, reason=reason, content=content, moment=moment)
    until = moment + timedelta(seconds=review.undo_seconds) if review.undo_seconds else None
    content_hash, edited = digest(content), content != review.first_written
    actor = person(by)
    batch = Batch()
    batch.move(
        review,
        verdict,
        actor=actor,
        where={"version": review.version, "content_hash": review.content_hash},
        told=_told(review, reason, content, content_hash, edited, moment.isoformat()),
        decided_by=by,
        decided_at=moment,
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
        place=review.place,
        undo_until=until,
        receipt=receipt.event_id,
    )
    rows.insert([decision])
    answer = {
        "verdict": verdict,
        "edited": edited,
        "content": content,
        "shown_hash": places.put(review),
        "receipt": str(receipt.event_id),
    }
    if pauses.asked_in(review.content, review.step_run) is not None:
        answer = pauses.with_answer(review.step_run, answer)
    elif review.step_run.given is not None:
        answer["reason"] = reason  # the agent that asked for it reads why
    engine.resume(review.step_run, answer, actor=actor, not_before=until, hold=hold)
    hot.rows(FORGET, [review.pk, by.pk])
    return decision


def _told(
    review: Review, reason: str, content: dict[str, Any], content_hash: str, edited: bool, moment: str
) -> dict[str, Any]:
    """What the ledger is told: labels and figures for the reports, words and content in the erasable part."""
    body = {
        "edited": edited,
        "shown_hash": review.content_hash,
        "asked_at": review.asked_at.isoformat(),
        "due_at": review.due_at.isoformat(),
        "decided_at": moment,
        "priority": review.priority,
        "undo_seconds": review.undo_seconds,
    }
    return {
        "body": body,
        "personal": {"title": review.title, "reason": reason},
        "exhibits": {"content": content, **({"as_written": review.content} if edited else {})},
        "content_hash": content_hash,
        "object_version": review.version,
        "wake": True,
    }


@transaction.atomic
def undo(review_id: int, *, by: User) -> Review:
    """Take one's own decision back while its window is open. The review opens again, with its words kept."""
    review = _locked(review_id)
    decision = review.decisions.standing().order_by("-id").first()
    if review.is_open or decision is None or decision.by_id != by.pk:
        raise NotAllowed
    if Review.objects.filter(step_run=review.step_run_id, pk__gt=review.pk).exists():  # the step has asked again since
        raise AlreadyDecided(review)
    actor: Actor = person(by)
    try:
        engine.take_back(review.step_run, actor=actor)
    except (LostRace, IllegalMove) as error:
        raise AlreadyDecided(review) from error
    Decision.objects.filter(pk=decision.pk).update(undone_at=HandrailNow())
    told = {"body": {"undone": str(decision.receipt), "verdict": decision.verdict}, "wake": True}
    move(review, ReviewStatus.OPEN, actor=actor, told=told, decided_by=None, decided_at=None)
    edit = decision.content.get("arguments", decision.content)
    Draft.objects.update_or_create(
        review=review,
        user=by,
        defaults={"arguments": edit if decision.edited else {}, "reason": decision.reason},
    )
    return review
