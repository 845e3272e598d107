"""Business time: exact over daylight saving, holidays and midnight, against a clock that is read minute by minute."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviews.when import business
from reviews.when.hours import Hours, public
from tests.when.hours import ALWAYS, calendar

BERLIN = ZoneInfo("Europe/Berlin")
MINUTE = timedelta(minutes=1)
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",  # half an hour of daylight saving
    "Asia/Kathmandu",
    "Africa/Casablanca",
    "Asia/Beirut",  # its clocks change at midnight
    "Pacific/Apia",
    "UTC",
)


def at(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("since", "minutes", "until"),
    [
        ("2026-11-23T09:00", 60, "2026-11-23T10:00"),
        ("2026-11-23T11:30", 60, "2026-11-23T13:30"),  # over noon, when it is closed
        ("2026-11-20T16:30", 90, "2026-11-23T10:00"),  # over the weekend
        ("2026-11-21T12:00", 1, "2026-11-23T09:01"),
        ("2026-12-23T16:30", 60, "2026-12-24T09:30"),
        ("2026-12-24T16:30", 60, "2026-12-28T09:30"),  # both days of Christmas, and a weekend
        ("2026-11-23T16:00", 60, "2026-11-23T17:00"),  # due when it closes, not the next morning
        ("2026-11-23T10:00", 0, "2026-11-23T10:00"),
    ],
)
def test_an_office_in_berlin(since: str, minutes: int, until: str) -> None:
    assert business.add(calendar(), at(since), minutes) == at(until)


def test_days_of_its_own_come_before_holidays() -> None:
    own = calendar(off={"2026-11-24": "Moving"}, working={"2026-12-26": [[600, 720]], "2026-12-27": []})
    assert business.add(own, at("2026-11-23T16:30"), 60) == at("2026-11-25T09:30")
    assert business.add(own, at("2026-12-24T16:30"), 60) == at("2026-12-26T10:30")
    assert business.between(own, at("2026-12-27T00:00"), at("2026-12-28T00:00")) == timedelta(hours=7)


def test_a_region_has_holidays_of_its_own() -> None:
    womens_day = at("2027-03-08T09:00")
    assert business.add(calendar(), womens_day, 60) == at("2027-03-09T10:00")
    assert business.add(calendar(region="BY"), womens_day, 60) == at("2027-03-08T10:00")


@pytest.mark.parametrize(("night", "hours"), [("2026-03-28T22:00", 7), ("2026-10-24T22:00", 9)])
def test_a_night_shift_over_daylight_saving(night: str, hours: int) -> None:
    shift = calendar(hours=[[[22 * 60, 6 * 60]]] * 7, country="", region="")
    begin = at(night)
    assert business.between(shift, begin, begin.replace(day=begin.day + 1, hour=12)) == timedelta(hours=hours)
    assert business.add(shift, begin, hours * 60) == at(night[:8] + f"{begin.day + 1}T06:00")


def test_the_hour_that_comes_twice_counts_twice_and_the_one_that_is_skipped_not_at_all() -> None:
    early = calendar(hours=[[[120, 180]]] * 7, country="", region="")
    day = timedelta(days=1)
    assert business.between(early, at("2026-10-25T00:00"), at("2026-10-25T00:00") + day) == timedelta(hours=2)
    assert business.between(early, at("2026-03-29T00:00"), at("2026-03-29T00:00") + day) == timedelta(0)


def test_what_is_never_open_is_told() -> None:
    closed = calendar(hours=[[]] * 7)
    assert not business.is_ever_open(closed, at("2026-11-23T09:00"))
    for way in (business.add, business.before):
        with pytest.raises(business.NeverOpen):
            way(closed, at("2026-11-23T09:00"), 1)


def test_a_year_without_known_holidays_has_none() -> None:
    assert public("XX", "", 2026) == {}
    assert public("DE", "XX", 2026) == {}


# What follows holds for any calendar and any moment.

spans = st.tuples(st.integers(0, 1439), st.integers(0, 1440)).filter(lambda span: span[0] != span[1])
weeks = st.lists(st.lists(spans, max_size=3), min_size=7, max_size=7).filter(any)
moments = st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1)).map(lambda one: one.replace(tzinfo=UTC))  # noqa: DTZ001
minutes = st.integers(1, 3000)


@st.composite
def calendars(draw: st.DrawFn) -> Hours:
    days = st.dates(date(2025, 1, 1), date(2028, 1, 1))
    return Hours(
        zone=ZoneInfo(draw(st.sampled_from(ZONES))),
        weekdays=tuple(tuple(day) for day in draw(weeks)),
        country=draw(st.sampled_from(["", "DE", "US", "FR"])),
        off=frozenset(draw(st.lists(days, max_size=5))),
        working={
            day: tuple(held)
            for day, held in draw(st.dictionaries(days, st.lists(spans, max_size=2), max_size=3)).items()
        },
    )


def is_open(hours: Hours, moment: datetime) -> bool:
    """Whether the clock on the wall shows open time."""
    wall = moment.astimezone(hours.zone)
    now = wall.hour * 60 + wall.minute
    today, yesterday = hours.of(wall.date()), hours.of(wall.date() - timedelta(days=1))
    return any(opens <= now < closes if closes > opens else now >= opens for opens, closes in today) or any(
        closes <= opens and now < closes for opens, closes in yesterday
    )


@settings(max_examples=60, deadline=None)
@given(calendars(), moments, st.integers(1, 60 * 40))
def test_it_is_what_a_clock_shows_that_is_read_every_minute(hours: Hours, since: datetime, length: int) -> None:
    since = since.replace(second=0, microsecond=0)
    read = sum(is_open(hours, since + place * MINUTE) for place in range(length))
    assert business.between(hours, since, since + length * MINUTE) == read * MINUTE


@settings(max_examples=150, deadline=None)
@given(calendars(), moments, minutes)
def test_add_and_between_undo_each_other(hours: Hours, since: datetime, wanted: int) -> None:
    until = business.add(hours, since, wanted)
    assert business.between(hours, since, until) == wanted * MINUTE
    assert business.between(hours, since, until - timedelta(microseconds=1)) < wanted * MINUTE  # the first such moment
    back = business.before(hours, until, wanted)
    assert business.between(hours, back, until) == wanted * MINUTE
    assert back >= since


@settings(max_examples=100, deadline=None)
@given(calendars(), moments, minutes, minutes)
def test_later_is_never_earlier(hours: Hours, since: datetime, one: int, more: int) -> None:
    first = business.add(hours, since, one)
    assert first <= business.add(hours, since, one + more)
    assert business.add(hours, first, more) == business.add(hours, since, one + more)


@settings(max_examples=60, deadline=None)
@given(moments, st.sampled_from(ZONES), minutes)
def test_what_is_always_open_is_the_clock(since: datetime, zone: str, wanted: int) -> None:
    always = calendar(hours=ALWAYS, zone=zone, country="", region="")
    assert business.add(always, since, wanted) == since + wanted * MINUTE
