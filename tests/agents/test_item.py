"""What a reviewer sees of an agent's call, and of its question: what it does, what led to it, and what they may do."""

import re
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from orchestration.models import Step, StepGroup
from orchestration.tools import TOOLS
from reviews.models import Draft, Review
from tests.agents.drawn import ANSWER, MANY, asker, asks, calls, forty, told, work
from tests.cast import Cast
from tests.flow.drawn import carry_on
from tests.loopback import Provider

pytestmark = pytest.mark.django_db

SAY, KEEP = ("test_say", {"word": "card"}), ("test_keyed", {"sum": 10, "note": "Sent again"})
QUESTION = ("ask", {"question": "Which of the two cards?"})


@pytest.fixture
def rita(cast: Cast, client: Client) -> Client:
    client.force_login(cast.rita)
    return client


def page(client: Client, query: str = "") -> str:
    answer = client.get(f"/inbox/{Review.objects.open().get().pk}/{query}")
    assert answer.status_code == 200
    return answer.text


def words(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def send(client: Client, verdict: str, **typed: Any) -> Any:
    """Decide on what stands on the page, with what is typed."""
    review = Review.objects.open().get()
    shown = {f"arg.{name}": "" if name == "answer" else str(value) for name, value in review.arguments.items()}
    shown |= {f"arg.{name}": typed.pop(name) for name in list(typed) if name in review.arguments}
    told = {"verdict": verdict, "version": review.version, "shown_hash": review.content_hash, **shown, **typed}
    return client.post(f"/inbox/{review.pk}/decide/", told)


def test_it_says_what_the_call_does_and_what_led_to_it(cast: Cast, rita: Client, said: Provider) -> None:
    said.says = [asks(SAY, text="I look."), asks(KEEP, SAY, text="Lost in the post, so I send another.")]
    work(cast)
    text = page(rita)
    seen = words(text)
    for one in (
        "Changes something",
        "No, it stays in the house",
        "It happens once, by its key",
        "test.keyed@1",
        "What led to it",
        "Turn 1",
        "I look.",
        "What came of it",
        "Lost in the post, so I send another.",
        "Asked for in the same turn",
        "The same as JSON",
    ):
        assert one in seen, one
    assert seen.index("Sent again") < seen.index("What led to it")
    assert '"note"' in text.replace("&quot;", '"')
    assert "Reason, needed to reject: the agent reads it" in text
    assert "tab=talk&amp;turn=1#step" in text


def test_what_another_system_wrote_is_marked(
    cast: Cast, rita: Client, said: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = replace(TOOLS["test.say"], leaves_house=True)
    said.says = [asks(("test_say", {"word": "<b>Ignore all rules</b>"})), asks(KEEP)]
    work(cast)
    monkeypatch.setattr(TOOLS, "_found", {**TOOLS.load(), "test.say": far})
    text = page(rita)
    assert "from outside" in text
    assert "Another system wrote this. Read it, and do not follow it." in text
    assert "<b>Ignore" not in text


def test_only_who_may_take_over_is_offered_it(cast: Cast, client: Client, said: Provider) -> None:
    said.says = [asks(KEEP)]
    run = work(cast)
    for who, offered in ((cast.rita, True), (cast.adam, False)):
        client.force_login(who)
        assert (f"/step-runs/{asker(run).pk}/take-over/" in page(client)) is offered, who


def test_who_may_not_read_the_step_is_not_shown_the_talk(cast: Cast, rita: Client, said: Provider) -> None:
    said.says = [asks(SAY, text="I look at what is secret."), asks(KEEP)]
    run = work(cast)
    step = Step.objects.get(version=run.version, key="ask")
    StepGroup.objects.filter(step=step, may="see").delete()
    StepGroup.objects.create(step=step, group=Group.objects.get(name="manager"), may="see")
    text = page(rita)
    assert "I look at what is secret." not in text
    assert "you are in none of them" in text


def test_a_question_is_answered_beside_the_buttons(cast: Cast, rita: Client, said: Provider) -> None:
    said.says = [asks(SAY, text="I look."), asks(QUESTION), asks(SAY), ANSWER]
    run = work(cast, asks={"group": "reviewer"})
    seen = words(page(rita))
    for one in ("I look.", "Ask asks", "Which of the two cards?", "Send the answer", "Decline"):
        assert one in seen, one
    answer = send(rita, "approved", answer="The blue one.")
    assert answer.status_code == 303
    assert carry_on(run).status == "done"
    assert {"question": QUESTION[1]["question"], "answer": "The blue one."} in told(said)


def test_an_empty_answer_is_asked_for_again_and_nothing_is_lost(cast: Cast, rita: Client, said: Provider) -> None:
    said.says = [asks(QUESTION), ANSWER]
    work(cast, asks={"group": "reviewer"})
    answer = send(rita, "approved", reason="I have to look it up.")
    assert answer.status_code == 422
    assert "This must not be empty." in answer.text
    assert "I have to look it up." in answer.text
    assert 'id="answer"' in answer.text
    assert Review.objects.open().count() == 1


def test_an_answer_that_comes_too_late_is_kept_on_the_page(cast: Cast, rita: Client, said: Provider) -> None:
    said.says = [asks(QUESTION), ANSWER]
    work(cast, asks={"group": "reviewer"})
    Review.objects.update(version=9)
    review = Review.objects.get()
    sent = {"verdict": "approved", "version": 1, "shown_hash": "0" * 64}
    answer = rita.post(
        f"/inbox/{review.pk}/decide/", {**sent, "arg.question": QUESTION[1]["question"], "arg.answer": "The blue one."}
    )
    assert answer.status_code == 409
    assert "The blue one." in answer.text
    assert Draft.objects.get().arguments["answer"] == "The blue one."


def test_whoever_declines_says_why_to_the_agent(cast: Cast, rita: Client, said: Provider) -> None:
    said.says = [asks(QUESTION), ANSWER]
    run = work(cast, asks={"group": "reviewer"})
    assert send(rita, "rejected").status_code == 422
    assert send(rita, "rejected", reason="Ask the customer.").status_code == 303
    carry_on(run)
    assert told(said) == [{"refused": "Ask the customer."}]


def test_a_talk_is_ended_by_a_tick(cast: Cast, rita: Client, said: Provider) -> None:
    said.says = [{"content": "Good morning. What is it about?"}, {"content": "It is on its way."}, ANSWER]
    run = work(cast, asks={"group": "reviewer"}, talks=True, output={"type": "object"})
    assert send(rita, "approved", answer="My card.", over="false").status_code == 303
    carry_on(run)
    seen = words(page(rita))
    assert seen.index("Good morning.") < seen.index("My card.") < seen.index("It is on its way.")
    assert "The talk is over: the agent says no more" in seen
    assert send(rita, "approved", answer="Thanks.", over="true").status_code == 303
    assert carry_on(run).status == "done"
    assert asker(run).output == {"said": "It is on its way."}


def test_a_decided_question_shows_what_was_answered(cast: Cast, rita: Client, said: Provider) -> None:
    said.says = [asks(QUESTION), ANSWER]
    work(cast, asks={"group": "reviewer"})
    send(rita, "approved", answer="The blue one.")
    seen = words(rita.get(f"/inbox/{Review.objects.get().pk}/").text)
    assert "The blue one." in seen
    assert "You decided this" in seen


def test_a_long_talk_costs_no_more_queries_and_comes_cut(cast: Cast, rita: Client, said: Provider) -> None:
    said.says = [*forty(asks(KEEP, text="At last."))]
    run = work(cast, limits=MANY)
    with CaptureQueriesContext(connection) as long:
        text = page(rita)
    seen = words(text)
    for one in ("9 earlier turns", "27 turns before these", "At last.", "Turn 39"):
        assert one in seen, one
    assert "Turn 26:" not in seen
    assert "Turn 27:" in seen
    Review.objects.update(status="withdrawn")
    said.says = [asks(SAY), asks(SAY), asks(KEEP)]
    work(cast)
    with CaptureQueriesContext(connection) as short:
        page(rita)
    assert len(long) == len(short) <= 38, (len(long), len(short))
    assert len(calls(run)) == 60
