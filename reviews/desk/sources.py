"""Sources: the passages that an item rests on, each found again in the text that it was taken from.

Evidence of a review point is a source where it is an object, or a list of objects, with a `passage` (or `quote`); its
`title` and `where` (a page, a section) are shown as they are. The text is the object's own (`text`), or whatever came
in or was written before in which the passage stands.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from orchestration.contents import open_up
from reviews.desk.evidence import Evidence, plain
from reviews.models import Review

MOST = 50
LONGEST = 200_000  # characters of a text that is shown
SHORTEST = 4  # characters of a passage that is looked for


@dataclass(frozen=True, slots=True)
class Source:
    """One passage. `before`, `passage` and `after` are the text around it; `found` says whether it stands there."""

    number: int
    title: str
    where: str
    before: str
    passage: str
    after: str
    found: bool


def of(review: Review, evidence: Evidence) -> list[Source]:
    """Every source of an item, numbered from 1. No query."""
    given = [one for value in review.evidence.values() for one in _passages(value)][:MOST]
    if not given:
        return []
    texts = list(_texts(review, evidence))
    return [_source(number, one, texts) for number, one in enumerate(given, 1)]


def _passages(value: Any) -> Iterator[dict[str, Any]]:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict) and isinstance(one.get("passage", one.get("quote")), str):
            yield one


def _texts(review: Review, evidence: Evidence) -> Iterator[tuple[str, str]]:
    """What came in and what was written before, each with what it is called."""
    for name, text in _strings(open_up(review.run.input)):
        yield name or _("What came in"), text
    for made in evidence.made:
        for name, text in _strings(open_up(made.step_run.output)):
            yield f"{made.step.name}, {name}" if name else made.step.name, text


def _strings(value: Any, name: str = "", depth: int = 4) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield plain(name), value
    elif isinstance(value, dict | list) and depth:
        inside: Iterable[tuple[Any, Any]] = value.items() if isinstance(value, dict) else ((name, one) for one in value)
        for key, one in inside:
            yield from _strings(one, str(key), depth - 1)


def _source(number: int, given: dict[str, Any], texts: list[tuple[str, str]]) -> Source:
    passage = str(given.get("passage", given.get("quote")))
    title, where = (str(given.get(name) or "") for name in ("title", "where"))
    own = given.get("text")
    for called, text in [("", own)] if isinstance(own, str) else texts:
        if (at := _find(passage, text[:LONGEST])) is not None:
            start, end = at
            parts = (text[:start], text[start:end], text[end:LONGEST])
            return Source(number, title or called, where, *parts, found=True)
    return Source(number, title or _("Source"), where, "", passage, "", found=False)


def _find(passage: str, text: str) -> tuple[int, int] | None:
    """Where a passage stands in a text, whatever the blanks between its words are."""
    words = passage.split()
    if len("".join(words)) < SHORTEST:
        return None
    found = re.search(r"\s+".join(map(re.escape, words)), text, re.IGNORECASE)
    return found.span() if found else None
