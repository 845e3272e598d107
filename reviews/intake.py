"""Intake: a step began to wait, so a review is opened, in the same transaction; a sweep opens what was missed."""

from datetime import timedelta
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


def connect() -> None:
    """Listen to the engine's one signal."""
    step_waiting.connect(receive, dispatch_uid="reviews.intake")


def receive(sender: Any, step_run: StepRun, **_: Any) -> None:
    """Open the review of a step that has just begun to wait."""
    open_review(step_run)


@transaction.atomic
def open_review(step_run: StepRun) -> Review:
    """Put the step's question to the people whom its review point names."""
    question, run = step_run.question, step_run.run
    assert question is not None
    content = question["act"]
    scope = {**scope_of(run), "act": content, "output": content}
    asked = points.ask(step_run.step.review, scope)
    moment = now()
    review = Review(
        step_run=step_run,
        run=run,
        workflow=run.workflow,
        group=Group.objects.get(name=asked.group),
        started_by_id=run.started_by_id,
        title=asked.title or run.title,
        summary=asked.summary,
        content=content,
        content_hash=question["hash"],
        rule=asked.rule,
        why=asked.why,
        evidence=asked.evidence,
        confidence=asked.confidence,
        priority=asked.priority,
        due_at=moment + timedelta(minutes=asked.due_minutes),
        undo_seconds=asked.undo_seconds,
    )
    begin(
        review,
        actor=WORKER,
        content_hash=review.content_hash,
        object_version=review.version,
        body={"due_at": review.due_at.isoformat(), "priority": review.priority},
        personal={"title": review.title},
        exhibits={"content": content},
    )
    return review


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
        except IntegrityError:
            continue
    return opened
