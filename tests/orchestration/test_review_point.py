"""What was approved is exactly what is done, or nothing is."""

import email
from pathlib import Path

import pytest
from django.conf import settings

from orchestration.models import Run, StepRun
from reviews import decisions
from reviews.models import Review
from tests.cast import Cast, carry_out_all
from tests.clock import jump
from tests.fakes import FakeModels

pytestmark = pytest.mark.usefixtures("models")


def approve(cast: Cast, review: Review, **edits: str) -> None:
    arguments = {**review.arguments, **edits} if edits else None
    decisions.decide(
        review.pk,
        by=cast.rita,
        verdict="approved",
        version=review.version,
        shown_hash=review.content_hash,
        arguments=arguments,
    )


def finish() -> Run:
    jump(seconds=6)
    carry_out_all()
    return Run.objects.get()


def sent(run: Run) -> email.message.Message:
    (file,) = Path(settings.OUTBOX).glob(f"run-{run.pk}-step-send.eml")
    return email.message_from_bytes(file.read_bytes())


@pytest.fixture(autouse=True)
def _own_outbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "OUTBOX", tmp_path / "outbox")


def test_it_sends_nothing_before_somebody_approves(cast: Cast) -> None:
    cast.waiting()
    assert not Path(settings.OUTBOX).exists()


def test_it_sends_what_was_approved(cast: Cast) -> None:
    approve(cast, cast.waiting())
    message = sent(finish())
    assert message["To"] == "ines.duarte@customer.example"
    assert message["Subject"] == "Your pending card payment"


def test_it_sends_the_edit(cast: Cast) -> None:
    approve(cast, cast.waiting(), subject="About your payment")
    run = finish()
    assert sent(run)["Subject"] == "About your payment"
    assert (run.outcome, run.succeeded) == ("sent with edits", False)


def test_it_sends_nothing_when_rejected(cast: Cast) -> None:
    review = cast.waiting()
    decisions.decide(
        review.pk,
        by=cast.rita,
        verdict="rejected",
        version=1,
        shown_hash=review.content_hash,
        reason="Wrong customer",
    )
    run = finish()
    assert (run.status, run.outcome) == ("done", "not sent")
    assert not Path(settings.OUTBOX).exists()


def test_it_refuses_an_answer_that_the_record_does_not_hold(cast: Cast) -> None:
    review = cast.waiting()
    approve(cast, review)
    step_run = StepRun.objects.get(pk=review.step_run_id)
    assert step_run.answer is not None
    step_run.answer["content"]["arguments"]["to"] = "thief@elsewhere.example"
    StepRun.objects.filter(pk=step_run.pk).update(answer=step_run.answer)
    run = finish()
    assert run.status == "failed"
    assert not Path(settings.OUTBOX).exists()


def test_it_asks_again_when_the_act_has_changed_since(cast: Cast) -> None:
    review = cast.waiting()
    approve(cast, review)
    draft = StepRun.objects.get(step__key="draft")
    StepRun.objects.filter(pk=draft.pk).update(output={**(draft.output or {}), "subject": "Something else"})
    run = finish()
    assert StepRun.objects.get(pk=review.step_run_id).awaits == "person"
    assert not Path(settings.OUTBOX).exists()
    again = Review.objects.get(step_run=review.step_run_id, status="open")
    assert "changed since it was approved" in again.why
    assert again.arguments["subject"] == "Something else"
    approve(cast, again)
    assert sent(finish())["Subject"] == "Something else"
    assert Run.objects.get(pk=run.pk).status == "done"


def test_an_approval_is_good_for_no_other_run(cast: Cast) -> None:
    first, second = cast.waiting(), cast.waiting()
    approve(cast, first)
    answer = StepRun.objects.get(pk=first.step_run_id).answer
    approve(cast, second)
    StepRun.objects.filter(pk=second.step_run_id).update(answer=answer)
    jump(seconds=6)
    carry_out_all()
    assert StepRun.objects.get(pk=second.step_run_id).status == "failed"
    assert [path.name for path in Path(settings.OUTBOX).iterdir()] == [f"run-{first.run_id}-step-send.eml"]


def test_it_does_not_repeat_an_unsafe_call_that_died_midway(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "SMTP_HOST", "127.0.0.1")
    review = cast.waiting()
    approve(cast, review)
    held = StepRun.objects.get(pk=review.step_run_id)
    held.attempts.create(fence=0, worker="w1", acting=True, result="lost")
    run = finish()
    held.refresh_from_db()
    assert (run.status, held.status, held.awaits) == ("running", "waiting", "outcome")


def test_it_puts_fraud_first_and_harmless_last(cast: Cast, models: FakeModels) -> None:
    models.intent.says = {"label": "exchange_rate", "confidence": 0.97}
    last = cast.waiting()
    models.intent.says = {"label": "lost_or_stolen_card", "confidence": 0.55}
    first = cast.waiting()
    assert list(Review.objects.open_for(cast.rita).in_order()) == [first, last]
    assert (first.rule, last.rule) == ("urgent", "harmless-and-sure")
    assert first.due_at < last.due_at
