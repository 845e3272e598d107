"""The pages of agents: drawn up in a form, checked, signed, stopped; what is wrong loses nothing."""

from typing import Any

import pytest
from django.db import InternalError, ProgrammingError, connection, transaction
from django.test import Client

from audit.models import Event, User
from orchestration.agents import keeping, signing
from orchestration.models import Agent
from tests.agents.drawn import ANSWER, DESK, asks
from tests.agents.signed import anew, drawn_up, signed, text, used
from tests.cast import Cast
from tests.catalog.conftest import second_admin
from tests.flow.drawn import carry_on, start
from tests.loopback import Provider

pytestmark = pytest.mark.django_db

FORM = {"name": "desk", "title": "Desk", "purpose": "It helps.", "owner": "adam"}


@pytest.fixture
def ada(cast: Cast) -> User:
    """A second admin."""
    return second_admin(cast)


@pytest.fixture
def adam(cast: Cast, client: Client) -> Client:
    """Adam, signed in."""
    client.force_login(cast.adam)
    return client


def test_an_agent_is_drawn_up_proposed_and_signed(cast: Cast, ada: User, adam: Client) -> None:
    answer = adam.post("/agents/new/", {**FORM, "source": text()}, follow=True)
    assert answer.redirect_chain == [("/agents/desk/", 303)]
    assert b"No step may use it before a second person has signed it." in answer.content
    answer = adam.post("/agents/desk/approve/")
    other = Client()
    other.force_login(ada)
    shown = other.get(answer["Location"]).content.decode()
    assert "test.say, test.keyed" in shown
    assert "turns: 6, calls: 10" in shown
    row = Agent.objects.get(name="desk")
    assert row.status == "proposed"


@pytest.mark.parametrize(
    ("review", "sentences"),
    [
        (
            {**DESK, "then": [{"group": "admin"}], "reminders": [30]},
            [
                "Reviewers decide on its calls that change something.",
                "Then Admins approve as well: another person, on the same text.",
                "They are reminded 30 minutes before it is due.",
            ],
        ),
        ({"waiver": {"reason": "It only notes.", "until": "2031-01-31"}}, ["Waived until 2031-01-31. It only notes."]),
        ({"waiver": "It only notes."}, ["Waived. It only notes."]),
    ],
)
def test_who_looks_at_its_calls_is_said_in_sentences(review: dict[str, Any], sentences: list[str]) -> None:
    ((name, said),) = signing.facts_of({"call_review": review})
    assert name == "Who looks at its calls"
    assert [sentence for sentence in sentences if sentence not in said] == []
    assert "{" not in said


@pytest.mark.parametrize(
    "review", [{"waiver": 3, "when": 1}, {"only": {"below": 1}, "why": 7}, {"default": {"after": []}}]
)
def test_a_review_of_no_shape_breaks_no_page(review: dict[str, Any]) -> None:
    ((_, said),) = signing.facts_of({"call_review": review})
    assert said


def test_checking_saves_nothing_and_loses_nothing(adam: Client) -> None:
    broken = "model: any\nprompt: Help.\ntools: [no.such]\nmodell: x\n"
    answer = adam.post("/agents/new/", {**FORM, "source": broken, "act": "check"})
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert "&#x27;modell&#x27; is nothing that an agent says; is &#x27;model&#x27; meant?" in shown
    assert "Line 4" in shown
    assert "tools: [no.such]" in shown
    assert not Agent.objects.exists()


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("", "It says nothing of an agent yet"),
        ("- a\n- b\n", "It says nothing of an agent yet"),
        ("model: [", "is not YAML that can be read"),
        ("prompt: Help.\n", "It says no model."),
        ("model: any\nprompt: Help.\ntools: [no.such]\n", "It may call &#x27;no.such&#x27;, which is no tool here."),
        (
            "model: any\nprompt: Help.\ntools: []\nasks: {group: men}\n",
            "There is no group &#x27;men&#x27; here.",
        ),
        ("model: any\nprompt: Help.\ntools: []\nlimits: {turns: 0}\n", "limits.turns"),
        ("model: any\nprompt: Help.\ntools: []\ntalks: true\n", "It talks, so it says with whom: asks."),
        ("a: " * 200_000, "At most 512 kB."),
    ],
)
def test_a_broken_text_is_kept_and_told(cast: Cast, adam: Client, source: str, told: str) -> None:
    row = drawn_up(cast)
    form = {**FORM, "source": source, "seen": keeping.state_of(row)}
    answer = adam.post("/agents/helper/edit/", form)
    if answer.status_code == 422:
        assert told in answer.content.decode()
        return
    assert answer.status_code == 303
    assert Agent.objects.get().source == source
    assert told in adam.get("/agents/helper/edit/").content.decode()
    assert adam.post("/agents/helper/approve/").status_code == 409


