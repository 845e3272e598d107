"""What a person changed in a text: sentences first, then the words inside a sentence that stayed alike."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby, pairwise, takewhile
from typing import Literal

type Kind = Literal["same", "gone", "new"]

END = re.compile(r"[.!?…][\"'”’)\]]*\s+|\n\s*")
WORD = re.compile(r"\w+|\s+|[^\w\s]")
MOST = 400  # parts compared with each other; longer texts would hold the page up
ALIKE = 0.4  # share of words in common under which a sentence counts as another one
BREAK = "\n\n"
FEWEST = 3  # words and blanks in common at an end that count as unchanged


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that stayed, went or came."""

    kind: Kind
    text: str

    @property
    def is_blank_change(self) -> bool:
        """Whether only blanks and line breaks came or went."""
        return self.kind != "same" and not self.text.strip()

    @property
    def shown(self) -> str:
        """The text, with a mark for each line break that would not show as a change."""
        return self.text.replace("\n", "¶") if self.kind == "gone" or self.is_blank_change else self.text

    @property
    def edges(self) -> tuple[str, str, str]:
        """What is shown: blanks in front, the words, blanks behind. Only words are drawn as changed."""
        core = self.shown.strip(" ")
        if not core:
            return "", self.shown, ""
        front, _, behind = self.shown.partition(core)
        return front, core, behind


def pieces(before: str, after: str) -> list[Piece]:
    """How `before` became `after`. The pieces that are not new join to `before`, those not gone to `after`."""
    if before == after:
        return _piece("same", before)
    found: list[Piece] = []
    for same, changed in groupby(_sentences(before, after), key=lambda piece: piece.kind == "same"):
        if same:
            found += changed
            continue
        sides = list(changed)
        gone = "".join(piece.text for piece in sides if piece.kind == "gone")
        new = "".join(piece.text for piece in sides if piece.kind == "new")
        found += _words(gone, new)
    return _joined(found)


def lines(before: str, after: str) -> list[Piece]:
    """How a text of lines became another one: whole lines."""
    first, second = before.splitlines(keepends=True), after.splitlines(keepends=True)
    return _joined(_pieces_of(SequenceMatcher(None, first, second, autojunk=False), first, second))


def paragraphs(found: Sequence[Piece]) -> list[list[Piece]]:
    """The pieces, a list for each paragraph of the text as it stands after."""
    made: list[list[Piece]] = [[]]
    for piece in found:
        if piece.kind == "gone" or piece.is_blank_change:
            made[-1].append(piece)
            made += [[]] if piece.kind == "new" and BREAK in piece.text else []
            continue
        for number, part in enumerate(piece.text.split(BREAK)):
            made += [[]] if number else []
            made[-1] += _piece(piece.kind, part)
    return [paragraph for paragraph in made if paragraph]


def changes(found: Sequence[Piece]) -> int:
    """How many places were changed: what went and what came in its stead count as one."""
    starts = zip([Piece("same", ""), *found], found, strict=False)
    return sum(1 for last, piece in starts if piece.kind != "same" and last.kind == "same")


def _words(gone: str, new: str) -> list[Piece]:
    """The change inside one stretch of sentences: word by word while they are alike, otherwise as a whole."""
    before, after = WORD.findall(gone), WORD.findall(new)
    head = _alike(before, after)
    tail = _alike(before[head:][::-1], after[head:][::-1])
    first, last = "".join(before[:head]), "".join(before[len(before) - tail :])
    core = _core(before[head : len(before) - tail], after[head : len(after) - tail])
    return [*_piece("same", first), *core, *_piece("same", last)]


def _alike(first: Sequence[str], second: Sequence[str]) -> int:
    """How many words both begin with; a word or a full stop alone is chance."""
    count = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))
    return count if count >= FEWEST else 0


def _core(before: list[str], after: list[str]) -> list[Piece]:
    whole = [*_piece("gone", "".join(before)), *_piece("new", "".join(after))]
    if not before or not after or max(len(before), len(after)) > MOST:
        return whole
    matcher = SequenceMatcher(None, before, after)
    if matcher.ratio() < ALIKE:
        return whole
    return _absorbed(_pieces_of(matcher, before, after))


def _sentences(before: str, after: str) -> list[Piece]:
    """The sentences that stayed, went and came."""
    first, second = _cut(before), _cut(after)
    if max(len(first), len(second)) > MOST:
        return [*_piece("gone", before), *_piece("new", after)]
    return _pieces_of(SequenceMatcher(None, first, second), first, second)


def _cut(text: str) -> list[str]:
    """The sentences of a text, each with the blanks behind it."""
    ends = [found.end() for found in END.finditer(text)]
    return [text[start:end] for start, end in pairwise([0, *ends, len(text)]) if start < end]


def _pieces_of(matcher: "SequenceMatcher[str]", before: list[str], after: list[str]) -> list[Piece]:
    found: list[Piece] = []
    for tag, a, b, c, d in matcher.get_opcodes():
        gone, new = "".join(before[a:b]), "".join(after[c:d])
        found += _piece("same", gone) if tag == "equal" else [*_piece("gone", gone), *_piece("new", new)]
    return found


def _absorbed(found: list[Piece]) -> list[Piece]:
    """A blank between two changes belongs to both: five words changed in a row read as one change."""
    made: list[Piece] = []
    for number, piece in enumerate(found):
        inside = 0 < number < len(found) - 1
        if piece.kind == "same" and not piece.text.strip() and inside:
            made += [Piece("gone", piece.text), Piece("new", piece.text)]
        else:
            made.append(piece)
    return made


def _joined(found: list[Piece]) -> list[Piece]:
    """Neighbours of one kind as one piece; in a change, what went stands before what came."""
    made: list[Piece] = []
    for same, run in groupby(found, key=lambda piece: piece.kind == "same"):
        parts = list(run)
        kinds: tuple[Kind, ...] = ("same",) if same else ("gone", "new")
        for kind in kinds:
            made += _piece(kind, "".join(part.text for part in parts if part.kind == kind))
    return made


def _piece(kind: Kind, text: str) -> list[Piece]:
    return [Piece(kind, text)] if text else []
