"""How much room the blocks of a graph take, along the way and across it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from orchestration.explain.blocks import Block, Fork, Node, Sided

WIDEST, NARROWEST, SCROLLED = 118, 84, 108  # a node, left to right; the last where the graph must scroll anyway


@dataclass(frozen=True, slots=True)
class Size:
    """Room: along the way, and across it to both sides of the line that leads through."""

    long: float
    up: float
    down: float

    @property
    def across(self) -> float:
        """Both sides together."""
        return self.up + self.down


@dataclass(frozen=True, slots=True)
class Ruler:
    """The measures of one direction: a node along and across, and the room between things."""

    name: str
    across: bool
    main: int
    cross: int
    gap: int  # between two nodes
    fan: int  # where lines part or meet
    lane: int  # between two branches
    joint: int  # the word where branches are joined
    wide_word: int  # the name of a branch at its longest
    letter: float
    pad: int = 11

    def size(self, block: Block) -> Size:
        """What a block takes."""
        match block:
            case Node():
                return Size(self.main, self.cross / 2, self.cross / 2)
            case Fork():
                return self._fork(block)
            case Sided():
                return self._sided(block)

    def line(self, blocks: Sequence[Block]) -> Size:
        """What blocks take one after the other."""
        if not blocks:
            return Size(0, self.cross / 4, self.cross / 4)
        sizes = [self.size(block) for block in blocks]
        long = sum(size.long + after for size, (_, after) in zip(sizes, self.spaced(blocks), strict=True))
        return Size(long, max(size.up for size in sizes), max(size.down for size in sizes))

    def spaced(self, blocks: Sequence[Block]) -> Iterator[tuple[Block, int]]:
        """Each block with the room after it."""
        for number, block in enumerate(blocks, start=1):
            yield block, 0 if number == len(blocks) else self.fan if _parts(block) else self.gap

    def spread(self, sizes: Sequence[Size]) -> Size:
        """What branches take side by side, the line in their middle."""
        if len(sizes) == 1:
            return sizes[0]
        half = (sum(size.across for size in sizes) + self.lane * (len(sizes) - 1)) / 2
        return Size(max(size.long for size in sizes), half, half)

    def word(self, text: str) -> float:
        """The room for a branch's name on its line."""
        if not self.across:
            return 20 if text else 0
        return min(len(text) * self.letter, self.wide_word) + 12 if text else 0

    def lead(self, fork: Fork) -> float:
        """From the beginning of a fork to the beginning of its branches."""
        words = max(self.word(branch.name) for branch in fork.branches)
        return self.main + self.fan + words + (self.pad if fork.framed else 4)

    def _fork(self, fork: Fork) -> Size:
        spread = self.spread([self.line(branch.blocks) for branch in fork.branches])
        pad = self.pad if fork.framed else 0
        end = self.fan + self.joint if fork.join else pad
        half = self.cross / 2
        return Size(self.lead(fork) + spread.long + end, max(half, spread.up + pad), max(half, spread.down + pad))

    def _sided(self, sided: Sided) -> Size:
        inner = self.size(sided.block)
        long, up, down = inner.long, inner.up, inner.down
        if sided.fallback:
            size = self.line(sided.fallback)
            long, down = max(long, size.long), down + self.lane + size.across
        if sided.undo:
            size = self.line(sided.undo)
            long, up = max(long, size.long), up + self.lane + size.across
        return Size(long, up, down)


LEFT_TO_RIGHT = Ruler("LR", True, WIDEST, 46, gap=14, fan=24, lane=22, joint=48, wide_word=96, letter=6.1)
DOWN = Ruler("TB", False, 50, 176, gap=26, fan=28, lane=12, joint=22, wide_word=160, letter=7.3)
NARROW_DOWN = replace(DOWN, cross=146, wide_word=138)


def left_to_right(blocks: Sequence[Block], room: float) -> Ruler:
    """With nodes as wide as fit into the room, but never so narrow that they say nothing."""
    rulers: Iterable[Ruler] = (replace(LEFT_TO_RIGHT, main=width) for width in range(WIDEST, NARROWEST - 1, -2))
    scrolled = replace(LEFT_TO_RIGHT, main=SCROLLED)
    return next((ruler for ruler in rulers if ruler.line(blocks).long <= room), scrolled)


def _parts(block: Block) -> bool:
    """Whether more than one line goes on from it, or a line out of another lane."""
    match block:
        case Node():
            return False
        case Fork():
            return not block.join and (len(block.branches) > 1 or _open(block))
        case Sided():
            return bool(block.fallback) or _parts(block.block)


def _open(fork: Fork) -> bool:
    return any(bool(branch.blocks) and _parts(branch.blocks[-1]) for branch in fork.branches)
