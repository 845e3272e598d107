"""Settings, the theme, and what says whether all is well."""

import json
from typing import Any, NoReturn

import pytest
import redis
from django.db import OperationalError
from django.test import Client

from audit import choices, standing
from audit.actors import COMMAND
from audit.models import Event
from tests import owner
from tests.audit.conftest import Get
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _one_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choices, "_declared", {})
    choices.declare("arrivals-on", "Questions keep arriving", "A few a minute, until 60 wait.", True)


def test_it_lists_what_can_be_chosen_and_what_is_fixed(cast: Cast, get: Get) -> None:
    said = get("/settings/", cast.adam).text
    for words in ("Questions keep arriving", "A few a minute", "Northwind Bank", "outbox", "Version 0.1.0", "Answers"):
        assert words in said


def test_a_choice_is_kept_and_recorded(cast: Cast, client: Client) -> None:
    client.force_login(cast.adam)
    assert client.post("/settings/arrivals-on/", {"value": "off"}).status_code == 302
    assert choices.read("arrivals-on", True) is False
    event = Event.objects.get(kind="setting.changed")
    assert event.data == {"key": "arrivals-on", "was": None, "value": False}
    assert event.about["actor"] == "Adam Novak"


def test_choosing_what_stands_already_is_no_event(cast: Cast) -> None:
    choices.write("arrivals-on", False, actor=COMMAND)
    choices.write("arrivals-on", False, actor=COMMAND)
    assert Event.objects.filter(kind="setting.changed").count() == 1


@pytest.mark.parametrize(("path", "value"), [("/settings/arrivals-on/", "maybe"), ("/settings/moon/", "on")])
def test_what_is_not_declared_cannot_be_chosen(cast: Cast, client: Client, path: str, value: str) -> None:
    client.force_login(cast.adam)
    assert client.post(path, {"value": value}).status_code == 404


def test_only_those_who_may_change_choices_do(cast: Cast, client: Client) -> None:
    for user in (cast.mina, cast.rita, cast.noah):
        client.force_login(user)
        assert client.get("/settings/").status_code == 404
        assert client.post("/settings/arrivals-on/", {"value": "off"}).status_code == 404
    assert choices.read("arrivals-on", True) is True


def test_a_get_chooses_nothing(cast: Cast, client: Client) -> None:
    client.force_login(cast.adam)
    assert client.get("/settings/arrivals-on/?value=off").status_code == 405


def test_a_choice_without_its_token_is_refused(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.adam)
    assert client.post("/settings/arrivals-on/", {"value": "off"}).status_code == 403


@pytest.mark.parametrize(
    ("back", "goes_to"),
    [
        ("/runs/?x=1", "/runs/?x=1"),
        ("https://elsewhere.example/", "/"),
        ("//elsewhere.example", "/"),
        ("javascript:x", "/"),
        ("", "/"),
    ],
)
def test_a_theme_is_kept_in_a_cookie_and_leads_back_here_only(client: Client, back: str, goes_to: str) -> None:
    response = client.post("/theme/", {"theme": "dark", "next": back})
    assert response["Location"] == goes_to
    assert response.cookies["theme"].value == "dark"


@pytest.mark.parametrize("theme", ["", "system", "<script>"])
def test_any_other_theme_is_the_systems(client: Client, theme: str) -> None:
    assert client.post("/theme/", {"theme": theme}).cookies["theme"].value == ""


def test_health_says_what_stands(client: Client) -> None:
    response = client.get("/health/")
    assert response.status_code == 200
    assert json.loads(response.content) == {"database": True, "queue": True, "clock": False, "leaf": -1}


def test_without_the_queue_it_still_serves(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any, **__: Any) -> NoReturn:
        raise redis.ConnectionError

    monkeypatch.setattr(redis.Redis, "ping", away)
    response = client.get("/health/")
    assert (response.status_code, json.loads(response.content)["queue"]) == (200, False)


def test_without_the_database_it_does_not(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    class Away:
        def cursor(self) -> NoReturn:
            raise OperationalError

    monkeypatch.setattr(standing, "connection", Away())
    response = client.get("/health/")
    assert (response.status_code, json.loads(response.content)["database"]) == (503, False)


@pytest.mark.django_db(transaction=True)
def test_it_sees_whether_the_clock_holds_its_lock() -> None:
    with owner.connect() as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [standing.CLOCK_LOCK])
        assert standing.look().clock is True
        connection.execute("SELECT pg_advisory_unlock(%s)", [standing.CLOCK_LOCK])
    assert standing.look().clock is False
