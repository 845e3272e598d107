"""Periods in the reader's zone, over the changes of the clocks too."""

import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from audit.reports.periods import Period

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
MOMENT = datetime(2026, 11, 22, 13, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _in_berlin() -> Iterator[None]:
    with timezone.override(BERLIN):
        yield


def test_today_begins_at_the_readers_midnight() -> None:
    period = Period.read({}, MOMENT)
    assert period.start == datetime(2026, 11, 21, 23, tzinfo=UTC)
    assert period.end - period.start == timedelta(days=1)
    assert (period.unit, len(period.bars())) == ("hour", 24)


def test_what_still_runs_is_compared_up_to_the_same_hour() -> None:
    before = Period.read({}, MOMENT).before(MOMENT)
    assert before.start == datetime(2026, 11, 21, tzinfo=BERLIN)
    assert before.end == datetime(2026, 11, 21, 14, 30, tzinfo=BERLIN)
    assert str(before) == "21 Nov until 14:30"


def test_seven_days_end_with_today() -> None:
    period = Period.read({"period": "7"}, MOMENT)
    assert (str(period), period.unit, len(period.bars())) == ("16 to 22 Nov 2026", "day", 7)
    assert period.before(MOMENT).start == datetime(2026, 11, 9, tzinfo=BERLIN)


def test_custom_dates_are_both_included() -> None:
    period = Period.read({"period": "custom", "from": "2026-10-01", "to": "2026-10-31"}, MOMENT)
    assert str(period) == "1 to 31 Oct 2026"
    assert str(period.before(MOMENT)) == "31 Aug to 30 Sep 2026"
    assert period.address == {"period": "custom", "from": "2026-10-01", "to": "2026-10-31"}


def test_the_day_on_which_the_clocks_go_back_has_25_hours() -> None:
    period = Period.read({"period": "custom", "from": "2026-10-25", "to": "2026-10-25"}, MOMENT)
    assert len(period.bars()) == 25


def test_a_day_stays_a_day_when_the_clocks_change() -> None:
    bars = Period.read({"period": "custom", "from": "2026-10-20", "to": "2026-10-28"}, MOMENT).bars()
    assert [bar.hour for bar in bars] == [0] * 9
    assert len(bars) == 9


def test_a_bar_survives_its_own_address() -> None:
    period = Period.read({}, MOMENT)
    part = period.part(period.bars()[14])
    assert Period.read(part.address, MOMENT) == part
    assert str(part) == "22 Nov, 14:00 to 15:00"


@pytest.mark.parametrize(
    ("first", "last", "unit"),
    [("2026-11-20", "2026-11-21", "hour"), ("2026-09-01", "2026-10-30", "day"), ("2026-01-01", "2026-11-22", "week"),
     ("2000-01-01", "2026-11-22", "month")],
)  # fmt: skip
def test_longer_periods_have_wider_bars(first: str, last: str, unit: str) -> None:
    period = Period.read({"period": "custom", "from": first, "to": last}, MOMENT)
    assert period.unit == unit
    assert period.bars() == sorted(set(period.bars()))
    assert len(period.bars()) <= 330


@pytest.mark.parametrize("given", [("x", "y"), ("9999-12-31", "0001-01-01"), ("0001-01-01", "9999-12-31"), ("", "")])
def test_wrong_dates_still_make_a_period(given: tuple[str, str]) -> None:
    period = Period.read({"period": "custom", "from": given[0], "to": given[1]}, MOMENT)
    assert datetime(2000, 1, 1, tzinfo=BERLIN) <= period.start < period.end <= datetime(2026, 11, 23, tzinfo=BERLIN)
    assert period.before(MOMENT).start < period.start
