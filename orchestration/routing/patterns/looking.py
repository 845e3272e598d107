"""Which patterns of the workspace are on: one statement a second at the most, whatever is looked through."""

import time

from audit import hot
from orchestration.routing.patterns.reading import BadPattern, Detector, own

LOOK = "SELECT name, pattern, data FROM orchestration_pattern WHERE status = 'on' ORDER BY name LIMIT 200"
KEPT = 1.0  # seconds that a look is good for

_on: tuple[Detector, ...] = ()
_rows: tuple[tuple[str, str, str], ...] = ()
_looked = float("-inf")


def look(kept: float = KEPT) -> tuple[Detector, ...]:
    """The patterns that are on. On an event loop, which cannot ask the database: those of the last look."""
    global _on, _rows, _looked
    if time.monotonic() - _looked > kept and hot.can_ask():
        rows = tuple((str(name), str(pattern), str(data)) for name, pattern, data in hot.rows(LOOK))
        if rows != _rows:
            _on, _rows = tuple(_read(*row) for row in rows), rows
        _looked = time.monotonic()
    return _on


def forget() -> None:
    """Look again at the next chance."""
    global _on, _rows, _looked
    _on, _rows, _looked = (), (), float("-inf")


def _read(name: str, pattern: str, data: str) -> Detector:
    """A pattern that was read when it was saved. Where it is read no longer, nothing may pass by it."""
    try:
        return own(name, pattern, data)
    except BadPattern as error:
        raise BadPattern(f"The pattern {name} cannot be read any more, so nothing is looked through.") from error
