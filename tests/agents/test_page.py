"""The talk of an agent on the page of its run."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.actors import WORKER
from audit.ledger import record
from orchestration.calls import codes_of, state_of
from orchestration.models import StepRun, Tool
from reviews.models import Review
from tests.agents.drawn import ANSWER, MANY, asks, calls, forty, work
from tests.cast import Cast
from tests.flow.drawn import carry_on
from tests.flow.hands import approve
from tests.loopback import Provider

pytestmark = pytest.mark.django_db


def words(client: Client, address: str) -> str:
    """What a page says, without its marks."""
    answer = client.get(address)
    assert answer.status_code == 200, answer.content[-2000:]
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_it_shows_what_was_said_asked_for_and_came(cast: Cast, client: Client, said: Provider) -> None:
    look = asks(("test_say", {"word": "card"}), text="I look.")
    said.says = [look, asks(("look_up", {})), asks(("test_keyed", {"sum": 10})), ANSWER]
    run = work(cast)
    client.force_login(cast.rita)
    page = words(client, f"/runs/{run.pk}/?step=ask&tab=talk")
    for told in ("Turn 1", "I look.", "test.say", "done", "look_up", "There is no such tool.", "waits for a person"):
        assert told in page, told
    assert "Open the question" in page
    approve(cast, Review.objects.get(), sum=5)
    carry_on(run)
    page = words(client, f"/runs/{run.pk}/?step=ask&tab=talk")
    assert "See what was shown and decided" in page
    assert "Open the question" not in page


def test_a_long_talk_comes_in_pages(cast: Cast, client: Client, said: Provider) -> None:
    said.says = [asks(*[("test_say", {"word": f"{turn} {n}"}) for n in range(2)]) for turn in range(60)] + [ANSWER]
    run = work(cast, limits={"turns": 70, "calls": 200})
    assert run.status == "done"
    client.force_login(cast.rita)
    page = words(client, f"/runs/{run.pk}/?step=ask&tab=talk")
    assert "Turn 60" in page
    assert "Turn 10 " not in page
    assert "Earlier turns" in page
    assert "Turn 1 " in words(client, f"/runs/{run.pk}/?step=ask&tab=talk&turn=1")


def test_forty_turns_with_sixty_calls_take_no_more_queries_than_two(cast: Cast, client: Client, said: Provider) -> None:
    said.says = [*forty()[:2], ANSWER]
    short = work(cast)
    said.says = [*forty(), ANSWER]
    long = work(cast, limits=MANY)
    assert (long.status, len(calls(long))) == ("done", 60)
    client.force_login(cast.rita)
    for query, most in (("", 36), ("&tab=talk", 40), ("&tab=talk&at=1", 40)):
        taken = []
        for run in (short, long):
            with CaptureQueriesContext(connection) as asked:
                page = client.get(f"/runs/{run.pk}/?step=ask{query}")
            assert page.status_code == 200
            taken.append(len(asked))
        assert taken[0] == taken[1] <= most, (query, taken)
        assert len(page.content) < 300_000, (query, len(page.content))


def test_it_is_gone_through_turn_by_turn(cast: Cast, client: Client, said: Provider) -> None:
    said.says = [
        asks(("test_say", {"word": "a"}), text="First."),
        asks(("test_say", {"word": "b"}), text="Then."),
        ANSWER,
    ]
    run = work(cast)
    client.force_login(cast.rita)
    first = client.get(f"/runs/{run.pk}/?step=ask&tab=talk&at=1").text
    assert "First." in first
    assert "Then." not in first
    assert "tab=talk&amp;at=2#step" in first
    assert "<details open>" in first
    last = words(client, f"/runs/{run.pk}/?step=ask&tab=talk&at=99")
    assert "2 of 2" in last
    assert "Then." in last
    assert "Turn by turn" in words(client, f"/runs/{run.pk}/?step=ask&tab=talk&at=x")


CODES = {"rule": "not allowed", "refused": "not allowed", "input": "does not fit", "tool": "failed"}


@pytest.mark.parametrize("code", CODES)
def test_a_call_that_failed_says_why_in_a_word(cast: Cast, client: Client, said: Provider, code: str) -> None:
    said.says = [asks(("test_say", {"word": "a"})), ANSWER]
    run = work(cast)
    (call,) = calls(run)
    StepRun.objects.filter(pk=call.pk).update(status="failed", error="No.")
    record("steprun.failed", call, actor=WORKER, body={"code": code})
    client.force_login(cast.rita)
    assert CODES[code] in words(client, f"/runs/{run.pk}/?step=ask&tab=talk")
    assert str(state_of(StepRun.objects.get(pk=call.pk), code=codes_of([call.pk])[call.pk]).label) == CODES[code]


def test_what_is_large_and_kept_beside_its_row_is_shown_cut(cast: Cast, client: Client, said: Provider) -> None:
    said.says = [asks(("test_say", {"word": "x" * 70_000})), ANSWER]
    run = work(cast)
    client.force_login(cast.rita)
    page = client.get(f"/runs/{run.pk}/?step=ask&tab=talk")
    assert "x" * 3000 in page.text.rpartition("What came of it")[2]
    assert len(page.content) < 80_000


def test_a_step_of_another_kind_has_no_talk(cast: Cast, client: Client) -> None:
    run = cast.start()
    client.force_login(cast.rita)
    assert "tab-talk" not in client.get(f"/runs/{run.pk}/?step=triage&tab=talk").content.decode()


def test_the_page_of_a_tool_leads_to_the_talk_in_which_it_was_called(
    cast: Cast, client: Client, said: Provider
) -> None:
    said.says = [asks(("test_say", {"word": "a"})), ANSWER]
    run = work(cast)
    client.force_login(cast.adam)
    page = client.get(f"/tools/{Tool.objects.get(name='test.say').pk}/").text
    assert f'href="/runs/{run.pk}/?step=ask&amp;tab=talk#step"' in page
    assert str(calls(run)[0].ready_at.year) in page.rpartition("Its calls")[2]
