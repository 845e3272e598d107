"""Where the blocks of a graph stand: left to right for a wide page, top to bottom for a phone.

Everything is placed along the way (`u`) and across it (`v`); only `_Canvas` knows which of them is x.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from orchestration.explain.blocks import Block, Branch, Fork, Node, Sided
from orchestration.explain.rulers import DOWN, NARROW_DOWN, Ruler, Size, left_to_right
from orchestration.explain.shapes import Drawing, Edge, Frame, Placed, Word, cut

EDGE = 9  # room around, for the marks on the corners
HAND, BEND = 12, 6  # room for a line past others, and how round its corners are
ROOM = 790  # what a wide page has


def across(blocks: Sequence[Block], room: int = ROOM) -> Drawing:
    """Left to right, as wide as it must be."""
    return _Canvas(left_to_right(blocks, room - 2 * EDGE)).draw(blocks)


def down(blocks: Sequence[Block]) -> Drawing:
    """Top to bottom, for a phone."""
    size = DOWN.line(blocks)
    return _Canvas(DOWN if size.across <= DOWN.cross else NARROW_DOWN).draw(blocks)


@dataclass(frozen=True, slots=True)
class _End:
    """Where a line is still to go on from; `state` is given where the line's own end does not say it."""

    u: float
    v: float
    state: str = ""