def test_who_comes_too_late_keeps_what_was_written(cast: Cast, adam: Client) -> None:
    row = drawn_up(cast)
    seen = keeping.state_of(row)
    keeping.change(row.pk, {"source": text(prompt="Theirs.")}, by=cast.adam, seen=seen)
    answer = adam.post("/agents/helper/edit/", {**FORM, "source": text(prompt="Mine."), "seen": seen})
    shown = answer.content.decode()
    assert answer.status_code == 409
    assert "prompt: Mine." in shown
    assert "prompt: Theirs." in shown


def test_a_bad_name_or_owner_is_told_beside_its_field(adam: Client) -> None:
    for wrong in ({"name": "Help Desk"}, {"name": "new"}, {"owner": "nobody-here"}, {"title": " "}, {"purpose": ""}):
        answer = adam.post("/agents/new/", {**FORM, "source": text(), **wrong})
        assert answer.status_code == 422, wrong
        assert "Find out." in answer.content.decode()
    assert not Agent.objects.exists()


def test_it_is_stopped_by_one_and_says_so(cast: Cast, ada: User, adam: Client) -> None:
    signed(drawn_up(cast), by=cast.adam, second=ada)
    adam.post("/agents/helper/off/", {"why": "It promises too much."})
    assert Agent.objects.get().status == "off"
    assert Event.objects.get(kind="agent.off").about["reason"] == "It promises too much."
    assert "its turns and calls are refused in every run" in adam.get("/agents/helper/").content.decode()
    assert adam.post("/agents/helper/off/").status_code == 409
    adam.post("/agents/helper/on/")
    assert Agent.objects.get().status == "approved"


def test_off_stays_off_though_a_newer_version_is_signed(cast: Cast, ada: User) -> None:
    row = drawn_up(cast)
    signed(row, by=cast.adam, second=ada)
    keeping.switch_off(row.pk, by=ada)
    anew(row, by=cast.adam, second=ada, prompt="Otherwise.")
    row.refresh_from_db()
    assert (row.status, row.current and row.current.number) == ("off", 2)


def test_its_page_tells_what_it_did_and_who_uses_it(cast: Cast, ada: User, adam: Client, said: Provider) -> None:
    row = drawn_up(cast)
    signed(row, by=cast.adam, second=ada)
    said.says = [asks(("test_say", {"word": "card"})), ANSWER]
    carry_on(start(cast, used()))
    anew(row, by=cast.adam, second=ada, prompt="Find out more.")
    shown = adam.get("/agents/helper/").content.decode()
    assert "100%: 1 of 1 that ended" in shown
    assert "a newer one is signed" in shown
    assert "<ins> more</ins>" in shown
    listed = adam.get("/agents/").content.decode()
    assert "Helper" in listed
    assert "100%" in listed


def test_the_list_is_asked_in_a_bounded_number_of_queries(
    cast: Cast, ada: User, adam: Client, django_assert_max_num_queries: object
) -> None:
    for number in range(60):
        drawn_up(cast, f"helper-{number}")
    with django_assert_max_num_queries(25):  # type: ignore[operator]
        shown = adam.get("/agents/").content.decode()
    assert "helper-59" in shown
    assert "helper-3<" not in shown
    assert "?before=" in shown


def test_versions_never_change(cast: Cast, ada: User) -> None:

    version = signed(drawn_up(cast), by=cast.adam, second=ada)
    statements = ("UPDATE orchestration_agentversion SET number = 9", "DELETE FROM orchestration_agentversion")
    for statement in statements:
        with pytest.raises((InternalError, ProgrammingError)), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    version.refresh_from_db()
    assert version.number == 1
