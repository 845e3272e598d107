"""Confidence: the classifier's, from log-probabilities, or what a model states of itself; each says which it is."""

import json
import math
from collections.abc import Iterator
from typing import Any

import pytest

from audit.models import Event
from orchestration import jobs
from orchestration.models import Attempt
from orchestration.replies import certainty
from tests.cast import Cast, approve
from tests.fakes import FakeModels
from tests.flow import drawn
from tests.loopback import Provider, completion, provider
from tests.pages.conftest import Look

pytestmark = pytest.mark.django_db


class Words:
    """A choice of an answer, with how likely its tokens were."""

    def __init__(self, *tokens: tuple[str, float]) -> None:
        said = [type("Token", (), {"token": token, "logprob": math.log(share)}) for token, share in tokens]
        self.logprobs = type("Logprobs", (), {"content": said})


@pytest.fixture
def said() -> Iterator[Provider]:
    with provider() as standing:
        near: dict[str, Any] = {"endpoint": f"http://127.0.0.1:{standing.port}/v1", "private_endpoint": True}
        approve("house/plain", route="openai/plain", **near)
        approve("house/open", route="openai/open", **{**near, "capabilities": ["logprobs"]})
        yield standing


def answer(content: dict[str, Any], *tokens: tuple[str, float]) -> bytes:
    """A whole answer, with the log-probabilities of these tokens."""
    whole = json.loads(completion("x", content=json.dumps(content)))
    told: list[Any] = [
        {"token": token, "logprob": math.log(share), "bytes": None, "top_logprobs": []} for token, share in tokens
    ]
    whole["choices"][0]["logprobs"] = {"content": told} if tokens else None
    return json.dumps(whole).encode()


def asked(cast: Cast, model: str, **more: Any) -> Attempt:
    step = drawn.step("ask", "model", model=model, prompt="Say it.", input={}, output={"type": "object"}, **more)
    run = drawn.start(cast, step)
    jobs.advance()
    return Attempt.objects.get(step_run__run=run)


def test_it_is_how_likely_the_words_were_and_not_the_braces() -> None:
    words = Words(('{"', 1.0), ("label", 0.9), ('": "', 1.0), ("card", 0.4), ('"}', 1.0))
    assert certainty(words) == pytest.approx(math.sqrt(0.9 * 0.4))
    assert certainty(Words(('{"', 0.1))) is None
    assert certainty(object()) is None


def test_a_model_that_gives_log_probabilities_is_asked_for_them(cast: Cast, said: Provider) -> None:
    said.body = answer({"label": "card", "confidence": 0.99}, ("label", 0.9), ("card", 0.4))
    attempt = asked(cast, "house/open")
    assert said.heard[0]["logprobs"] is True
    assert attempt.confidence == pytest.approx(0.6)
    assert attempt.confidence_source == "logprobs"
    event = Event.objects.get(kind="steprun.done", object_id=str(attempt.step_run_id))
    assert json.loads(event.body)["confidence_source"] == "logprobs"


def test_where_there_are_none_after_all_what_it_states_counts(cast: Cast, said: Provider) -> None:
    said.body = answer({"label": "card", "confidence": 0.99})
    attempt = asked(cast, "house/open")
    assert (attempt.confidence, attempt.confidence_source) == (0.99, "stated")


@pytest.mark.parametrize(
    ("output", "more", "confidence"),
    [
        ({"confidence": 0.7}, {}, 0.7),
        ({"sure": 0.8, "confidence": 0.7}, {"confidence": "output.sure"}, 0.8),
        ({"confidence": "very"}, {}, None),
        ({"confidence": 90}, {}, None),
        ({"confidence": True}, {}, None),
        ({"label": "card"}, {}, None),
    ],
)
def test_what_a_model_states_is_labelled_so(
    cast: Cast, said: Provider, output: dict[str, Any], more: dict[str, Any], confidence: float | None
) -> None:
    said.body = answer(output)
    attempt = asked(cast, "house/plain", **more)
    assert "logprobs" not in said.heard[0]
    assert (attempt.confidence, attempt.confidence_source) == (confidence, "stated" if confidence is not None else "")


def test_the_run_page_and_the_item_say_which_it_is(cast: Cast, models: FakeModels, look: Look) -> None:
    review = cast.waiting()
    triage = Attempt.objects.get(step_run__run=review.run, step_run__step__key="triage")
    assert (triage.confidence, triage.confidence_source) == (0.83, "classifier")
    assert "by the classifier" in look(cast.rita, f"/runs/{review.run_id}/?step=triage").text
    assert look(cast.rita, f"/inbox/{review.pk}/").text.count("by the classifier") == 2
