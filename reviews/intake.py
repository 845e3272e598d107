"""Intake: a step began to wait for a person, so a review is opened, in the same transaction; a step that waited was
cancelled, so its review is withdrawn. A sweep does what was missed.
"""

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from audit.actors import WORKER, Actor
from audit.clock_time import now
from audit.models import User
from audit.moves import Batch, begin
from audit.ticks import tick
from orchestration import pauses
from orchestration.contents import open_up
from orchestration.executors.returning import BY
from orchestration.models import Run, StepRun
from orchestration.scopes import opened, scope_of
from orchestration.signals import run_moved, step_asked_anew, step_cancelled, step_waiting
from orchestration.states import STEP_TERMINAL
from reviews import notices, points
from reviews.models import Review
from reviews.states import ReviewStatus
from reviews.when import course
from reviews.who import assigning, nobody, own, resolving, seating

BATCH = 500
PLACED = ("group", "step_run__step", "step_run__run__workflow", "step_run__run__version")

logger = logging.getLogger(__name__)


def connect() -> None:
    """Listen to the engine's signals."""
    step_waiting.connect(receive, dispatch_uid="reviews.intake")
    step_cancelled.connect(take_away, dispatch_uid="reviews.withdrawal")
    step_asked_anew.connect(ask_no_more, dispatch_uid="reviews.asked_anew")
    run_moved.connect(look_again, dispatch_uid="reviews.moved")


def receive(sender: Any, step_run: StepRun, **_: Any) -> None:
    """Open the review of a step that has just begun to wait. If that fails, the sweep tries again."""
    try:
        open_review(step_run)
    except Exception:
        logger.exception("The review of step run %s could not be opened yet.", step_run.pk)


def take_away(sender: Any, step_run: StepRun, actor: Actor, **_: Any) -> None:
    """Withdraw the question of a step that was cancelled. If that fails, the sweep tries again."""
    try:
        withdraw([step_run.pk], actor=actor)
    except Exception:
        logger.exception("The review of step run %s could not be withdrawn yet.", step_run.pk)


def ask_no_more(sender: Any, step_run: StepRun, actor: Actor, why: str, **_: Any) -> None:
    """Withdraw a question before the step asks another one. Who decides at this moment holds it: then this raises."""
    found = Review.objects.open().deciding().filter(step_run=step_run).select_related(*PLACED)
    batch = Batch()
    for review in found.select_for_update(of=("self",), nowait=True):
        told = {"object_version": review.version, "personal": {"title": review.title, "reason": why}}
        batch.move(review, ReviewStatus.WITHDRAWN, actor=actor, told=told)
    batch.write()


def look_again(sender: Any, run: Run, by: User, **_: Any) -> None:
    """What a run still asks in another version is the work of who moved it too, and of who last edited that version."""
    found = Review.objects.open().filter(run=run).select_related(*PLACED)
    for review in found.select_for_update(of=("self",), nowait=True):
        review.own_work = own.with_moved(review.own_work, by.pk, run.version)
        review.not_by = own.everybody(review.own_work)
        Review.objects.filter(pk=review.pk).update(own_work=review.own_work, not_by=review.not_by)
        nobody.look_at(review)


@transaction.atomic
def withdraw(step_runs: Iterable[int], *, actor: Actor) -> int:
    """Ask no longer. Who decides at this moment holds the review and waits for the run: that one is left alone."""
    found = Review.objects.open().deciding().filter(step_run__in=list(step_runs)).select_related(*PLACED)
    asked = list(found.select_for_update(of=("self",), skip_locked=True))
    batch = Batch()
    for review in asked:
        told = {"object_version": review.version, "personal": {"title": review.title}}
        batch.move(review, ReviewStatus.WITHDRAWN, actor=actor, told=told)
    batch.write()
    return len(asked)


@transaction.atomic
def open_review(step_run: StepRun) -> Review:
    """Put the step's question to the people whom its review point names."""
    question = pauses.asked_now(open_up(step_run.question))
    section = points.section(step_run)
    scope = opened(scope_of(step_run.run, step_run.frame), section)
    asked = points.ask(section, {**scope, "act": question["act"], "output": question["act"]})
    review = prepare(step_run, asked, resolving.resolve(asked.places, step_run.run.workflow), now())
    review.own_work = own.of(step_run)
    review.not_by = own.everybody(review.own_work)
    begin(
        review,
        actor=WORKER,
        content_hash=review.content_hash,
        object_version=review.version,
        body={
            "due_at": review.due_at.isoformat(),
            "priority": review.priority,
            "not_by": review.not_by,
            **_asks(asked),
            **course.told(review, question),
        },
        personal={"title": review.title},
        exhibits={"content": review.content},
    )
    assigning.name(review, asked.assign, sent_back_by=question.get(BY))
    nobody.look_at(review)
    notices.ask(review)
    return review


def _asks(asked: points.Asked) -> dict[str, str]:
    """The kind of people who are asked first, where it is not a group."""
    kind = asked.places[0].kind
    return {} if kind == "group" else {"asks": kind}


def prepare(step_run: StepRun, asked: points.Asked, places: list[seating.Place], moment: datetime) -> Review:
    """The review of a waiting step, not yet saved: nobody's own work yet but that of who started the run."""
    question, run = pauses.asked_now(open_up(step_run.question)), step_run.run
    first = places if asked.side_by_side else places[:1]
    now_asked = seating.asked(first)
    review = Review(
        step_run=step_run,
        run=run,
        workflow=run.workflow,
        group_id=resolving.first_group(first, run.workflow),
        places=[place.as_json for place in places],
        place=places[0].number,
        needed=asked.needed,
        side_by_side=asked.side_by_side,
        asked_groups=sorted(now_asked.groups),
        asked_people=sorted(now_asked.people),
        asked_skilled=sorted(now_asked.skilled),
        not_by=[run.started_by_id],
        own_work={own.STARTED: [run.started_by_id]},
        started_by_id=run.started_by_id,
        title=asked.title or run.title,
        summary=asked.summary,
        content=question["act"],
        content_hash=question["hash"],
        rule=asked.rule,
        why=asked.why,
        evidence=asked.evidence,
        confidence=asked.confidence,
        priority=asked.priority,
        undo_seconds=asked.undo_seconds,
        signs=asked.signs,
    )
    return course.set_out(review, points.section(step_run), question, asked.due_minutes, moment)


@tick("intake", every=5)
def do_missed() -> int:
    """What a missed signal left undone: reviews to open, and reviews to withdraw. Returns how many."""
    over = Review.objects.open().deciding().filter(step_run__status__in=STEP_TERMINAL)
    return withdraw(over.values_list("step_run", flat=True)[:BATCH], actor=WORKER) + open_missed()


def open_missed() -> int:
    """Open the reviews of steps that wait for a person and have none. Returns how many."""
    done = 0
    unasked = StepRun.objects.waiting_for_people().exclude(pk__in=Review.objects.open().deciding().values("step_run"))
    for step_run in unasked.select_related("step", "run__workflow", "run__version")[:BATCH]:
        try:
            open_review(step_run)
            done += 1
        except IntegrityError:  # somebody else opened it just now
            continue
        except Exception:
            logger.exception("The review of step run %s could not be opened.", step_run.pk)
    return done
