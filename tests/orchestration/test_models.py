"""Models: what they may answer, and what becomes of what they should not."""

from decimal import Decimal

import pytest

from orchestration import call
from orchestration.models import Attempt, Run, StepRun
from tests import cast as people
from tests.cast import Cast, carry_out_all
from tests.fakes import FakeModels
from tests.loopback import provider


def first_try(cast: Cast) -> Attempt:
    cast.start()
    carry_out_all()
    return Attempt.objects.get(fence=1, step_run__step__key="triage")


@pytest.mark.parametrize(
    "answer",
    [
        "no JSON at all",
        "",
        "[1, 2]",
        '{"label": "x"}',
        '{"label": "x", "confidence": NaN}',
        "[" * 5000,
        '{"label": "x", "confidence": ' + "9" * 5000 + "}",
    ],
)
def test_it_refuses_an_answer_that_does_not_fit(cast: Cast, models: FakeModels, answer: str) -> None:
    models.intent.says = answer
    tried = first_try(cast)
    assert tried.result == "failed"
    assert StepRun.objects.get().status == "ready"


def test_it_cleans_what_cannot_be_kept_and_says_so(cast: Cast, models: FakeModels) -> None:
    models.scripted.says = {"subject": "A\x00B", "body": "half \ud800 a pair, and enough of it"}
    review = cast.waiting()
    assert review.arguments["subject"] == "A\N{REPLACEMENT CHARACTER}B"
    draft = StepRun.objects.get(step__key="draft")
    assert draft.output is not None
    assert draft.output["cleaned"] is True


def test_it_records_tokens_cost_and_confidence(cast: Cast, models: FakeModels) -> None:
    tried = first_try(cast)
    assert (tried.model, tried.confidence) == ("handrail/intent", 0.83)
    price = models.intent.price
    expected = Decimal(str(price.input)) * tried.tokens_in + Decimal(str(price.output)) * tried.tokens_out
    assert tried.cost == expected
    assert tried.cost > 0


def test_it_says_which_key_is_missing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    people.with_models(cast, triage="openai/triage", draft="openai/draft")
    tried = first_try(cast)
    assert tried.error == "openai/triage needs OPENAI_API_KEY in the environment."
    assert Run.objects.get().status == "failed"


@pytest.mark.parametrize(("status", "retry"), [(500, True), (429, True), (401, False), (400, False), (404, False)])
def test_it_tells_errors_that_pass_from_those_that_stay(
    monkeypatch: pytest.MonkeyPatch, status: int, *, retry: bool
) -> None:
    with provider() as said:
        said.status, said.body = status, b'{"error": {"message": "no"}}'
        for name, value in said.environment.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(call.CallFailed) as failed:
            call.complete("openai/triage", [{"role": "user", "content": "x"}], seconds=5)
    assert failed.value.retry is retry
    assert len(said.asked) == 1


def test_it_gives_up_when_the_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    with provider() as said:
        said.delay = 3
        for name, value in said.environment.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(call.CallFailed) as failed:
            call.complete("openai/triage", [{"role": "user", "content": "x"}], seconds=0.5)
    assert failed.value.retry
