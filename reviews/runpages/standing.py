"""Where a run stands, in one status and a few words."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _

from orchestration.explain.groups import called
from orchestration.models import StepRun
from orchestration.states import StepStatus
from reviews.runpages.course import Course


@dataclass(frozen=True, slots=True)
class Standing:
    """A status that `{% state %}` knows, the words for it, since when, and who is at work (ai, human, wait, sys)."""

    status: str
    said: str
    since: timedelta | None = None
    kind: str = "sys"
    plain: bool = False  # ended well, and not as its owner hoped


def standing(course: Course) -> Standing:
    """Where the run stands now. That it waits for a person is derived from its steps."""
    run, held = course.run, course.current
    if not run.is_live or held is None:
        said = run.outcome[:1].upper() + run.outcome[1:] if run.outcome else ""
        return Standing(run.status, said, plain=run.succeeded is False)
    if review := course.asked:
        said = _("Waiting for %s") % called(review.group.name)
        return Standing("waiting", said, course.now - review.asked_at, "wait")
    if decision := course.held:
        said = _("%(verdict)s by %(name)s, can be undone")
        verdict = decision.get_verdict_display().capitalize()
        return Standing(decision.verdict, said % {"verdict": verdict, "name": decision.by}, kind="human")
    return _at_work(course, held)


def _at_work(course: Course, held: StepRun) -> Standing:
    kind = "ai" if held.step.kind == "model" else "sys"
    match held.status:
        case StepStatus.RUNNING:
            since = course.tries[held.pk][-1].started_at
            said = _("AI at work: %s") if kind == "ai" else _("At work: %s")
            return Standing("running", said % held.step.name, course.now - since, kind)
        case StepStatus.WAITING:
            return Standing("waiting", _("Waiting for a person"), kind="wait")
        case _ if held.error:
            return Standing("ready", _("Will try again: %s") % held.step.name, kind=kind)
        case _:
            return Standing("ready", _("Next: %s") % held.step.name, course.now - held.ready_at, kind)
