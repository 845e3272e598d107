"""The steps of a version as a graph: what stands where, as numbers for SVG. A review point is a node of its own."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.utils.translation import gettext as _

from orchestration.explain.groups import called
from orchestration.models import Step

AI, SYSTEM, PERSON = "ai", "sys", "human"
BEGIN = "-start"  # the key of what starts a run; no step can have it
TALL, TALL_DOWN = 46, 50  # a node's height: left to right, top to bottom
WIDEST, NARROWEST, DOWN_WIDTH = 118, 84, 176
ROOM = 790  # what a wide page has
GAP, GAP_DOWN = 14, 26
EDGE = 9  # room around, for the marks on the corners
LETTER = 6.1  # width of a letter of a label


@dataclass(frozen=True, slots=True)
class Node:
    """What is drawn: a step, a review point, or what starts the run. `state` is done, wait, now, fail, todo or skip."""

    key: str
    name: str
    kind: str
    under: str = ""
    state: str = ""
    gate: bool = False
    said: str = ""


@dataclass(frozen=True, slots=True)
class Placed:
    """A node with its place; `shape` is an SVG path for a review point, else empty."""

    node: Node
    x: int
    y: int
    width: int
    height: int

    @property
    def middle(self) -> int:
        """Where its text is centred."""
        return self.x + self.width // 2

    @property
    def label(self) -> str:
        """Its name, cut to what fits."""
        return _cut(self.node.name, self.width)

    @property
    def under(self) -> str:
        """What stands below the name, cut to what fits."""
        return _cut(self.node.under, self.width + 14)

    @property
    def first_line(self) -> int:
        """Base line of the name."""
        return self.y + self.height // 2 + (-3 if self.node.under else 4)

    @property
    def second_line(self) -> int:
        """Base line of what stands below it."""
        return self.y + self.height // 2 + 12

    @property
    def corner(self) -> str:
        """Where the mark of its state stands."""
        return f"{self.x + self.width - (16 if self.node.gate else 9)} {self.y - 1}"

    @property
    def shape(self) -> str:
        """A review point's hexagon."""
        left, right, top, bottom = self.x, self.x + self.width, self.y, self.y + self.height
        half = self.y + self.height // 2
        return f"M{left + 9} {top}H{right - 9}L{right} {half}L{right - 9} {bottom}H{left + 9}L{left} {half}Z"

    @property
    def radius(self) -> int:
        """How round its corners are: AI is rounder than the system."""
        return 9 if self.node.kind == AI else 3


@dataclass(frozen=True, slots=True)
class Edge:
    """A line from one node to the next; its state is that of where it leads."""

    path: str
    state: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A graph, ready to be written as SVG. `name` is LR (left to right) or TB (top to bottom)."""

    name: str
    width: int
    height: int
    nodes: list[Placed]
    edges: list[Edge]


def nodes(steps: Iterable[Step], begin: str) -> Iterator[Node]:
    """What a version consists of, from what starts it to its outcome."""
    yield Node(BEGIN, begin, SYSTEM)
    for step in steps:
        when = step.review.get("when")
        if when == "before":
            yield gate(step)
        yield Node(step.key, step.name, AI if step.kind == "model" else SYSTEM)
        if when == "after":
            yield gate(step)


def gate(step: Step) -> Node:
    """The review point of a step."""
    return Node(step.key, gate_name(step), PERSON, called(step.review["group"]), gate=True)


def gate_name(step: Step) -> str:
    """What a review point is called: by the step it stands before or after."""
    return _("Approve: %s") % step.name if step.review.get("when") == "before" else _("Check: %s") % step.name


def across(drawn: Sequence[Node], room: int = ROOM) -> Drawing:
    """Left to right."""
    count = len(drawn)
    width = min(WIDEST, max(NARROWEST, (room - 2 * EDGE - (count - 1) * GAP) // max(count, 1)))
    placed = [Placed(n, EDGE + i * (width + GAP), EDGE, width, TALL) for i, n in enumerate(drawn)]
    edges = _edges(placed, lambda a, b: f"M{a.x + a.width} {EDGE + TALL // 2}H{b.x}")
    return Drawing("LR", 2 * EDGE + count * width + (count - 1) * GAP, TALL + 2 * EDGE, placed, edges)


def down(drawn: Sequence[Node]) -> Drawing:
    """Top to bottom, for a phone."""
    step = TALL_DOWN + GAP_DOWN
    placed = [Placed(n, EDGE, EDGE + i * step, DOWN_WIDTH, TALL_DOWN) for i, n in enumerate(drawn)]
    edges = _edges(placed, lambda a, b: f"M{a.middle} {a.y + TALL_DOWN}V{b.y}")
    return Drawing("TB", DOWN_WIDTH + 2 * EDGE, len(drawn) * step - GAP_DOWN + 2 * EDGE, placed, edges)


def _edges(placed: list[Placed], path: Callable[[Placed, Placed], str]) -> list[Edge]:
    return [Edge(path(a, b), b.node.state if b.node.state in {"todo", "skip"} else "done") for a, b in pairwise(placed)]


def _cut(text: str, width: int) -> str:
    room = int((width - 10) / LETTER)
    return text if len(text) <= room else f"{text[: room - 1].rstrip()}…"
