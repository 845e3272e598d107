"""The graph of one run: the steps of its version, each with what became of it."""

from collections.abc import Sequence
from dataclasses import replace

from django.urls import reverse
from django.utils.translation import gettext as _

from audit.models import User
from audit.templatetags.figures import clock, duration
from orchestration.explain import blocks, graph
from orchestration.explain.blocks import Block, Branch, Node
from orchestration.models import Run, Step, StepRun, Workflow
from orchestration.states import Awaits, RunStatus, StepStatus
from reviews.models import Review
from reviews.runpages import below
from reviews.runpages.course import Course
from reviews.runpages.path import Path
from reviews.states import ReviewStatus
from reviews.who import told


def nodes(course: Course, steps: Sequence[Step], path: Path, user: User) -> list[Block]:
    """Every block, its nodes with their state and a few words."""
    begun = course.run.trigger.name if course.run.trigger else _("Another run") if course.run.parent_id else _("Form")
    tree = graph.nodes(steps, begun, fold=True, beside=lambda step: course.step(step.key) is not None)
    look = _Look(course, path, user)
    return blocks.dressed(tree, look.at, look.leaving)


class _Look:
    """What became of each node."""

    def __init__(self, course: Course, path: Path, user: User) -> None:
        self.course, self.path, self.user = course, path, user

    def at(self, node: Node) -> Node:
        """The node with its state."""
        course = self.course
        if node.key == graph.BEGIN:
            return replace(node, state="done", under=clock(course.run.created_at), said=_("Started"))
        held = course.step(node.key)
        if held is None:
            return self._untouched(node)
        if held.status == StepStatus.CANCELLED:
            return replace(node, state="skip", under=_("cancelled"), said=_("Cancelled"))
        review = course.reviews.get(held.pk)
        if node.gate and held.step.kind != "person":
            state, under, said = _gate(course, review)
        elif node.gate:
            state, under, said = _person(course, held, review)
        else:
            state, under, said = _step(course, self.path, held, review)
            node = replace(node, bar=below.bar(course, held), opens=self._opens(held), hands=self._hands(node, state))
        return replace(node, state=state, under=under or node.under, said=said)

    def leaving(self, head: Node, branch: Branch) -> str:
        """The state of the line that leaves a branch."""
        if head.state in {"todo", "skip"}:
            return head.state
        first = next(blocks.flat(branch.blocks), None)
        if first is None:
            return "" if self.path.takes(head.key, branch.name) else "skip" if head.state == "done" else "todo"
        if first.state == "skip":
            return "skip"
        last = list(blocks.flat(branch.blocks))[-1]
        return {"done": "", "fail": "skip", "skip": ""}.get(last.state, "todo")

    def _untouched(self, node: Node) -> Node:
        if node.key in self.path.passed_by:
            return replace(node, state="skip", under=_("not taken"), said=_("Not taken"), taken=False)
        if self.course.run.is_live and not self.course.run.ending:
            return replace(node, state="todo", under=_next(node), said=_("Not started"))
        return replace(node, state="skip", under=_("not reached"), said=_("Not reached"))

    def _hands(self, node: Node, state: str) -> tuple[tuple[str, str], ...]:
        """The lines to where it may hand over, or has handed over."""
        if state != "done":
            return tuple((to, "todo") for to, _state in node.hands)
        return tuple((to, "done" if self.path.handed.get(node.key) == to else "skip") for to, _state in node.hands)

    def _opens(self, held: StepRun) -> str:
        child = self.course.children.get(held.pk)
        return reverse("run", args=[child.pk]) if child and may_see(self.user, child) else ""


def may_see(user: User, run: Run) -> bool:
    """Whether `user` may open that run: no query."""
    return run.workflow_id in Workflow.objects.ids_allowed(user, "view")


def _next(node: Node) -> str:
    return node.under if node.gate and node.under else _("next")


def _gate(course: Course, review: Review | None) -> tuple[str, str, str]:
    if review is None:
        return "todo", "", _("Not asked yet")
    group = told.waits_for(review)
    if review.is_open:
        return "wait", f"{group}, {duration(course.now - review.asked_at)}", _("Waiting for %s") % group
    if review.status == ReviewStatus.LAPSED:
        return "skip", _("by the clock"), _("Nobody decided in time, so the clock ended it")
    if review.status == ReviewStatus.WITHDRAWN or review.decided_by is None or review.decided_at is None:
        return "skip", _("withdrawn"), _("Withdrawn")
    took = duration(review.decided_at - review.asked_at)
    said = {"verdict": review.get_status_display().capitalize(), "name": review.decided_by}
    return "done", f"{review.decided_by.first_name or review.decided_by}, {took}", _("%(verdict)s by %(name)s") % said


def _person(course: Course, held: StepRun, review: Review | None) -> tuple[str, str, str]:
    """A step that is a person's own: its question, or what stands in the way of it."""
    if review is None:
        return _step(course, Path(), held, review)
    return _gate(course, review)


def _step(course: Course, path: Path, held: StepRun, review: Review | None) -> tuple[str, str, str]:
    match held.status:
        case StepStatus.DONE if review is not None and review.status == ReviewStatus.REJECTED:
            return "skip", _("not carried out"), _("Rejected, so not carried out")
        case StepStatus.DONE if held.shared_from_id:
            return "done", below.shared(course), _("Done: %s") % below.shared(course)
        case StepStatus.DONE:
            return "done", below.done(course, path, held), _("Done")
        case StepStatus.FAILED:
            return "fail", below.took(course, held), _("Failed")
        case StepStatus.RUNNING:
            return "now", below.running(course, held), _("Running")
        case StepStatus.WAITING if (
            held.step.kind in {"parallel", "map", "repeat", "workflow"} or held.awaits == Awaits.CALLS
        ):
            return "now", below.waiting(course, held), _("At work inside")
        case StepStatus.WAITING if held.step.kind == "wait":
            return "hold", below.waiting(course, held), _("Waiting %s") % below.waiting(course, held)
        case StepStatus.HELD:
            return "hold", _("held back"), held_because(course.run)
        case StepStatus.READY if held.error:
            return "hold", below.again(held), _("Failed, and will be tried again")
        case _:
            return "todo", _("next"), _("Not carried out yet")


def held_because(run: Run) -> str:
    """Why a step that could begin does not."""
    if run.status == RunStatus.PAUSED:
        return _("Held back: the run is paused")
    if run.waits_turn:
        return _("Held back: the run waits for its turn")
    return _("Held back")


def rows(drawn: Sequence[Block]) -> list[tuple[str, str, str, bool]]:
    """The rows of the timeline: each node but what started the run, and what was passed by."""
    found = (node for node in blocks.flat(drawn) if node.key != graph.BEGIN and node.taken)
    return [(node.key, node.name, node.kind, node.gate) for node in found]
