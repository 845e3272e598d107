"""Steps of kind model: what models may answer, and what becomes of what they should not."""

from decimal import Decimal

import pytest

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
        '{"label": "x", "confidence": 1e999}',
        '{"label": "x", "label": "y", "confidence": 1}',
        '{"label": "x", "confidence": 9007199254740993}',
        '{"label": "x", "confidence": ' + "9" * 5000 + "}",
        "[" * 5000,
        '{"label": "x", "confidence": 1, "deep": ' + "[" * 2000 + "]" * 2000 + "}",
    ],
)
def test_it_refuses_an_answer_that_does_not_fit(cast: Cast, models: FakeModels, answer: str) -> None:
    models.intent.says = answer
    tried = first_try(cast)
    assert tried.result == "failed"
    assert tried.error.startswith(("The answer ", "The output "))
    assert StepRun.objects.get().status == "ready"


def test_it_reads_an_answer_in_a_code_fence(cast: Cast, models: FakeModels) -> None:
    models.intent.says = '```json\n{"label": "x", "confidence": 0.5}\n```'
    assert first_try(cast).result == "done"


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


def test_a_built_in_provider_that_cannot_answer_is_not_asked_again(cast: Cast, models: FakeModels) -> None:
    models.intent.fails = "The classifier is not trained yet."
    assert first_try(cast).error == "handrail/intent: The classifier is not trained yet."
    assert Run.objects.get().status == "failed"
    assert models.intent.calls == 1


def test_it_says_which_key_is_missing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    people.with_models(cast, triage="openai/triage", draft="openai/draft")
    first_try(cast)
    (asked,) = StepRun.objects.unsettled()
    told = "openai/triage: its key is missing (OPENAI_API_KEY is not in the environment)."
    assert (asked.question or {})["unknown"] == f"No model may do this. {told}"


def test_it_waits_as_long_as_the_provider_asks(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    people.with_models(cast, triage="openai/triage", draft="openai/draft")
    with provider() as said:
        said.status, said.headers = 429, {"Retry-After": "20"}
        for name, value in said.environment.items():
            monkeypatch.setenv(name, value)
        tried = first_try(cast)
    triage = StepRun.objects.get()
    assert triage.status == "ready"
    assert triage.not_before is not None
    assert tried.ended_at is not None
    assert 19 < (triage.not_before - tried.ended_at).total_seconds() < 26


def test_it_keeps_the_prompt_of_a_call_that_failed(cast: Cast, models: FakeModels) -> None:
    models.intent.fails = "No."
    tried = first_try(cast)
    assert tried.model == "handrail/intent"
    assert tried.prompt is not None
    assert [message["role"] for message in tried.prompt] == ["system", "user"]
