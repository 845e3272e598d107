"""Which keys count: those that were given, and those that a checkpoint links to them by the signatures of both."""

from collections.abc import Iterable, Sequence

from .notes import BadNote, Key, opened, parted


def linked(given: Sequence[Key], offered: Iterable[Key], notes: Iterable[str]) -> list[Key]:
    """The keys that were given, and the others that signed the same checkpoint as one that counts already."""
    known, others = list(given), [key for key in offered if key not in given]
    handed_over = [note for note in notes if _is_by_several(note)] if others else []
    grown = True
    while grown and others:
        grown = False
        for note in handed_over:
            new = [key for key in _signers(note, [*known, *others], known) if key in others]
            known += new
            others = [key for key in others if key not in new]
            grown = grown or bool(new)
    return known


def _is_by_several(note: str) -> bool:
    try:
        return len(parted(note)[1]) > 1
    except BadNote:
        return False


def _signers(note: str, keys: Sequence[Key], known: Sequence[Key]) -> list[Key]:
    """Who signed, where one of those whose word counts did."""
    try:
        _, signers = opened(note, keys)
    except BadNote:
        return []
    return signers if any(key in known for key in signers) else []
