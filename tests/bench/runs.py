"""Starting runs and deciding on them, through the functions that the product uses; and waiting, by asking the rows."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from typing import Any

from django.db import connection

from audit.actors import person
from audit.models import Pending, User
from orchestration import engine
from orchestration.models import Run, Workflow
from orchestration.models.runs import RunQuerySet
from orchestration.states import RUN_TERMINAL, RunStatus
from reviews import decisions
from reviews.models import Review, ReviewQuerySet
from tests.bench import workspace

SOON, OFTEN = 0.001, 0.02  # seconds between two looks: at one run, at many
STATUS = "SELECT status FROM orchestration_run WHERE id = %s"


class NotDone(Exception):
    """Some runs ended in another way than done, or not in time."""


class Batch:
    """Runs of one workflow that were started together, the first at `began` (nanoseconds since 1970)."""

    def __init__(self, workflow: Workflow, ids: Sequence[int], began: int) -> None:
        self.workflow = workflow
        self.ids = ids
        self.began = began

    @property
    def rows(self) -> RunQuerySet:
        """Their rows as they are now."""
        return Run.objects.filter(workflow=self.workflow, pk__range=(self.ids[0], self.ids[-1]))

    @property
    def open_reviews(self) -> ReviewQuerySet:
        """What is asked in them now."""
        return Review.objects.open().filter(workflow=self.workflow, run__id__range=(self.ids[0], self.ids[-1]))

    def ended(self, limit: float) -> float:
        """The seconds from the first start until all had ended. Raises `NotDone` unless all are done."""
        if len(self.ids) == 1:
            wait(lambda: _status(self.ids[0]) in RUN_TERMINAL, limit, every=SOON)
        else:
            wait(lambda: not self.rows.live().exists(), limit)
        took = (time.time_ns() - self.began) / 1e9
        if amiss := self.rows.exclude(status=RunStatus.DONE).count():
            raise NotDone(f"{amiss} of {len(self.ids)} runs of {self.workflow.name} are not done.")
        return took

    def asked(self, limit: float) -> None:
        """Return once a person is asked in each."""
        wait(lambda: self.open_reviews.count() == len(self.ids), limit)

    def decide(self, most: int | None, limit: float, *, at_once: int) -> float:
        """Approve `most` of them, or all that are left. The seconds from the first decision to the end of all."""
        reviews = list(self.open_reviews.order_by("run")[:most])
        if not reviews:
            raise NotDone("No run waits for a decision.")
        decider = workspace.person_called(workspace.DECIDER)
        decided = Batch(self.workflow, [review.run_id for review in reviews], time.time_ns())
        _approve_all(reviews, decider, at_once)
        return decided.ended(limit)


def _status(run: int) -> str:
    with connection.cursor() as cursor:  # not the ORM: it is asked a thousand times a second
        cursor.execute(STATUS, [run])
        return str(cursor.fetchone()[0])


def wait(true: Callable[[], bool], limit: float, *, every: float = OFTEN) -> None:
    """Ask until it is so. Raises `NotDone` after `limit` seconds."""
    until = time.monotonic() + limit
    while not true():
        if time.monotonic() > until:
            raise NotDone(f"Waited {limit:.0f} s in vain.")
        time.sleep(every)


def wait_for_seals(limit: float) -> None:
    """Return once every event of the ledger has its number."""
    wait(lambda: not Pending.objects.exists(), limit)


def start(workflow: Workflow, given: dict[str, Any], runs: int) -> Batch:
    """Start so many runs, each accepted by itself."""
    owner = workspace.person_called(workspace.OWNER)
    actor, began = person(owner), time.time_ns()
    ids = [engine.start(workflow, given, actor=actor, started_by=owner).pk for _ in range(runs)]
    return Batch(workflow, ids, began)


def _approve_all(reviews: Sequence[Review], decider: User, at_once: int) -> None:
    """From so many threads, as a web process does."""
    parts = [reviews[first::at_once] for first in range(min(at_once, len(reviews)))]
    if len(parts) == 1:
        _approve(reviews, decider)
        return
    with ThreadPoolExecutor(len(parts)) as threads:
        list(threads.map(_approve_and_close, parts, repeat(decider)))


def _approve_and_close(reviews: Sequence[Review], decider: User) -> None:
    try:
        _approve(reviews, decider)
    finally:
        connection.close()


def _approve(reviews: Sequence[Review], decider: User) -> None:
    for review in reviews:
        decisions.decide(
            review.pk, by=decider, verdict="approved", version=review.version, shown_hash=review.content_hash
        )
