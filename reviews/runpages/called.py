"""The picture of who called whom: actors in columns from who started the run, and a line for each call."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from orchestration.explain import graph
from orchestration.explain.blocks import BOX, PERSON, SIGN, SYSTEM, Node
from orchestration.explain.shapes import Drawing, Edge, Placed, Word, cut
from reviews.runpages.actors import ASKS, CALLS, GIVES, HANDS, Actor, Call, Calls

VIEW, CALLED = "graph", "calls"  # in the address of a run: this picture instead of the steps
EDGE = 12  # room around
WIDE, HIGH = 124, 44  # of an actor
APART, BELOW = 64, 26  # from column to column, and from one in a column to the next
BACK = 14  # for each line that leads back
KINDS = {HANDS: "hand", ASKS: "fall", CALLS: ""}


def across(found: Calls) -> Drawing:
    """From left to right, for a wide page."""
    return _draw(found, upright=False)


def down(found: Calls) -> Drawing:
    """From top to bottom, for a phone."""
    return _draw(found, upright=True)


def sentences(found: Calls) -> list[tuple[str, Call]]:
    """Each call in words: the picture for those who do not see it, and what to open for all."""
    names = found.names
    words = {
        GIVES: _("%(by)s gave %(to)s"),
        CALLS: _("%(by)s called %(to)s"),
        ASKS: _("%(by)s asked %(to)s"),
        HANDS: _("%(by)s handed over to %(to)s"),
    }
    sends = _("%(by)s sent it to %(to)s")
    return [(words.get(call.what, sends) % {"by": names[call.by], "to": names[call.to]}, call) for call in found.calls]


def levels(actors: Sequence[Actor], calls: Sequence[Call]) -> dict[str, int]:
    """The column of each actor: behind all that call it, but for calls that lead back."""
    order = {actor.key: place for place, actor in enumerate(actors)}
    found = dict.fromkeys(order, 0)
    forward = [call for call in calls if order[call.by] < order[call.to]]
    for call in sorted(forward, key=lambda call: (order[call.to], order[call.by])):
        found[call.to] = max(found[call.to], found[call.by] + 1)
    return found


def _draw(found: Calls, *, upright: bool) -> Drawing:
    at = levels(found.actors, found.calls)
    columns: dict[int, list[Actor]] = defaultdict(list)
    for actor in found.actors:
        columns[at[actor.key]].append(actor)
    main, cross = (HIGH, WIDE) if upright else (WIDE, HIGH)
    most = max(len(column) for column in columns.values())
    whole = most * (cross + BELOW) - BELOW
    placed: dict[str, Placed] = {}
    for number, column in columns.items():
        used = len(column) * (cross + BELOW) - BELOW
        for place, actor in enumerate(column):
            u = EDGE + number * (main + APART)
            v = EDGE + (whole - used) // 2 + place * (cross + BELOW)
            x, y = (v, u) if upright else (u, v)
            placed[actor.key] = Placed(_node(actor), x, y, WIDE, HIGH)
    lanes = sum(at[call.by] >= at[call.to] for call in found.calls)
    long = max(columns) * (main + APART) + main + 2 * EDGE
    broad = whole + 2 * EDGE + lanes * BACK
    lines = _Lines(placed, at, whole + EDGE, upright=upright)
    edges, words = lines.of(found.calls)
    width, height = (broad, long) if upright else (long, broad)
    return Drawing("TB" if upright else "LR", width, height, tuple(placed.values()), edges, words, ())


class _Lines:
    """The lines between actors that have their places."""

    def __init__(self, placed: Mapping[str, Placed], at: Mapping[str, int], end: int, *, upright: bool) -> None:
        self.placed, self.at, self.upright = placed, at, upright
        self.lane = end

    def of(self, calls: Sequence[Call]) -> tuple[tuple[Edge, ...], tuple[Word, ...]]:
        """A line for each call, and how often where that was more than once."""
        edges, words = [], []
        for call in calls:
            path, (x, y) = self._path(call)
            edges.append(Edge(path, "done", KINDS.get(call.what, "")))
            if call.times > 1:
                words.append(Word(x, y, f"× {call.times}", "done"))
        return tuple(edges), tuple(words)

    def _path(self, call: Call) -> tuple[str, tuple[int, int]]:
        by, to = self.placed[call.by], self.placed[call.to]
        if self.at[call.by] < self.at[call.to]:
            begin, end = self._out(by), self._into(to)
            middle = (begin[0] + end[0]) // 2
            path = f"M{self._xy(*begin)}C{self._xy(middle, begin[1])} {self._xy(middle, end[1])} {self._xy(*end)}"
            return path, self._point(middle, (begin[1] + end[1]) // 2)
        self.lane += BACK
        begin, end = self._side(by), self._side(to)
        path = f"M{self._xy(*begin)}L{self._xy(begin[0], self.lane)}L{self._xy(end[0], self.lane)}L{self._xy(*end)}"
        return path, self._point((begin[0] + end[0]) // 2, self.lane)

    def _out(self, one: Placed) -> tuple[int, int]:
        return (one.bottom, one.x + WIDE // 2) if self.upright else (one.right, one.y + HIGH // 2)

    def _into(self, one: Placed) -> tuple[int, int]:
        return (one.y, one.x + WIDE // 2) if self.upright else (one.x, one.y + HIGH // 2)

    def _side(self, one: Placed) -> tuple[int, int]:
        return (one.y + HIGH // 2, one.right) if self.upright else (one.x + WIDE // 2, one.bottom)

    def _point(self, u: int, v: int) -> tuple[int, int]:
        return (v, u) if self.upright else (u, v)

    def _xy(self, u: int, v: int) -> str:
        x, y = self._point(u, v)
        return f"{x} {y}"


def _node(actor: Actor) -> Node:
    kind = PERSON if actor.kind == "person" else graph.mark(actor.kind)
    shape = SIGN if actor.kind == "decision" else BOX
    gate = kind == PERSON and actor.key != graph.BEGIN
    under = cut(actor.under, WIDE - 10, 5.4)
    opens = f"?{urlencode({VIEW: CALLED, 'step': actor.step})}#step"
    return Node(actor.key, actor.name, kind or SYSTEM, under, actor.state, gate, actor.under, shape, opens=opens)
