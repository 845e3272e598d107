"""Quiet hours and digests, on days of 23, 24 and 25 hours, anywhere."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from reviews.notices.quiet import MINUTES, Hours

ZONES = [
    ZoneInfo(name) for name in ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC")
]
MINUTE = timedelta(minutes=1)
# Around each change of the clocks of 2026, and anywhere else.
CHANGES = [datetime(2026, *day, tzinfo=UTC) for day in ((3, 29), (10, 25), (3, 8), (11, 1), (4, 4), (10, 3))]
MOMENTS = st.one_of(
    st.builds(lambda day, minutes: day + minutes * MINUTE, st.sampled_from(CHANGES), st.integers(-1500, 3000)),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
OF_DAY = st.integers(0, MINUTES - 1)


@given(zone=st.sampled_from(ZONES), quiet=st.tuples(OF_DAY, OF_DAY), moment=MOMENTS)
@settings(max_examples=150, deadline=None)
def test_what_is_held_back_comes_at_the_first_minute_that_is_not_quiet(
    zone: ZoneInfo, quiet: tuple[int, int], moment: datetime
) -> None:
    hours = Hours(zone, quiet)
    loud = hours.loud(moment)
    assert loud >= moment
    if quiet[0] == quiet[1] or not hours.is_quiet(moment):
        assert loud == moment
        return
    assert not hours.is_quiet(loud)
    before = moment
    while before < loud - MINUTE:
        assert hours.is_quiet(before)
        before += 7 * MINUTE
    assert hours.is_quiet(loud - MINUTE)


@given(zone=st.sampled_from(ZONES), at=OF_DAY, moment=MOMENTS)
@settings(max_examples=150, deadline=None)
def test_a_daily_digest_comes_once_a_day_at_its_time(zone: ZoneInfo, at: int, moment: datetime) -> None:
    hours = Hours(zone, digest_at=at)
    comes = hours.digest(moment)
    assert moment < comes <= moment + timedelta(hours=26)
    wall = comes.astimezone(zone)
    shown = wall.hour * 60 + wall.minute
    assert shown == at or (shown > at and _left_out(zone, wall, at))
    following = hours.digest(comes)
    assert following.astimezone(zone).date() == wall.date() + timedelta(days=1)


def _left_out(zone: ZoneInfo, wall: datetime, at: int) -> bool:
    """Whether that time of day does not exist on that day."""
    said = wall.replace(hour=at // 60, minute=at % 60, fold=0)
    return said.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != said.replace(tzinfo=None)


def test_the_end_of_a_night_is_at_seven_whatever_the_clocks_do() -> None:
    hours = Hours(ZoneInfo("Europe/Berlin"), (22 * 60, 7 * 60))
    spring = hours.loud(datetime(2026, 3, 28, 22, 30, tzinfo=UTC))
    autumn = hours.loud(datetime(2026, 10, 24, 22, 30, tzinfo=UTC))
    assert (spring, autumn) == (datetime(2026, 3, 29, 5, tzinfo=UTC), datetime(2026, 10, 25, 6, tzinfo=UTC))


def test_a_digest_waits_for_the_end_of_the_night() -> None:
    hours = Hours(ZoneInfo("UTC"), (22 * 60, 7 * 60))
    assert hours.digest(datetime(2026, 1, 1, 21, 30, tzinfo=UTC)) == datetime(2026, 1, 2, 7, tzinfo=UTC)
