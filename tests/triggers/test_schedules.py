"""Schedules: daylight saving, downtime, and each due moment once, by the database's clock."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from audit.actors import person
from audit.clock_time import now
from audit.models import Event
from orchestration.models import Run, Trigger, TriggerFire
from orchestration.triggers import keeping, schedules
from orchestration.triggers.keeping import BadTrigger, Wanted
from tests import clock
from tests.cast import Cast
from tests.triggers.conftest import clocked, schedule

BERLIN = "Europe/Berlin"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def be(moment: str) -> None:
    """Let the one clock show that moment."""
    clock.jump((at(moment) - now()).total_seconds())


def inputs() -> list[str]:
    return [run.input["at"] for run in Run.objects.order_by("pk")]


@pytest.mark.parametrize(
    ("cron", "since", "expected"),
    [
        ("30 2 * * *", "2027-03-27T12:00+01:00", ["2027-03-28T03:00+02:00", "2027-03-29T02:30+02:00"]),
        ("30 2 * * *", "2027-10-30T12:00+02:00", ["2027-10-31T02:30+02:00", "2027-11-01T02:30+01:00"]),
        ("*/30 * * * *", "2027-03-28T01:30+01:00", ["2027-03-28T03:00+02:00", "2027-03-28T03:30+02:00"]),
        ("0 12 29 2 *", "2027-01-01T00:00+01:00", ["2028-02-29T12:00+01:00", "2032-02-29T12:00+01:00"]),
    ],
)
def test_daylight_saving_is_followed(cron: str, since: str, expected: list[str]) -> None:
    coming = schedules.upcoming(cron, BERLIN, at(since), 2)
    assert [moment.isoformat(timespec="minutes") for moment in coming] == expected


def test_it_shows_the_next_five() -> None:
    coming = schedules.upcoming("0 8 * * MON-FRI", BERLIN, at("2026-11-20T12:00+01:00"))
    days = ["Mon", "Tue", "Wed", "Thu", "Fri"]
    assert [f"{moment:%a %H:%M}" for moment in coming] == [f"{day} 08:00" for day in days]


def test_it_starts_when_it_is_due_and_not_twice(cast: Cast) -> None:
    be("2027-03-01T07:00:30+01:00")
    trigger = schedule(cast, "30 7 * * *")
    schedules.come_due()
    assert not Run.objects.exists()
    be("2027-03-01T07:30:05+01:00")
    schedules.come_due()
    schedules.come_due()
    run = Run.objects.get()
    assert (run.input, run.started_by, run.trigger) == ({"at": "2027-03-01T07:30:00+01:00"}, cast.adam, trigger)
    assert run.fires.get().key == "due:2027-03-01T06:30Z"
    event = Event.objects.get(kind="run.accepted", run_id=run.pk)
    assert (event.actor_kind, event.on_behalf_of_id) == ("clock", str(cast.adam.pk))


def test_a_clock_that_died_midway_starts_nothing_twice(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    be("2027-03-01T07:00:30+01:00")
    trigger = schedule(cast, "30 7 * * *")
    be("2027-03-01T07:30:05+01:00")
    with monkeypatch.context() as patch:
        patch.setattr("orchestration.triggers.firing.touch", lambda *_, **__: None)
        schedules.come_due()
    assert Trigger.objects.get(pk=trigger.pk).next_at == at("2027-03-01T07:30+01:00")
    schedules.come_due()
    assert Run.objects.count() == 1


def test_half_past_two_on_the_night_the_clock_jumps_ahead(cast: Cast) -> None:
    be("2027-03-28T01:00:00+01:00")
    schedule(cast, "30 2 * * *")
    for moment in ("01:59:50+01:00", "03:00:02+02:00", "03:30:02+02:00"):
        be(f"2027-03-28T{moment}")
        schedules.come_due()
    assert inputs() == ["2027-03-28T03:00:00+02:00"]


def test_half_past_two_on_the_night_that_has_it_twice(cast: Cast) -> None:
    be("2027-10-31T01:00:00+02:00")
    schedule(cast, "30 2 * * *")
    for moment in ("02:30:02+02:00", "02:30:02+01:00", "03:00:00+01:00"):
        be(f"2027-10-31T{moment}")
        schedules.come_due()
    assert inputs() == ["2027-10-31T02:30:00+02:00"]


@pytest.mark.parametrize(
    ("missed", "started", "passed"),
    [
        ("skip", [], "3 missed since 2027-03-27 02:30."),
        ("one", ["2027-03-29T02:30:00+02:00"], "2 missed since 2027-03-27 02:30."),
        (
            "all",
            ["2027-03-27T02:30:00+01:00", "2027-03-28T03:00:00+02:00", "2027-03-29T02:30:00+02:00"],
            None,
        ),
    ],
)
def test_what_was_missed_over_a_change_of_the_clock(
    cast: Cast, missed: str, started: list[str], passed: str | None
) -> None:
    be("2027-03-26T12:00:00+01:00")
    schedule(cast, "30 2 * * *", missed=missed)
    be("2027-03-29T12:00:00+02:00")
    schedules.come_due()
    schedules.come_due()
    assert inputs() == started
    told = list(TriggerFire.objects.filter(result="missed").values_list("told", flat=True))
    assert told == ([passed] if passed else [])
    assert Event.objects.filter(kind="trigger.missed").count() == len(told)


def test_years_of_downtime_are_bounded(cast: Cast) -> None:
    be("2027-01-01T00:00:30+01:00")
    trigger = schedule(cast, "* * * * *", missed="all")
    be("2029-01-01T00:00:10+01:00")
    schedules.come_due()
    assert Run.objects.count() == schedules.MOST_MADE_UP + 1  # and that of this very minute
    assert TriggerFire.objects.get(result="missed").told.startswith("More than 1000 missed since")
    due = Trigger.objects.get(pk=trigger.pk).next_at
    assert due == at("2029-01-01T00:01:00+01:00")


def test_what_was_due_while_it_was_paused_is_not_made_up(cast: Cast) -> None:
    be("2027-03-01T07:00:00+01:00")
    trigger = schedule(cast, "30 7 * * *", missed="all")
    keeping.pause(trigger, actor=person(cast.adam), why="Holidays.")
    be("2027-03-05T12:00:00+01:00")
    schedules.come_due()
    keeping.go_on(trigger, actor=person(cast.adam))
    schedules.come_due()
    assert not Run.objects.exists()
    assert trigger.next_at == at("2027-03-06T07:30+01:00")
    kinds = list(Event.objects.filter(kind__startswith="trigger.").order_by("pk").values_list("kind", flat=True))
    assert kinds == ["trigger.active", "trigger.paused", "trigger.active"]


def test_an_owner_who_may_no_longer_start_it_starts_nothing(cast: Cast) -> None:
    be("2027-03-01T07:00:00+01:00")
    schedule(cast, "30 7 * * *")
    cast.adam.groups.clear()
    be("2027-03-01T07:30:01+01:00")
    schedules.come_due()
    fire = TriggerFire.objects.get()
    assert (fire.result, fire.run, "may not start runs" in fire.told) == ("refused", None, True)
    assert Event.objects.get(kind="trigger.refused").about["reason"] == fire.told


@pytest.mark.parametrize(
    ("cron", "zone", "field"),
    [
        ("61 * * * *", BERLIN, "cron"),
        ("* * * *", BERLIN, "cron"),
        ("0 0 30 2 *", BERLIN, "cron"),
        ("0 0 0 31 2 *", BERLIN, "cron"),
        ("* * * * *", "Europe/Atlantis", "zone"),
        ("* * * * *", "../../etc/passwd", "zone"),
        ("١ * * * *", BERLIN, "cron"),
        ("*/0 * * * *", BERLIN, "cron"),
    ],
)
def test_a_schedule_that_cannot_be_read_is_told_beside_its_field(cast: Cast, cron: str, zone: str, field: str) -> None:
    with pytest.raises(BadTrigger) as told:
        schedule(cast, cron, zone)
    assert [where for where, _ in told.value.problems] == [field]


def test_a_mapping_must_give_what_is_asked_for_and_read_what_is_there(cast: Cast) -> None:
    config: dict[str, Any] = {"cron": "* * * * *", "zone": BERLIN, "missed": "skip", "mapping": {}}
    with pytest.raises(BadTrigger) as told:
        keeping.make(clocked(cast), "schedule", Wanted("N", config), by=cast.adam)
    assert [where for where, _ in told.value.problems] == ["map-at"]
    config["mapping"] = {"at": "payload.at"}
    with pytest.raises(BadTrigger, match="payload is nothing that can be read here"):
        keeping.make(clocked(cast), "schedule", Wanted("N", config), by=cast.adam)


def test_changing_the_schedule_begins_anew_and_changing_its_name_does_not(cast: Cast) -> None:
    be("2027-03-01T07:00:00+01:00")
    trigger = schedule(cast, "30 7 * * *")
    due, later = trigger.next_at, {**trigger.config, "cron": "30 9 * * *"}
    keeping.change(trigger, Wanted("Another name", trigger.config), by=cast.adam)
    assert Trigger.objects.get(pk=trigger.pk).next_at == due
    keeping.change(trigger, Wanted("Another name", later), by=cast.adam)
    assert Trigger.objects.get(pk=trigger.pk).next_at == at("2027-03-01T09:30+01:00")
    assert Event.objects.filter(kind="trigger.changed").count() == 2


def test_a_moment_of_this_minute_is_not_missed() -> None:
    moment = datetime(2027, 3, 1, 12, 0, 30, tzinfo=UTC)
    found = schedules.due("* * * * *", "UTC", "skip", moment - timedelta(minutes=5), moment)
    assert (len(found.start), found.passed) == (1, 4)
