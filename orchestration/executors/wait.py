"""Steps of kind wait: for a time, until a date, or for a named event."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from audit.clock_time import now
from orchestration.executors.task import Act, Place, Task
from orchestration.expressions import BadExpression
from orchestration.outcomes import Done, Failed, Outcome, Waiting
from orchestration.states import Awaits

LONGEST = timedelta(days=3660)


class WaitExecutor:
    """Waits, which costs nothing, and may last years."""

    place: Place = "here"

    def prepare(self, task: Task) -> Act | Failed:
        """Until when, or for which event. A moment is worked out once, when the wait begins."""
        if task.woken is not None:
            return {}
        spec = task.step.spec
        try:
            until = self._until(task)
        except (BadExpression, ValueError, TypeError, OverflowError) as error:
            return Failed(_("How long to wait cannot be worked out: %s") % error, code="input")
        act: Act = {"until": until.isoformat() if until else None}
        return {**act, "event": spec["event"], "match": spec.get("match")} if "event" in spec else act

    def _until(self, task: Task) -> datetime | None:
        spec = task.step.spec
        if "until" in spec:
            return moment(str(task.value(spec["until"])))
        seconds = spec.get("for_seconds", spec.get("seconds"))
        if seconds is None:
            return None
        wait = timedelta(seconds=float(task.value(seconds) if isinstance(seconds, str) else seconds))
        if not timedelta() <= wait <= LONGEST:
            raise ValueError(f"it must be between nothing and {LONGEST.days} days")
        return now() + wait

    def act(self, task: Task, act: Act) -> Outcome:
        """Wait; then say what it was that came."""
        came = task.woken
        if came is None:
            until = datetime.fromisoformat(act["until"]) if act["until"] else None
            awaits = Awaits.EVENT if "event" in act else Awaits.MOMENT
            return Waiting(act, awaits=awaits, until=until, event=act.get("event", ""))
        if came.get("timed_out"):
            if task.step.spec.get("on_timeout", "fail") == "fail":
                return Failed(_("The event %s did not come in time.") % repr(task.step.spec["event"]), code="timeout")
            return Done({"timed_out": True, "event": None})
        return Done({"timed_out": False, "event": came.get("event")})


def moment(text: str) -> datetime:
    """A date, or a date and time, in the workspace's time zone where it names none. Raises `ValueError`."""
    found = parse_datetime(text)
    if found is None:
        date = parse_date(text)
        if date is None:
            raise ValueError(f"{text!r} is no date")
        found = datetime(date.year, date.month, date.day)  # noqa: DTZ001  (the zone follows)
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(settings.TIME_ZONE))
