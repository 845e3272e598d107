"""Schedules: cron in a time zone, by the database's clock, each due moment once.

Daylight saving as Debian's cron has it: what stands in the hour that is left out happens as that hour ends, and what
stands in the hour that comes twice happens in the first of the two; what runs every so many minutes follows real time.
"""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError
from django.conf import settings
from django.db import DatabaseError
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _

from audit.actors import CLOCK
from audit.clock_time import HandrailNow, now
from audit.retelling import retold
from audit.ticks import tick
from orchestration.models import Trigger
from orchestration.states import TriggerStatus
from orchestration.triggers import firing, mapping
from orchestration.triggers.firing import Came, Paused
from orchestration.triggers.kinds import SCHEDULE

logger = logging.getLogger("schedules")

SKIP, ONE, ALL = "skip", "one", "all"
MISSED = (SKIP, ONE, ALL)
WORDS = (  # of schedules as they are usual, which are said in other languages too
    gettext_noop("At %s every day"),
    gettext_noop("At %(time)s on %(day)s"),
    gettext_noop("Monday through Friday"),
)
LATE = timedelta(minutes=1)  # a moment longer ago than this was missed
MOST_MADE_UP = 100  # missed moments that are made up at the most, the newest ones
MOST_COUNTED = 1000  # missed moments that are counted
AT_ONCE = 100  # schedules a tick
LONGEST_CRON = 120
ZONES = available_timezones()


class BadCron(ValueError):
    """The schedule cannot be read: a sentence says why."""


class Due(NamedTuple):
    """What is due at a schedule: the moments that start a run, oldest first, and how many were passed over."""

    start: list[datetime]
    passed: int
    since: datetime | None
    more: bool


def check(cron: str, zone: str) -> None:
    """Whether a schedule can be read and ever comes due, or `BadCron`."""
    if zone not in ZONES:
        raise BadCron(_("There is no such time zone. They are named as in Europe/Berlin."))
    if not cron.isascii() or len(cron) > LONGEST_CRON or len(cron.split()) != 5:
        raise BadCron(_("A schedule has five parts: minute, hour, day of the month, month, day of the week."))
    try:
        next(_after(cron, zone, datetime(2026, 1, 1, tzinfo=UTC)))
    except CronSimError as error:
        raise BadCron(_("The schedule cannot be read: %s.") % error) from error
    except StopIteration:
        raise BadCron(_("The schedule never comes due.")) from None


def upcoming(cron: str, zone: str, since: datetime, count: int = 5) -> list[datetime]:
    """The next moments at which a schedule is due, in its own zone."""
    return [moment.astimezone(ZoneInfo(zone)) for moment in islice(_after(cron, zone, since), count)]


def next_due(cron: str, zone: str, since: datetime) -> datetime | None:
    """The first moment after `since`, if there is any in the coming years."""
    return next(_after(cron, zone, since), None)


def in_words(cron: str) -> str:
    """A schedule in words, or as it is written where the reader's language has none for it."""
    try:
        said = str(CronSim(cron, datetime(2026, 1, 1)).explain())  # noqa: DTZ001  (words know no zone)
    except (CronSimError, NotImplementedError, ValueError):
        return cron
    told = retold(said)
    return told if told != said or get_language() == settings.LANGUAGE_CODE else cron


def _after(cron: str, zone: str, since: datetime) -> Iterator[datetime]:
    return (moment.astimezone(UTC) for moment in CronSim(cron, since.astimezone(ZoneInfo(zone))))


def _before(cron: str, zone: str, until: datetime, since: datetime) -> list[datetime]:
    """The due moments from `since` up to `until`, newest first, one more than are counted at the most."""
    backwards = CronSim(cron, (until + timedelta(seconds=1)).astimezone(ZoneInfo(zone)), reverse=True)
    moments = (moment.astimezone(UTC) for moment in backwards)
    within = takewhile(lambda moment: moment >= since, (moment for moment in moments if moment <= until))
    return list(islice(within, MOST_COUNTED + 1))


def due(cron: str, zone: str, missed: str, since: datetime, moment: datetime) -> Due:
    """What is due now, if `since` was the first moment that nobody has looked at."""
    moments = _before(cron, zone, moment, since)
    on_time = [one for one in moments if moment - one <= LATE]
    late = moments[len(on_time) :]
    if missed == ALL:
        start = [*on_time, *late[:MOST_MADE_UP]]
    elif missed == ONE:
        start = on_time or late[:1]
    else:
        start = on_time
    passed = len(moments) - len(start)
    return Due(start[::-1], min(passed, MOST_COUNTED), late[-1] if passed else None, passed > MOST_COUNTED - len(start))


@tick("schedules", every=1)
def come_due() -> int:
    """Start what is due by now. Returns how many schedules were."""
    rows = Trigger.objects.filter(kind=SCHEDULE, status=TriggerStatus.ACTIVE, next_at__lte=HandrailNow())
    found = list(rows.select_related("workflow", "owner").order_by("next_at")[:AT_ONCE])
    moment = now() if found else None
    for trigger in found:
        assert moment is not None
        try:
            _start(trigger, moment)
        except DatabaseError:
            raise
        except Exception:
            logger.exception("The schedule %s cannot be followed.", trigger.pk)
    return len(found)


def _start(trigger: Trigger, moment: datetime) -> None:
    """Each moment is a transaction of its own, known by its key: a clock that dies midway goes on where it was."""
    cron, zone = trigger.config["cron"], trigger.config["zone"]
    assert trigger.next_at is not None
    found = due(cron, zone, trigger.config["missed"], trigger.next_at, moment)
    try:
        if found.passed:
            _miss(trigger, found)
        for one in found.start:
            _fire(trigger, one)
    except Paused:
        return
    firing.touch(trigger, next_at=next_due(cron, zone, moment))


def _fire(trigger: Trigger, moment: datetime) -> None:
    scope = scope_of(moment, trigger.config["zone"])
    actor = CLOCK.acting_for("person", trigger.owner_id)
    made = Came(
        lambda: mapping.apply(trigger.config["mapping"], scope), key=_key("due", moment), sample=scope, spent=True
    )
    firing.fire(trigger, made, actor=actor)


def _miss(trigger: Trigger, found: Due) -> None:
    assert found.since is not None
    count = f"More than {MOST_COUNTED}" if found.more else str(found.passed)
    told = f"{count} missed since {found.since.astimezone(ZoneInfo(trigger.config['zone'])):%Y-%m-%d %H:%M}."
    came = Came(dict, key=_key("missed", found.since), spent=True)
    firing.miss(trigger, came, told, actor=CLOCK.acting_for("person", trigger.owner_id))


def _key(what: str, moment: datetime) -> str:
    return f"{what}:{moment.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


def scope_of(moment: datetime, zone: str) -> mapping.Scope:
    """What the mapping of a schedule can read about a due moment."""
    local = moment.astimezone(ZoneInfo(zone))
    return {
        "due": {
            "at": local.isoformat(),
            "date": f"{local:%Y-%m-%d}",
            "time": f"{local:%H:%M}",
            "weekday": local.isoweekday(),
        }
    }