class _Canvas:
    """What has been drawn so far."""

    def __init__(self, ruler: Ruler) -> None:
        self.ruler = ruler
        self.nodes: list[Placed] = []
        self.edges: list[Edge] = []
        self.words: list[Word] = []
        self.frames: list[Frame] = []
        self.v0 = 0.0

    def draw(self, blocks: Sequence[Block]) -> Drawing:
        """All of it."""
        size = self.ruler.line(blocks)
        self.v0 = size.up
        self._line(blocks, 0, 0, [])
        width, height = (size.long, size.across) if self.ruler.across else (size.across, size.long)
        past = HAND * self._hand_over(round(size.across) + EDGE)
        return Drawing(
            self.ruler.name,
            round(width) + 2 * EDGE + (0 if self.ruler.across else past),
            round(height) + 2 * EDGE + (past if self.ruler.across else 0),
            nodes=tuple(self.nodes),
            edges=tuple(self.edges),
            words=tuple(self.words),
            frames=tuple(self.frames),
        )

    def _hand_over(self, beyond: int) -> int:
        """Lines from where agents hand over, and people lead on or back, past all that stands between; how many."""
        placed = {one.node.key: one for one in reversed(self.nodes)}  # of a step and its review point, the first
        lanes = 0
        for one in list(self.nodes):
            for key, state in one.node.hands:
                if key in placed:
                    lanes += 1
                    self.edges.append(Edge(self._past(one, placed[key], beyond + lanes * HAND - BEND), state, "hand"))
        return lanes

    def _past(self, one: Placed, to: Placed, lane: int) -> str:
        """Out of the side of one, along a lane, and into the side of the other."""
        bend = BEND if (to.x, to.y) > (one.x, one.y) else -BEND  # a line may lead back
        if self.ruler.across:
            x, y, end, into = one.x + one.width // 2, one.bottom, to.x + to.width // 2, to.bottom
            turn = f"V{lane - BEND}Q{x} {lane} {x + bend} {lane}H{end - bend}Q{end} {lane} {end} {lane - BEND}"
            return f"M{x} {y}{turn}V{into}"
        x, y, end, into = one.right, one.y + one.height // 2, to.y + to.height // 2, to.right
        turn = f"H{lane - BEND}Q{lane} {y} {lane} {y + bend}V{end - bend}Q{lane} {end} {lane - BEND} {end}"
        return f"M{x} {y}{turn}H{into}"

    def _line(self, blocks: Sequence[Block], u: float, v: float, ends: list[_End]) -> list[_End]:
        """Blocks one after the other; answers where the line goes on."""
        for block, after in self.ruler.spaced(blocks):
            ends = self._block(block, u, v, ends)
            u += self.ruler.size(block).long + after
        return ends

    def _block(self, block: Block, u: float, v: float, ends: list[_End]) -> list[_End]:
        match block:
            case Node():
                self._lead(ends, u, v, block.state)
                self._put(block, u, v)
                return [_End(u + self.ruler.main, v, "" if block.taken else "skip")]
            case Fork():
                return self._fork(block, u, v, ends)
            case Sided():
                return self._sided(block, u, v, ends)

    def _fork(self, fork: Fork, u: float, v: float, ends: list[_End]) -> list[_End]:
        self._block(fork.head, u, v, ends)
        begin, size = u + self.ruler.lead(fork), self.ruler.size(fork)
        leaving: list[_End] = []
        for branch, lane in self._lanes(fork, v):
            leaving += self._branch(branch, (u + self.ruler.main, v), (begin, lane))
        if fork.framed:
            self._frame(begin, v, self.ruler.line(fork.branches[0].blocks))
            leaving = [replace(end, u=u + size.long) for end in self._reach(leaving, u + size.long)]
        if not fork.join:
            return leaving
        at = u + size.long - self.ruler.joint
        state = fork.head.state if fork.head.state in {"", "done", "skip"} else "todo"
        self._lead(leaving, at, v, state)
        x, y = self._xy(at + self.ruler.joint / 2, v)
        self.words.append(Word(x, y, fork.join, state, join=True))
        return [_End(u + size.long, v)]

    def _lanes(self, fork: Fork, v: float) -> Iterator[tuple[Branch, float]]:
        sizes = [self.ruler.line(branch.blocks) for branch in fork.branches]
        at = v - self.ruler.spread(sizes).up
        for branch, size in zip(fork.branches, sizes, strict=True):
            yield branch, at + size.up
            at += size.across + self.ruler.lane

    def _branch(self, branch: Branch, start: tuple[float, float], begin: tuple[float, float]) -> list[_End]:
        """One branch, from its fork to where its line leaves it."""
        first = _first(branch.blocks)
        state = _state(first.state if first else branch.state)
        if first and branch.state == "skip":
            state = "skip"
        self._edge(*start, *begin, state, early=True)
        if branch.name:
            where = start[0] + self.ruler.fan + self.ruler.word(branch.name) / 2
            x, y = self._xy(where, begin[1])
            self.words.append(Word(x, y, cut(branch.name, self.ruler.wide_word, self.ruler.letter), state))
        if not branch.blocks:
            return [_End(*begin, branch.state)]
        leaving = self._line(branch.blocks, *begin, [])
        return [replace(end, state=branch.state or end.state) for end in leaving]

    def _sided(self, sided: Sided, u: float, v: float, ends: list[_End]) -> list[_End]:
        ruler, inner = self.ruler, self.ruler.size(sided.block)
        leaving = self._block(sided.block, u, v, ends)
        middle, half = u + ruler.main / 2, ruler.cross / 2
        if sided.undo:
            lane = v - inner.up - ruler.lane - ruler.line(sided.undo).down
            self._straight(middle, v - half, middle, lane + half, _first(sided.undo), "undo")
            self._line(sided.undo, u, lane, [])
        if sided.fallback:
            if sided.head.state == "fail":
                leaving = [replace(end, state="skip") for end in leaving]
            lane = v + inner.down + ruler.lane + ruler.line(sided.fallback).up
            self._straight(middle, v + half, middle, lane - half, _first(sided.fallback), "fall")
            leaving += self._line(sided.fallback, u, lane, [])
        return leaving

    def _frame(self, u: float, v: float, size: Size) -> None:
        pad = self.ruler.pad
        x, y = self._xy(u - pad, v - size.up - pad)
        right, bottom = self._xy(u + size.long + pad, v + size.down + pad)
        self.frames.append(Frame(x, y, right - x, bottom - y))

    def _reach(self, ends: list[_End], u: float) -> list[_End]:
        """The same ends, led on straight as far as `u`."""
        for end in ends:
            self._edge(end.u, end.v, u, end.v, end.state or "done")
        return ends

    def _put(self, node: Node, u: float, v: float) -> None:
        ruler = self.ruler
        x, y = self._xy(u, v - ruler.cross / 2)
        width, height = (ruler.main, ruler.cross) if ruler.across else (ruler.cross, ruler.main)
        self.nodes.append(Placed(node, x, y, width, height, ruler.letter))

    def _lead(self, ends: list[_End], u: float, v: float, state: str) -> None:
        """Lines from where others ended to here."""
        for end in ends:
            self._edge(end.u, end.v, u, v, end.state if end.state in {"todo", "skip"} else _state(state))

    def _straight(self, u1: float, v1: float, u2: float, v2: float, to: Node | None, kind: str) -> None:
        (x1, y1), (x2, y2) = self._xy(u1, v1), self._xy(u2, v2)
        self.edges.append(Edge(f"M{x1} {y1}L{x2} {y2}", _state(to.state if to else ""), kind))

    def _edge(self, u1: float, v1: float, u2: float, v2: float, state: str, *, early: bool = False) -> None:
        """A line along the way that changes its lane at once (`early`), or only where it arrives."""
        fan = min(self.ruler.fan, u2 - u1)
        if v1 == v2:
            points = f"L{self._at(u2, v2)}"
        elif early:
            half = u1 + fan / 2
            points = f"C{self._at(half, v1)} {self._at(half, v2)} {self._at(u1 + fan, v2)}L{self._at(u2, v2)}"
        else:
            half = u2 - fan / 2
            points = f"L{self._at(u2 - fan, v1)}C{self._at(half, v1)} {self._at(half, v2)} {self._at(u2, v2)}"
        self.edges.append(Edge(f"M{self._at(u1, v1)}{points}", state))

    def _at(self, u: float, v: float) -> str:
        x, y = self._xy(u, v)
        return f"{x} {y}"

    def _xy(self, u: float, v: float) -> tuple[int, int]:
        v += self.v0
        x, y = (u, v) if self.ruler.across else (v, u)
        return round(x) + EDGE, round(y) + EDGE


def _first(blocks: Sequence[Block]) -> Node | None:
    if not blocks:
        return None
    return blocks[0] if isinstance(blocks[0], Node) else blocks[0].head


def _state(leads_to: str) -> str:
    return leads_to if leads_to in {"todo", "skip"} else "done"
