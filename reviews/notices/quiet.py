"""When somebody may be told: quiet hours and digests, in the person's own zone, where some days have 23 or 25 hours.

What counts is the clock on their wall: quiet is from one time of day to another, as that clock shows it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Hours:
    """A person's times, as minutes after midnight. `quiet` is from and to, over midnight too; None: never.

    `digest_at`: when the daily digest comes; None: one each hour.
    """

    zone: tzinfo
    quiet: tuple[int, int] | None = None
    digest_at: int | None = None

    def is_quiet(self, moment: datetime) -> bool:
        """Whether the person wants to hear nothing at that moment."""
        if self.quiet is None:
            return False
        start, end = self.quiet
        at = self._minutes(moment)
        return start <= at < end if start <= end else at >= start or at < end

    def loud(self, moment: datetime) -> datetime:
        """That moment, or the first one after it at which it is not quiet."""
        if self.quiet is None or self.quiet[0] == self.quiet[1] or not self.is_quiet(moment):
            return moment
        return _first(moment, lambda at: not self.is_quiet(at))

    def digest(self, moment: datetime) -> datetime:
        """When the next digest after that moment comes; never in quiet hours."""
        if self.digest_at is None:
            return self.loud(moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + HOUR)
        today = moment.astimezone(self.zone).date()
        for day in (today, today + DAY, today + 2 * DAY):
            comes = self._on(datetime.combine(day, time(self.digest_at // 60, self.digest_at % 60)))
            if comes > moment:
                return self.loud(comes)
        raise AssertionError("a day has at most 25 hours")

    def _on(self, wall: datetime) -> datetime:
        """The first moment of its day at which the wall shows that time, or a later one where it is left out."""
        comes = wall.replace(tzinfo=self.zone).astimezone(UTC)
        if comes.astimezone(self.zone).replace(tzinfo=None) == wall:
            return comes
        return _first(comes - 3 * HOUR, lambda at: at.astimezone(self.zone).replace(tzinfo=None) >= wall)

    def _minutes(self, moment: datetime) -> int:
        at = moment.astimezone(self.zone)
        return at.hour * 60 + at.minute


def _first(moment: datetime, holds: Callable[[datetime], bool]) -> datetime:
    """The first full minute after a moment at which something holds; all zones change on full minutes today."""
    at = moment.astimezone(UTC).replace(second=0, microsecond=0)
    for _ in range(2 * MINUTES):
        at += MINUTE
        if holds(at):
            return at
    return at
