"""Where a run stands, in one status and a few words."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _

from audit.templatetags.figures import number
from orchestration.explain import graph
from orchestration.explain.reading import THINKING
from orchestration.models import StepRun
from orchestration.plans import REPEAT
from orchestration.states import Awaits, RunStatus, StepStatus
from reviews.desk import seats
from reviews.runpages import below
from reviews.runpages.course import Course
from reviews.who import told


@dataclass(frozen=True, slots=True)
class Standing:
    """A status that `{% state %}` knows, the words for it, since when, and who is at work (ai, human, wait, sys).

    `drawn` is an icon that takes the place of that of the status, in a neutral colour.
    """

    status: str
    said: str
    since: timedelta | None = None
    kind: str = "sys"
    plain: bool = False  # ended well, and not as its owner hoped
    drawn: str = ""


def standing(course: Course) -> Standing:
    """Where the run stands now. That it waits for a person is derived from its steps."""
    run, held = course.run, course.current
    if not run.is_live:
        said = run.outcome[:1].upper() + run.outcome[1:] if run.outcome else ""
        return Standing(run.status, said, plain=run.succeeded is False)
    if run.ending:
        return _ending(course, held)
    if run.status == RunStatus.PAUSED:
        return Standing("paused", _("Paused"))
    if review := course.asked:
        said = _("Waiting for %s") % told.waits_for(review)
        if far := seats.said(review):
            said = _("%(said)s, %(waiting)s") % {"said": far, "waiting": said[:1].lower() + said[1:]}
        return Standing("waiting", said, course.now - review.asked_at, "wait")
    if decision := course.held:
        said = _("%(verdict)s by %(name)s, can be undone")
        verdict = decision.get_verdict_display().capitalize()
        return Standing(decision.verdict, said % {"verdict": verdict, "name": decision.by}, kind="human")
    if run.waits_turn:
        return Standing("held", _("Waits for its turn"), course.now - run.created_at, drawn="hourglass")
    return _at_work(course, held) if held is not None else Standing(run.status, "")


def _ending(course: Course, held: StepRun | None) -> Standing:
    """It has been decided what it comes to, and its last steps end or are undone."""
    if held is not None and held.undoes_id:
        return Standing("running", _("Being undone: %s") % held.step.name)
    if course.run.ending == RunStatus.CANCELLED:
        return Standing("cancelled", _("Being cancelled"))
    return Standing("failed", _("Failed, its last steps are ending"))


def _at_work(course: Course, held: StepRun) -> Standing:
    kind = graph.mark(held.step.kind)
    match held.status:
        case StepStatus.RUNNING:
            tries = course.tries.get(held.pk)
            since = course.now - tries[-1].started_at if tries else None
            said = _("AI at work: %s") if kind == "ai" else _("At work: %s")
            return Standing("running", said % held.step.name, since, kind)
        case StepStatus.WAITING:
            return _waiting(course, held)
        case StepStatus.HELD:
            return Standing("held", _("Held back: %s") % held.step.name, drawn="hourglass")
        case _ if held.error:
            return Standing("ready", _("Will try again: %s") % held.step.name, kind=kind)
        case _:
            return Standing("ready", _("Next: %s") % held.step.name, course.now - held.ready_at, kind)


def _waiting(course: Course, held: StepRun) -> Standing:
    since = course.now - held.waiting_since if held.waiting_since else None
    match held.awaits:
        case Awaits.STEPS:
            if held.step.kind == REPEAT:
                told = {"step": held.step.name, "round": below.waiting(course, held)}
                return Standing("running", _("At work: %(step)s, %(round)s") % told, since)
            ended = number(held.parts_done + held.parts_failed)
            told = {"step": held.step.name, "ended": ended, "all": number(held.parts)}
            return Standing("running", _("At work: %(step)s, %(ended)s of %(all)s") % told, since)
        case Awaits.RUN:
            child = course.children.get(held.pk)
            name = _("%(step)s, run %(run)d") % {"step": held.step.name, "run": child.pk} if child else held.step.name
            return Standing("running", _("At work: %s") % name, since)
        case Awaits.MOMENT:
            return Standing("held", _("Waits %s") % below.waiting(course, held), since, drawn="timer")
        case Awaits.EVENT:
            return Standing("held", _("Waits %s") % below.waiting(course, held), since, drawn="bell")
        case Awaits.UNDOING:
            return Standing("held", _("Waits for what is being undone: %s") % held.step.name, since, drawn="undo-2")
        case Awaits.OUTCOME if held.step.kind in THINKING:
            return Standing("waiting", _("No model may do it: %s") % held.step.name, since, "wait")
        case Awaits.OUTCOME:
            return Standing("waiting", _("Outcome unknown: %s") % held.step.name, since, "wait")
        case _:
            return Standing("waiting", _("Waiting for a person"), kind="wait")
