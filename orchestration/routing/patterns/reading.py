"""A detector: a pattern, a check of what it finds, and the class that the found is of. Pure."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import re2
from django.utils.translation import gettext as _

from orchestration.states import DataClass

LONGEST = 500  # characters of a pattern
ORDINARY = "An ordinary sentence, with 12 words; nothing in it is anybody's secret."


class BadPattern(ValueError):
    """A workspace's own pattern cannot be read, or finds the empty text."""


class Found(NamedTuple):
    """Something that was found: what it is, where it stands, and the class that it is of."""

    kind: str
    start: int
    end: int
    data: str


class Detector(NamedTuple):
    """A pattern (Python's, or RE2's), a check of what it finds, and the class that the found is of."""

    kind: str
    pattern: Any
    is_one: Callable[[str], bool]
    data: str = DataClass.PERSONAL
    own: bool = False

    def found(self, text: str) -> Iterator[Found]:
        """All that it finds in a text, wherever that stands."""
        for match in self.pattern.finditer(text):
            if match.end() > match.start() and self.is_one(match.group()):
                yield Found(self.kind, match.start(), match.end(), self.data)


def own(kind: str, pattern: str, data: str) -> Detector:
    """A workspace's own pattern, in RE2's words, which take no longer than a text is long. Or `BadPattern`."""
    if len(pattern) > LONGEST:
        raise BadPattern(_("It is too long: %d characters at the most.") % LONGEST)
    quiet = re2.Options()
    quiet.log_errors = False
    try:
        read = re2.compile(pattern, quiet)
    except re2.error as error:
        raise BadPattern(_("It cannot be read: %s.") % _told(error)) from error
    if any(match.end() == match.start() for text in ("", ORDINARY) for match in read.finditer(text)):
        raise BadPattern(_("It finds the empty text, so it would find it everywhere."))
    return Detector(kind, read, lambda _text: True, data, own=True)


def _told(error: Exception) -> str:
    said = error.args[0] if error.args else ""
    return said.decode(errors="replace") if isinstance(said, bytes) else str(said)
