"""An agent that asks people, or talks with somebody until they end it."""

import pytest

from orchestration.models import StepRun
from reviews.models import Review
from tests.agents.drawn import ANSWER, asker, asks, told, work
from tests.cast import Cast
from tests.flow.drawn import carry_on
from tests.flow.hands import approve, reject
from tests.loopback import Provider

pytestmark = pytest.mark.django_db

TALKS = {"talks": True, "asks": {"group": "reviewer"}, "output": {"type": "object", "required": ["said"]}}


def test_it_asks_and_reads_the_answer(cast: Cast, said: Provider) -> None:
    said.says = [asks(("ask", {"question": "Which card?"})), ANSWER]
    run = work(cast, asks={"group": "reviewer", "due_minutes": 5})
    review = Review.objects.get()
    assert review.title == "Ask asks"
    assert review.content == {"question": "Which card?", "answer": ""}
    approve(cast, review, answer="The blue one.")
    assert carry_on(run).status == "done"
    assert told(said) == [{"question": "Which card?", "answer": "The blue one."}]


def test_a_person_may_refuse_to_answer(cast: Cast, said: Provider) -> None:
    said.says = [asks(("ask", {"question": "Which card?"})), ANSWER]
    run = work(cast, asks={"group": "reviewer"})
    reject(cast, Review.objects.get())
    carry_on(run)
    assert told(said) == [{"refused": "Not like this."}]


def test_it_talks_until_somebody_ends_it(cast: Cast, said: Provider) -> None:
    said.says = [{"content": "Who are you?"}, {"content": "What is it, Ada?"}]
    run = work(cast, **TALKS)
    approve(cast, Review.objects.get(), answer="Ada.")
    carry_on(run)
    assert [one["role"] for one in said.heard[-1]["messages"]] == ["system", "user", "assistant", "user"]
    assert said.heard[-1]["messages"][-1]["content"] == "Ada."
    approve(cast, Review.objects.get(status="open"), answer="Nothing.", over=True)
    run = carry_on(run)
    assert (run.status, asker(run).output) == ("done", {"said": "What is it, Ada?"})
    assert len(said.heard) == 2


def test_it_ends_a_talk_with_its_result(cast: Cast, said: Provider) -> None:
    said.says = [{"content": "Who are you?"}, asks(("finish", {"said": "Goodbye, Ada."}))]
    run = work(cast, **TALKS)
    approve(cast, Review.objects.get(), answer="Ada.")
    run = carry_on(run)
    assert asker(run).output == {"said": "Goodbye, Ada."}
    assert not StepRun.objects.filter(run=run, status="waiting").exists()
