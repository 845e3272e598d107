"""A crowd: many items that wait for a decision, made in bulk, to see how the inbox stands it."""

from collections.abc import Callable
from typing import Any

from django.db import transaction

from audit.actors import COMMAND
from audit.canonical import digest
from audit.clock_time import now
from audit.ledger import Entry, record_all
from audit.models import User
from deploy.sample import feed
from orchestration.models import Run, Step, StepRun, Version
from orchestration.states import Awaits, RunStatus, StepStatus
from reviews import points
from reviews.intake import prepare
from reviews.models import Review
from reviews.who import own, resolving

type Outputs = dict[str, dict[str, Any]]  # by the key of the step

BATCH = 1000
CONFIDENCES = (0.42, 0.58, 0.71, 0.83, 0.92, 0.97)
LABELS = ("pending_card_payment", "exchange_rate", "lost_or_stolen_card", "card_arrival", "top_up_failed")


def gather(version: Version, owner: User, count: int, told: Callable[[int], None]) -> None:
    """Let `count` runs wait at the step Send, each with its rows and its entries in the ledger, marked as bulk."""
    steps = {step.key: step for step in version.steps.all()}
    for first in range(0, count, BATCH):
        _batch(version, owner, steps, range(first, min(first + BATCH, count)))
        told(min(first + BATCH, count))


@transaction.atomic
def _batch(version: Version, owner: User, steps: dict[str, Step], places: range) -> None:
    outputs = [_outputs(place) for place in places]
    runs = _runs(version, owner, [feed.entry(place) for place in places])
    _done(runs, outputs, steps)
    sends = _sends(runs, outputs, steps["send"])
    reviews = _reviews(version, sends, outputs)
    record_all([entry for told in zip(runs, sends, reviews, strict=True) for entry in _told(*told)])


def _runs(version: Version, owner: User, inputs: list[dict[str, Any]]) -> list[Run]:
    return Run.objects.bulk_create(
        Run(
            workflow=version.workflow,
            version=version,
            title=given["question"][:200],
            status=RunStatus.RUNNING,
            input=given,
            started_by=owner,
        )
        for given in inputs
    )


def _done(runs: list[Run], outputs: list[Outputs], steps: dict[str, Step]) -> None:
    """The steps before, each with what it came to."""
    done: dict[str, Any] = {"status": StepStatus.DONE, "fence": 1, "ended_at": now()}
    StepRun.objects.bulk_create(
        StepRun(run=run, step=steps[key], workflow_id=run.workflow_id, output=output[key], **done)
        for run, output in zip(runs, outputs, strict=True)
        for key in ("triage", "draft")
    )


def _sends(runs: list[Run], outputs: list[Outputs], step: Step) -> list[StepRun]:
    """The step that waits, with its question."""
    waits: dict[str, Any] = {"status": StepStatus.WAITING, "awaits": Awaits.PERSON, "fence": 1}
    return StepRun.objects.bulk_create(
        StepRun(
            run=run,
            step=step,
            workflow_id=run.workflow_id,
            question=_question(_act(run.input, output["draft"])),
            **waits,
        )
        for run, output in zip(runs, outputs, strict=True)
    )


def _reviews(version: Version, sends: list[StepRun], outputs: list[Outputs]) -> list[Review]:
    """Their questions, put to people: whom they ask is worked out once."""
    moment = now()
    asked = [
        points.ask(send.step.review, {"input": send.run.input, "steps": output})
        for send, output in zip(sends, outputs, strict=True)
    ]
    asks = resolving.resolve(asked[0].places, version.workflow)
    return Review.objects.bulk_create(
        _waiting(prepare(send, said, asks, moment), send) for send, said in zip(sends, asked, strict=True)
    )


def _told(run: Run, send: StepRun, review: Review) -> tuple[Entry, Entry, Entry]:
    """What the ledger is told of each."""
    bulk = {"bulk": True}
    return (
        Entry("run.running", run, COMMAND, body=bulk),
        Entry("steprun.waiting", send, COMMAND, body=bulk),
        Entry("review.open", review, COMMAND, body=bulk, content_hash=review.content_hash),
    )


def _waiting(review: Review, send: StepRun) -> Review:
    """The same, with those whose own work it is; that each is like the next is worked out once."""
    version = send.run.version
    review.own_work |= {own.VERSION: [pk for pk in {version.edited_by_id or version.created_by_id} if pk]}
    review.not_by = own.everybody(review.own_work)
    return review


def _outputs(place: int) -> Outputs:
    triage = {"label": LABELS[place % 5], "confidence": CONFIDENCES[place % 6], "runners_up": []}
    return {"triage": triage, "draft": {"subject": f"Your question, number {place}", "body": "Thank you for asking."}}


def _act(given: dict[str, Any], draft: dict[str, Any]) -> dict[str, Any]:
    arguments = {"to": given["customer"], "subject": draft["subject"], "body": draft["body"]}
    return {"tool": "email.send@1", "arguments": arguments}


def _question(act: dict[str, Any]) -> dict[str, Any]:
    return {"when": "before", "step": "send", "act": act, "hash": digest(act)}
