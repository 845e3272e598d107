"""The page of calendars: made and changed in a form, shown as it comes out, each change in the record."""

from typing import Any

import pytest
from django.test import Client

from audit.models import Event
from orchestration import drafts
from orchestration.readiness.checking import check
from reviews.models import Calendar, Review
from reviews.when import business, keeping
from tests.cast import Cast
from tests.flow import drawn
from tests.when.hours import made
from tests.when.timed import RIGHTS, section, waiting

FORM: dict[str, Any] = {
    "slug": "berlin",
    "name": "Berlin",
    "zone": "Europe/Berlin",
    **{f"day{number}": "09:00-12:00, 13:00-17:00" for number in range(5)},
    "country": "de",
    "region": "BE",
    "off": "2026-12-24 Christmas Eve",
    "working": "2026-12-12 09:00-13:00",
}


@pytest.fixture
def adam(cast: Cast) -> Client:
    """Adam's browser."""
    client = Client()
    client.force_login(cast.adam)
    return client


def test_one_is_made_and_changed(adam: Client) -> None:
    answer = adam.post("/calendars/new/", FORM)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/calendars/berlin/")
    row = Calendar.objects.get()
    assert (row.country, row.hours[0], row.hours[6]) == ("DE", [[540, 720], [780, 1020]], [])
    assert (row.off, row.working) == ({"2026-12-24": "Christmas Eve"}, {"2026-12-12": [[540, 780]]})
    page = adam.get("/calendars/berlin/").text
    assert "The next ten days" in page
    assert "09:00-12:00, 13:00-17:00" in page
    changed = {**FORM, "seen": keeping.state_of(row), "day4": "", "name": "Berlin and Potsdam"}
    assert adam.post("/calendars/berlin/", changed).status_code == 303
    assert Calendar.objects.get().hours[4] == []
    told = Event.objects.get(kind="calendar.changed").data
    assert (told["was"]["name"], told["now"]["name"]) == ("Berlin", "Berlin and Potsdam")
    assert "Berlin and Potsdam" in adam.get("/calendars/").text


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"name": ""}, "What is it called?"),
        ({"zone": "Berlin"}, "There is no such time zone"),
        ({"day2": "nine to five"}, "is no span of time"),
        ({"country": "XX"}, "are not known here"),
        ({"region": "ZZ"}, "No such region there"),
        ({"off": "tomorrow"}, "does not begin with a day"),
        ({"slug": "Berlin Office"}, "Small letters and digits"),
        ({f"day{number}": "" for number in range(5)} | {"working": ""}, "not open at all within a year"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(adam: Client, sent: dict[str, str], told: str) -> None:
    answer = adam.post("/calendars/new/", {**FORM, **sent})
    assert answer.status_code == 422
    assert told in answer.text.replace("&#x27;", "'")
    assert next(iter(sent.values())) in answer.text
    assert not Calendar.objects.exists()


def test_what_somebody_changed_meanwhile_is_kept(cast: Cast, adam: Client) -> None:
    row = made(cast.adam)
    seen = keeping.state_of(row)
    keeping.change(row.pk, {"name": "Potsdam"}, seen=seen, by=cast.adam)
    answer = adam.post("/calendars/berlin/", {**FORM, "seen": seen, "name": "Mine"})
    assert answer.status_code == 409
    assert "Somebody changed this calendar meanwhile" in answer.text
    assert "Mine" in answer.text
    assert Calendar.objects.get().name == "Potsdam"


def test_a_review_is_due_by_its_hours(cast: Cast) -> None:
    row = made(cast.adam)
    review = waiting(cast, hours="berlin", reminders=[30], default={"after": 60, "outcome": "reject"})
    assert review.due_at == business.add(row, review.asked_at, 60)
    assert review.timer_at is not None
    assert review.timer_at > review.asked_at
    assert review.course[-1]["at"] == business.add(row, review.due_at, 60).isoformat()
    client = Client()
    client.force_login(cast.rita)
    page = client.get(f"/inbox/{review.pk}/").text
    assert "business hours of Berlin" in page
    assert "it is rejected, by the clock" in page
    assert "business hours of Berlin" in client.get(f"/runs/{review.run_id}/?step=book").text


def test_a_calendar_that_is_not_here_is_told_before_publishing(cast: Cast) -> None:
    source = drawn.source(drawn.step("book", review=section(hours="berlin")), groups=RIGHTS)
    assert [one.rule for one in check(source).findings if one.rule == "calendars"] == ["calendars"]
    made(cast.adam)
    assert not [one for one in check(source).findings if one.rule == "calendars"]


def test_readiness_tells_what_only_and_the_clock_would_let_out(cast: Cast) -> None:
    email = {"to": "'a@example.org'", "subject": "'Hello'", "body": "'Hello'"}
    unasked = drawn.step("send", tool="email.send", input=email, review=section(only={"below": 0.8}))
    going = drawn.step("book", review=section(default={"after": 0, "outcome": "go_on"}))
    found = {one.rule: one for one in check(drawn.source(going, unasked, groups=RIGHTS)).findings}
    assert "without anybody having seen it" in found["sometimes"].what
    assert "would go on by the clock" in found["by_clock"].what


@pytest.mark.parametrize(
    ("review", "told"),
    [
        ({"default": {"after": 0, "outcome": "go_on"}}, "would go on by the clock, where email.send leaves the house"),
        ({"default": {"after": 0, "outcome": "shrug"}}, "which is none of: reject, stay, go_on"),
        ({"default": {"after": 0}}, "outcome"),
        ({"reminders": [0]}, "reminders"),
        ({"escalate": [{"after": 9, "group": "manager"}], "default": {"after": 9, "outcome": "stay"}}, "asks others 9"),
        ({"only": {}}, "only"),
        ({"only": {"if": "act."}}, "act."),
        ({"second": 2}, "second"),
    ],
)
def test_a_section_that_cannot_be_followed_is_told(cast: Cast, review: dict[str, Any], told: str) -> None:
    email = {"to": "'a@example.org'", "subject": "'Hello'", "body": "'Hello'"}
    step = drawn.step("send", tool="email.send", input=email, review=section(**review))
    found = check(drawn.source(step, groups=RIGHTS)).findings
    assert any(told in one.what for one in found), [one.what for one in found]
    assert not Review.objects.exists()


def test_one_that_nothing_uses_is_deleted(cast: Cast, adam: Client) -> None:
    row = made(cast.adam)
    assert "Delete this calendar" in adam.get("/calendars/berlin/").text
    answer = adam.post("/calendars/berlin/delete/")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/calendars/")
    assert not Calendar.objects.exists()
    told = Event.objects.get(kind="calendar.deleted")
    assert (told.object_id, told.data["now"]["zone"]) == (str(row.pk), "Europe/Berlin")
    assert "The calendar Berlin is deleted." in adam.get("/calendars/").text
    assert adam.post("/calendars/berlin/delete/").status_code == 404


def test_one_that_is_used_stays_and_says_by_what(cast: Cast, adam: Client) -> None:
    row = made(cast.adam)
    review = waiting(cast, hours="berlin")
    drafts.draft_of(review.workflow, by=cast.adam)
    answer = adam.post("/calendars/berlin/delete/")
    assert answer.status_code == 409
    name = review.workflow.name
    assert f"It is named by {name} and the draft of {name}: name another calendar there first." in answer.text
    assert "The time of 1 question was reckoned by it" in answer.text
    assert Calendar.objects.get() == row
    assert "Delete this calendar" not in adam.get("/calendars/berlin/").text
    assert not Event.objects.filter(kind="calendar.deleted").exists()
