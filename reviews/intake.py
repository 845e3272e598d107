"""Intake: a step began to wait, so a review is opened, in the same transaction; a sweep opens what was missed."""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction

from audit.actors import WORKER
from audit.clock_time import now
from audit.moves import begin
from audit.ticks import tick
from orchestration.models import StepRun
from orchestration.scopes import scope_of
from orchestration.signals import step_waiting
from reviews import points
from reviews.models import Review

BATCH = 500

logger = logging.getLogger(__name__)


def connect() -> None:
    """Listen to the engine's one signal."""
    step_waiting.connect(receive, dispatch_uid="reviews.intake")


def receive(sender: Any, step_run: StepRun, **_: Any) -> None:
    """Open the review of a step that has just begun to wait. If that fails, the sweep tries again."""
    try:
        open_review(step_run)
    except Exception:
        logger.exception("The review of step run %s could not be opened yet.", step_run.pk)


@transaction.atomic
def open_review(step_run: StepRun) -> Review:
    """Put the step's question to the people whom its review point names."""
    question = step_run.question
    assert question is not None
    scope = {**scope_of(step_run.run), "act": question["act"], "output": question["act"]}
    asked = points.ask(step_run.step.review, scope)
    review = prepare(step_run, asked, Group.objects.get(name=asked.group), now())
    begin(
        review,
        actor=WORKER,
        content_hash=review.content_hash,
        object_version=review.version,
        body={"due_at": review.due_at.isoformat(), "priority": review.priority},
        personal={"title": review.title},
        exhibits={"content": review.content},
    )
    return review


def prepare(step_run: StepRun, asked: points.Asked, group: Group, moment: datetime) -> Review:
    """The review of a waiting step, not yet saved."""
    question, run = step_run.question, step_run.run
    assert question is not None
    return Review(
        step_run=step_run,
        run=run,
        workflow=run.workflow,
        group=group,
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
        due_at=moment + timedelta(minutes=asked.due_minutes),
        undo_seconds=asked.undo_seconds,
    )


@tick("intake", every=5)
def open_missed() -> int:
    """Open the reviews of waiting steps that have none: a signal was missed. Returns how many."""
    opened = 0
    asked = Review.objects.values("step_run")
    for step_run in (
        StepRun.objects.waiting().exclude(pk__in=asked).select_related("step", "run__workflow", "run__version")[:BATCH]
    ):
        try:
            open_review(step_run)
            opened += 1
        except IntegrityError:  # somebody else opened it just now
            continue
        except Exception:
            logger.exception("The review of step run %s could not be opened.", step_run.pk)
    return opened
