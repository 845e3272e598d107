"""A text whose columns are held apart by blanks, as cells: what stands beside a word, and what stands under it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

CELL = re.compile(r"\S+(?: \S+)*")  # two blanks or more part two cells
NEAR = 12  # characters that a cell under another may begin to the left or right of it
UNDER = 3  # lines, with something in them, that are looked at under a cell
LONGEST, MOST = 400, 5000  # characters of a line, and lines, that are looked at


@dataclass(frozen=True, slots=True)
class Cell:
    """Words that stand together."""

    text: str
    line: int
    start: int
    end: int


@dataclass(frozen=True)
class Page:
    """All pages of a text, as lines of cells; empty lines are left out."""

    lines: list[list[Cell]]

    @classmethod
    def of(cls, text: str) -> "Page":
        """The cells of a text."""
        filled = [line for line in text.replace("\u00a0", " ").splitlines() if line.strip()][:MOST]
        return cls([_cells(number, line[:LONGEST]) for number, line in enumerate(filled)])

    @cached_property
    def cells(self) -> list[Cell]:
        """All of them, in the order of reading."""
        return [cell for line in self.lines for cell in line]

    def beside(self, cell: Cell) -> Cell | None:
        """The next to the right."""
        return next((other for other in self.lines[cell.line] if other.start > cell.start), None)

    def under(self, cell: Cell) -> Iterator[Cell]:
        """Those right under it, the nearest first."""
        for line in self.lines[cell.line + 1 : cell.line + 1 + UNDER]:
            yield from (other for other in line if other.start - NEAR <= cell.start <= other.end + NEAR)

    def after(self, cell: Cell, label: re.Match[str]) -> Iterator[str]:
        """What may be meant by a label in this cell: the rest of it, what stands beside it, what stands under it."""
        if rest := cell.text[label.end() :].strip(" :."):
            yield rest
        elif (beside := self.beside(cell)) is not None and beside.text.strip(": "):
            yield beside.text
        elif beside is not None and (further := self.beside(beside)) is not None:
            yield further.text
        yield from (other.text for other in self.under(cell))


def _cells(number: int, line: str) -> list[Cell]:
    return [Cell(found.group(), number, found.start(), found.end()) for found in CELL.finditer(line)]
