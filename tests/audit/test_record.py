"""The record's pages: who may open what, what narrows it, and whether an event is as it was written."""

import re

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit import choices, ledger
from audit.actors import COMMAND
from audit.models import Event, Leaf
from audit.reading import recheck
from tests import owner
from tests.audit.conftest import Decide, Get, seal_all
from tests.cast import PASSWORD, Cast

pytestmark = pytest.mark.django_db


def newest(kind: str) -> Event:
    return Event.objects.filter(kind=kind).order_by("-id")[0]


def page_of(event: Event) -> str:
    return f"/record/{event.event_id}/"


def numbers(html: str) -> list[int]:
    return [int(number) for number in re.findall(r'id="event-(\d+)"', html)]


def test_it_shows_the_newest_first(cast: Cast, get: Get) -> None:
    found = get("/record/")
    head = Leaf.objects.count() - 1
    assert numbers(found.html)[:3] == [head, head - 1, head - 2]
    assert "Mina Sato signed in" in found.text


@pytest.mark.parametrize("login", ["rita", "noah"])
def test_others_find_nothing_there(cast: Cast, get: Get, login: str) -> None:
    assert get("/record/", getattr(cast, login)).status == 404


def test_it_can_be_narrowed_by_kind_run_and_person(cast: Cast, decide: Decide, get: Get) -> None:
    run = decide().review.run_id
    decide(cast.ravi)
    kinds = set(re.findall(r"approved|rejected|asked|signed in|began", get("/record/?kind=review").text))
    assert kinds == {"approved", "asked"}
    assert len(numbers(get("/record/?kind=review.approved").html)) == 2
    assert len(numbers(get(f"/record/?run={run}").html)) == Event.objects.filter(run_id=run).count()
    assert "Ravi Menon approved" in get(f"/record/?person={cast.ravi.pk}").text
    assert "Rita Bauer approved" not in get(f"/record/?person={cast.ravi.pk}").text


def test_pages_lead_to_the_first_event_and_back(cast: Cast, get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    get("/record/")
    monkeypatch.setattr("audit.pages.SIZE", 5)
    assert numbers(get("/record/?before=7").html) == [6, 5, 4, 3, 2]
    assert numbers(get("/record/?before=2").html) == [1, 0]
    assert numbers(get("/record/?after=1").html) == [6, 5, 4, 3, 2]


def test_what_waits_for_its_number_is_counted(cast: Cast, client: Client) -> None:
    client.force_login(cast.mina)
    seal_all()
    choices.write("some-choice", True, actor=COMMAND)
    assert "One more waits for its number" in client.get("/record/").content.decode()


def test_the_number_of_queries_is_the_same_for_one_and_for_fifty(cast: Cast, decide: Decide, get: Get) -> None:
    decide()

    def asked(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            get(path)
        return len([query for query in queries if "audit_leaf" in query["sql"] and "SELECT" in query["sql"][:6]])

    assert asked("/record/?kind=review.approved") == asked("/record/")


def test_an_event_says_what_happened_and_that_it_is_unchanged(cast: Cast, decide: Decide, get: Get) -> None:
    decide(verdict="rejected")
    found = get(page_of(newest("review.rejected")))
    assert "Rita Bauer rejected Ines Duarte" in found.text
    assert "The rate is wrong." in found.text
    assert "Exhibit: content" in found.text
    assert "ines.duarte@customer.example" in found.text
    assert found.text.count("Unchanged since it was written.") == 3


def test_whoever_may_see_the_workflow_may_open_its_events(cast: Cast, decide: Decide, get: Get) -> None:
    decide()
    assert get(page_of(newest("review.approved")), cast.rita).status == 200
    assert get(page_of(newest("review.approved")), cast.noah).status == 404


def test_events_of_no_workflow_are_for_those_who_read_the_record(cast: Cast, get: Get) -> None:
    assert get(page_of(newest("user.created")), cast.adam).status == 200
    assert get(page_of(newest("user.created")), cast.rita).status == 404


def test_an_unknown_event_is_not_there(cast: Cast, get: Get) -> None:
    assert get("/record/0193a000-0000-7000-8000-000000000000/").status == 404


def test_the_tried_name_of_a_failed_login_is_in_the_record(cast: Cast, client: Client, get: Get) -> None:
    client.post("/login/", {"username": "<evil>", "password": PASSWORD})
    assert "tried to sign in as &lt;evil&gt; and failed" in get("/record/?kind=login").html


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("table", "change", "name"),
    [
        ("event", "body = '{}'", "Body"),
        ("event", "actor_id = '1'", "Leaf"),
        ("event", "occurred_at = now()", "Leaf"),
        ("personal", "data = '{}'", "Personal part"),
        ("leaf", "leaf_hash = 'x'", "Leaf"),
    ],
)
def test_a_change_behind_our_back_shows(live_cast: Cast, client: Client, table: str, change: str, name: str) -> None:
    seal_all()
    event = newest("group.joined")
    column = "id" if table == "event" else "event_id"
    with owner.connect() as connection:
        connection.execute(f"ALTER TABLE audit_{table} DISABLE TRIGGER USER")
        connection.execute(f"UPDATE audit_{table} SET {change} WHERE {column} = {event.pk}")
    changed = Event.objects.select_related("leaf", "personal").get(pk=event.pk)
    assert name in {check.name for check in recheck.checks(changed, changed.leaf, {}) if check.agrees is False}
    client.force_login(live_cast.mina)
    assert "This entry is not as it was written" in client.get(page_of(event)).content.decode()


@pytest.mark.django_db(transaction=True)
def test_an_erased_personal_part_is_told_and_the_rest_still_proves_itself(live_cast: Cast, client: Client) -> None:
    seal_all()
    event = newest("group.joined")
    with owner.connect() as connection:
        connection.execute("ALTER TABLE audit_personal DISABLE TRIGGER USER")
        connection.execute("DELETE FROM audit_personal WHERE event_id = %s", [event.pk])
    client.force_login(live_cast.mina)
    page = client.get(page_of(event)).content.decode()
    assert "somebody whose name was erased" in page
    assert "Erased. The hash stays, and so does the proof." in page
    assert "Unchanged since it was written:" in page


def test_a_large_exhibit_is_shown_and_checked(cast: Cast, get: Get) -> None:
    with transaction.atomic():
        ledger.record("run.done", "run", actor=COMMAND, exhibits={"output": {"text": "y" * 5000}})
    found = get(page_of(newest("run.done")))
    assert "Exhibit output Unchanged since it was written." in found.text
    assert "y" * 5000 in found.text
