"""The steps of a version as a graph. A review point is a node of its own; `layout` gives everything its place."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from orchestration import ways
from orchestration.explain import acting, whom
from orchestration.explain.blocks import (
    AI,
    BOX,
    INSET,
    PERSON,
    PILE,
    PILL,
    SIGN,
    SYSTEM,
    Block,
    Branch,
    Fork,
    Node,
    Sided,
)
from orchestration.explain.layout import across, down
from orchestration.models import Step
from orchestration.models.definitions import StepRole

__all__ = ["AI", "BEGIN", "PERSON", "SYSTEM", "across", "down", "gate_name", "mark", "nodes"]

BEGIN = "-start"  # the key of what starts a run; no step can have it
SHAPES = {"decision": SIGN, "map": PILE, "repeat": PILE, "workflow": INSET, "wait": PILL}
WORDS = {
    "decision": gettext_noop("one of these"),
    "parallel": gettext_noop("side by side"),
    "map": gettext_noop("for each item"),
    "repeat": gettext_noop("round after round"),
    "workflow": gettext_noop("another run"),
    "wait": gettext_noop("waits"),
}
EACH = {"map": gettext_noop("each item"), "repeat": gettext_noop("each round")}
MARKS = {"model": AI, "agent": AI, "person": PERSON}


def mark(kind: str) -> str:
    """Who does a step of this kind: AI, a person or the system."""
    return MARKS.get(kind, SYSTEM)


def nodes(
    steps: Iterable[Step], begin: str, *, fold: bool = False, beside: Callable[[Step], bool] | None = None
) -> list[Block]:
    """What a version consists of, from what starts it to its outcome.

    `fold` leaves out what is inside a map or a repeat. `beside` says which fallback and compensation steps are shown.
    """
    return [Node(BEGIN, begin, SYSTEM), *_Tree(steps, fold, beside).sequence(None, 0)]


class _Tree:
    """The steps by where they stand."""

    def __init__(self, steps: Iterable[Step], fold: bool, beside: Callable[[Step], bool] | None) -> None:
        self.fold, self.beside = fold, beside
        self.inner: dict[tuple[int | None, str, int], list[Step]] = {}
        for step in sorted(steps, key=lambda step: step.position):
            self.inner.setdefault((step.parent_id, step.role, step.branch), []).append(step)

    def sequence(self, parent: int | None, branch: int) -> list[Block]:
        """The steps of one branch."""
        steps = self.inner.get((parent, StepRole.STEP, branch), [])
        return [block for step in steps for block in self.blocks(step)]

    def blocks(self, step: Step) -> Iterator[Block]:
        """One step, with its review point before or after it."""
        when = step.review.get("when") if step.kind != "person" else None
        if when == "before":
            yield gate(step)
        yield self.sided(step)
        if when == "after":
            yield gate(step)

    def sided(self, step: Step) -> Block:
        """A step with what stands beside it."""
        own = self.own(step)
        fallback, undo = (self._beside(step, role) for role in (StepRole.FALLBACK, StepRole.COMPENSATION))
        return Sided(own, fallback, undo) if fallback or undo else own

    def own(self, step: Step) -> Node | Fork:
        """A step with what stands inside it."""
        node = _node(step)
        if step.kind in EACH and not self.fold:
            return Fork(node, [Branch(_(EACH[step.kind]), self.sequence(step.pk, 0))], framed=True)
        if step.kind not in {"decision", "parallel"}:
            return node
        named = step.spec.get("branches", [])
        branches = [Branch(one["name"], self.sequence(step.pk, number)) for number, one in enumerate(named)]
        return Fork(node, branches, join=joined(step))

    def _beside(self, step: Step, role: str) -> list[Block]:
        shown = [one for one in self.inner.get((step.pk, role, 0), []) if self.beside is None or self.beside(one)]
        return [block for one in shown for block in self.blocks(one)]


def gate(step: Step) -> Node:
    """The review point of a step."""
    return Node(step.key, gate_name(step), PERSON, whom.first(step.review), gate=True)


def gate_name(step: Step) -> str:
    """What a review point is called: by the step it stands before or after; a person step by its own name."""
    if step.kind == "person":
        return step.name
    return _("Approve: %s") % step.name if step.review.get("when") == "before" else _("Check: %s") % step.name


def joined(step: Step) -> str:
    """How the branches of a parallel step come together, in a word; nothing for any other."""
    if step.kind != "parallel":
        return ""
    join = step.spec.get("join", "all")
    if isinstance(join, dict):
        return _("%(quorum)d of %(all)d") % {"quorum": join["quorum"], "all": len(step.spec.get("branches", []))}
    return _("any") if join in {"any", "first"} else _("all")


def _node(step: Step) -> Node:
    if step.kind == "person":
        return Node(step.key, step.name, PERSON, _releases(step), gate=True, hands=_leads(step))
    hands = (*((way["to"], "") for way in step.spec.get("hands_over", [])), *_leads(step))
    if step.kind == "agent":
        return Node(step.key, step.name, AI, acting.under(step.spec), said=acting.said(step.spec), hands=hands)
    return Node(step.key, step.name, mark(step.kind), _kind(step), shape=SHAPES.get(step.kind, BOX), hands=hands)


def _leads(step: Step) -> tuple[tuple[str, str], ...]:
    """Where people may lead on from it, or back."""
    return tuple((key, "") for key in dict.fromkeys(ways.targets(step.review)) if key != step.key)


def _releases(step: Step) -> str:
    released: Sequence[str] = step.spec.get("releases", [])
    if not released:
        return whom.first(step.review) if step.is_reviewed else ""
    return ngettext("releases %d step", "releases %d steps", len(released)) % len(released)


def _kind(step: Step) -> str:
    """A word for what its shape alone does not say."""
    return _(WORDS[step.kind]) if step.kind in WORDS else ""
