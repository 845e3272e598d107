"""What a drawing consists of, as numbers for SVG."""

from dataclasses import dataclass

from orchestration.explain.blocks import AI, INSET, PILE, PILL, SIGN, Node

LINE = 13  # from one line of text to the next
BAR, BAR_EDGE = 4, 9  # a bar's height, and the room beside it


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text, by its middle and its base line. `kind` is its class: l (a name) or s (small)."""

    kind: str
    x: int
    y: int
    text: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A node with its place. `letter` is how wide a letter of a name is."""

    node: Node
    x: int
    y: int
    width: int
    height: int
    letter: float = 6.1

    @property
    def right(self) -> int:
        """Where it ends."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """Where it ends, downwards."""
        return self.y + self.height

    @property
    def texts(self) -> list[Text]:
        """Its name, on two lines where nothing stands below it, and what stands below it."""
        x, middle = self.x + self.width // 2, self.y + self.height // 2 - (3 if self.node.bar else 0)
        room = self.width - 10 - (8 if self.node.gate or self.node.shape == SIGN else 0)
        if self.node.under:
            name = cut(self.node.name, room, self.letter)
            under = [cut(line, room + 4, self.letter * 0.86) for line in self.node.under.split("\n")[:2]]
            first = middle - 3 - 6 * (len(under) - 1)
            below = [Text("s", x, first + 15 + 12 * number, line) for number, line in enumerate(under)]
            return [Text("l", x, first, name), *below]
        lines = _lines(self.node.name, room, self.letter)
        first = middle + 4 - LINE * (len(lines) - 1) // 2
        return [Text("l", x, first + LINE * number, line) for number, line in enumerate(lines)]

    @property
    def corner(self) -> str:
        """Where the mark of its state stands."""
        return f"{self.right - (16 if self.node.gate else 9)} {self.y - 1}"

    @property
    def shape(self) -> str:
        """A review point's hexagon, a decision's signpost, or nothing where it is a box."""
        half = self.y + self.height // 2
        if self.node.gate:
            left = f"H{self.x + 9}L{self.x} {half}"
            return f"M{self.x + 9} {self.y}H{self.right - 9}L{self.right} {half}L{self.right - 9} {self.bottom}{left}Z"
        if self.node.shape == SIGN:
            return f"M{self.x} {self.y}H{self.right - 10}L{self.right} {half}L{self.right - 10} {self.bottom}H{self.x}Z"
        return ""

    @property
    def behind(self) -> list[str]:
        """What stands behind it: it is one of many."""
        if self.node.shape != PILE:
            return []
        return [
            f"M{self.x + by} {self.y}V{self.y - by}H{self.right + by}V{self.bottom - by}H{self.right}" for by in (6, 3)
        ]

    @property
    def within(self) -> str:
        """Lines inside it: a run of its own."""
        if self.node.shape != INSET:
            return ""
        return f"M{self.x + 4} {self.y}V{self.bottom}M{self.right - 4} {self.y}V{self.bottom}"

    @property
    def radius(self) -> int:
        """How round its corners are: AI is rounder than the system, and what waits is rounder still."""
        return self.height // 2 if self.node.shape == PILL else 9 if self.node.kind == AI else 3

    @property
    def bars(self) -> list[tuple[str, str, str]]:
        """The parts of its bar: state, place and width. The first is the whole."""
        if not self.node.bar:
            return []
        room, x = self.width - 2 * BAR_EDGE, float(self.x + BAR_EDGE)
        parts = [("all", f"{x:.1f}", f"{room:.1f}")]
        for state, share in self.node.bar:
            parts.append((state, f"{x:.1f}", f"{room * share:.1f}"))
            x += room * share
        return parts

    @property
    def bar_top(self) -> int:
        """Where its bar stands."""
        return self.bottom - BAR - 5


@dataclass(frozen=True, slots=True)
class Edge:
    """A line; its state is that of where it leads. `kind` is fall (to a fallback), undo or empty."""

    path: str
    state: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Word:
    """What stands on a line: the name of a branch, or how branches are joined."""

    x: int
    y: int
    text: str
    state: str
    join: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame around what is done many times."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """A graph, ready to be written as SVG. `name` is LR (left to right) or TB (top to bottom)."""

    name: str
    width: int
    height: int
    nodes: tuple[Placed, ...]
    edges: tuple[Edge, ...]
    words: tuple[Word, ...]
    frames: tuple[Frame, ...]


def cut(text: str, width: float, letter: float) -> str:
    """As much of it as fits."""
    room = max(int(width / letter), 2)
    return text if len(text) <= room else f"{text[: room - 1].rstrip()}…"


def _lines(text: str, width: int, letter: float) -> list[str]:
    """On one line if it fits, else on two, parted at a space."""
    if len(text) * letter <= width:
        return [text]
    spaces = [place for place, char in enumerate(text) if char == " " and place * letter <= width]
    if not spaces:
        return [cut(text, width, letter)]
    return [text[: spaces[-1]], cut(text[spaces[-1] + 1 :], width, letter)]
