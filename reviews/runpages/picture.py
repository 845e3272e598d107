"""The graph of one run: the steps of its version, each with what became of it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from django.utils.translation import gettext as _

from audit.templatetags.figures import clock, duration
from orchestration.explain import graph
from orchestration.explain.graph import Node
from orchestration.explain.groups import called
from orchestration.models import Step, StepRun
from orchestration.states import StepStatus
from reviews.models import Review
from reviews.runpages.course import Course
from reviews.states import ReviewStatus


def nodes(course: Course, steps: Iterable[Step]) -> list[Node]:
    """Every node, with its state and a few words."""
    begun = course.run.trigger.name if course.run.trigger else _("Form")
    return [_with_state(course, node) for node in graph.nodes(steps, begun)]


def _with_state(course: Course, node: Node) -> Node:
    if node.key == graph.BEGIN:
        return replace(node, state="done", under=clock(course.run.created_at), said=_("Started"))
    held = course.step(node.key)
    review = course.reviews.get(held.pk) if held else None
    if held is None or held.status == StepStatus.CANCELLED:
        return _untouched(course, node)
    state, under, said = _gate(course, review) if node.gate else _step(course, held, review)
    return replace(node, state=state, under=under or node.under, said=said)


def _untouched(course: Course, node: Node) -> Node:
    if course.run.is_live:
        return replace(node, state="todo", under=node.under or _("next"), said=_("Not started"))
    return replace(node, state="skip", under=_("not reached"), said=_("Not reached"))


def _gate(course: Course, review: Review | None) -> tuple[str, str, str]:
    if review is None:
        return "todo", "", _("Not asked yet")
    group = called(review.group.name)
    if review.is_open:
        return "wait", f"{group}, {duration(course.now - review.asked_at)}", _("Waiting for %s") % group
    if review.status == ReviewStatus.WITHDRAWN or review.decided_by is None or review.decided_at is None:
        return "skip", _("withdrawn"), _("Withdrawn")
    took = duration(review.decided_at - review.asked_at)
    said = {"verdict": review.get_status_display().capitalize(), "name": review.decided_by}
    return "done", f"{review.decided_by.first_name or review.decided_by}, {took}", _("%(verdict)s by %(name)s") % said


def _step(course: Course, held: StepRun, review: Review | None) -> tuple[str, str, str]:
    tries = [attempt for attempt in course.tries.get(held.pk, []) if attempt.result != "waiting"]
    took = duration(sum((((a.ended_at or course.now) - a.started_at) for a in tries), timedelta()))
    if len(tries) > 1:
        took = _("%(count)d tries, %(took)s") % {"count": len(tries), "took": took}
    match held.status:
        case StepStatus.DONE if review is not None and review.status == ReviewStatus.REJECTED:
            return "skip", _("not carried out"), _("Rejected, so not carried out")
        case StepStatus.DONE:
            return "done", took, _("Done")
        case StepStatus.FAILED:
            return "fail", took, _("Failed")
        case StepStatus.RUNNING:
            return "now", took, _("Running")
        case _:
            return "todo", _("next"), _("Not carried out yet")


def rows(drawn: Iterable[Node]) -> list[tuple[str, str, str, bool]]:
    """The rows of the timeline: each node but what started the run."""
    return [(node.key, node.name, node.kind, node.gate) for node in drawn if node.key != graph.BEGIN]
