"""The few words below a step's name, and the bar of what is long: how it stands, in what room a node has."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.templatetags.figures import clock, day, duration, number, pct
from orchestration.models import StepRun
from orchestration.states import Awaits
from reviews.runpages.course import Course
from reviews.runpages.path import Path

type Bar = tuple[tuple[str, float], ...]


def took(course: Course, held: StepRun) -> str:
    """How long its tries took, and how many they were if more than one."""
    if held.step.kind in {"parallel", "map", "repeat", "workflow", "wait", "agent"}:
        return duration((held.ended_at or course.now) - held.ready_at)
    tries = [attempt for attempt in course.tries.get(held.pk, []) if attempt.result != "waiting"]
    if not tries:
        return ""
    length = duration(sum((((a.ended_at or course.now) - a.started_at) for a in tries), timedelta()))
    return _("%(count)d tries, %(took)s") % {"count": len(tries), "took": length} if len(tries) > 1 else length


def done(course: Course, path: Path, held: StepRun) -> str:
    """What a step came to."""
    match held.step.kind:
        case "decision":
            return path.taken.get(held.step.key, "")
        case "repeat":
            counted = ngettext("%s round", "%s rounds", held.parts) % number(held.parts)
            return f"{counted}, {took(course, held)}"
        case "map" if held.parts_failed:
            return _("%(failed)s of %(all)s failed") % _counted(held)
        case "map":
            counted = ngettext("%s item", "%s items", held.parts) % number(held.parts)
            return f"{counted}, {took(course, held)}"
        case _:
            return took(course, held)


def running(course: Course, held: StepRun) -> str:
    """How far it has come, if it says so, else for how long it has been at work."""
    if held.stop_asked_at is not None:
        return _("told to stop")
    said = course.progress.get(held.pk)
    if said is None:
        return took(course, held)
    return ", ".join(filter(None, [pct(said.fraction) if said.fraction is not None else "", said.line]))


def waiting(course: Course, held: StepRun) -> str:
    """What it waits for."""
    match held.awaits:
        case Awaits.RUN if held.pk in course.children:
            return _("run %d") % course.children[held.pk].pk
        case Awaits.MOMENT:
            return _("until %s") % moment(held.wake_at, course.now)
        case Awaits.EVENT:
            return _("for %s") % held.awaits_event
        case _ if held.step.kind == "repeat":
            told = {"number": number(held.parts), "most": number(held.step.spec.get("rounds", held.parts))}
            return _("round %(number)s of %(most)s") % told
        case _ if held.step.kind == "map":
            return _("%(ended)s of %(all)s") % _counted(held)
        case Awaits.CALLS:
            return _("%s calls") % number(held.parts)
        case _ if held.parts:
            return _("%(done)s of %(all)s done") % _counted(held)
        case _:
            return took(course, held)


def again(held: StepRun) -> str:
    """When it is tried again."""
    return _("again at %s") % clock(held.not_before, "s") if held.not_before else _("tried again")


def shared(course: Course) -> str:
    """Whose result it is."""
    return _("shared from run %d") % course.run.restarted_from_id if course.run.restarted_from_id else _("shared")


def bar(course: Course, held: StepRun) -> Bar:
    """Items done and failed, or how far a step says it has come; nothing where nobody knows."""
    if held.step.kind == "map" and held.parts:
        at_work = max(held.parts_begun - held.parts_done - held.parts_failed, 0) if held.ended_at is None else 0
        shares = (("done", held.parts_done), ("fail", held.parts_failed), ("now", at_work))
        return tuple((state, count / held.parts) for state, count in shares if count)
    said = course.progress.get(held.pk)
    return (("now", said.fraction),) if said is not None and said.fraction is not None else ()


def moment(at: datetime | None, now: datetime) -> str:
    """A moment, with its day unless it is today."""
    if at is None:
        return ""
    same_day = timezone.localtime(at).date() == timezone.localtime(now).date()
    return clock(at) if same_day else f"{day(at)}, {clock(at)}"


def _counted(held: StepRun) -> dict[str, str]:
    done, failed = held.parts_done, held.parts_failed
    return {"done": number(done), "failed": number(failed), "ended": number(done + failed), "all": number(held.parts)}
