"""Keyset pages: a list that is read by the key of its rows, so that page thousand costs what page one does."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

SIZE = 50

type Fetch[Row] = Callable[[int | None, int | None, int], Sequence[Row]]  # (before, after, limit) -> rows


@dataclass(frozen=True, slots=True)
class Page[Row]:
    """Some rows, newest first, and the addresses of what is newer and older."""

    rows: Sequence[Row]
    newer: str
    older: str


def page[Row](given: Mapping[str, str], fetch: Fetch[Row], key: Callable[[Row], int]) -> Page[Row]:
    """The page that an address asks for with `before` or `after`.

    `fetch` answers newest first, or oldest first when it is given `after`.
    """
    before, after = _whole(given.get("before", "")), _whole(given.get("after", ""))
    found = fetch(before, after, SIZE + 1)
    more, rows = len(found) > SIZE, list(found[:SIZE])
    if after is not None:
        rows.reverse()
    if not rows:
        return Page([], "", "")
    has_newer, has_older = (more, True) if after is not None else (before is not None, more)
    return Page(
        rows,
        _address(given, after=key(rows[0])) if has_newer else "",
        _address(given, before=key(rows[-1])) if has_older else "",
    )


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _address(given: Mapping[str, str], **place: Any) -> str:
    kept = {name: value for name, value in given.items() if name not in ("before", "after")}
    return "?" + urlencode({**kept, **place})
