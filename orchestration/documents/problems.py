"""What is wrong with a document: where, what, and how it is mended."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from orchestration.documents.loading import Lines

type Path = tuple[str | int, ...]  # the keys and places from the top of the document to one value


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `where` names the place inside the step (or the document) in words.

    `line` counts from 1; 0 while it is not known. `mend` is a sentence; "" where `told` says enough. `missing` names
    what is not there at all; `reads` says that an expression reads what is not there when it is worked out.
    """

    told: str
    path: Path = ()
    step: str = ""
    where: str = ""
    mend: str = ""
    line: int = 0
    missing: str = ""
    reads: bool = False

    def __str__(self) -> str:
        place = ", ".join(filter(None, [f"step {self.step!r}" if self.step else "", self.where]))
        if not place:
            return self.told
        return f"{place} {self.told}" if not self.where and self.told[:1].islower() else f"{place}: {self.told}"


class BadDocument(ValueError):
    """The document cannot be used. `problems` says why."""

    def __init__(self, problems: Iterable[Problem | str]) -> None:
        self.problems = [Problem(found) if isinstance(found, str) else found for found in problems]
        super().__init__(" ".join(map(str, self.problems)))

    def at(self, lines: Lines) -> "BadDocument":
        """The same, each problem with its line."""
        return BadDocument(
            found if found.line else replace(found, line=lines.of(found.path)) for found in self.problems
        )
