"""What readiness asks of parts that stand elsewhere: signatures under waivers, and dry runs of test cases."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Protocol


class Signed(Protocol):
    """Until when a second person has signed the waiver of a step; None where nobody has."""

    def __call__(self, workflow: str, step: str, content_hash: str, /) -> date | None:
        """`workflow` is the slug, `step` the key, `content_hash` that of the `waived.Waiver`."""


class Tried(Protocol):
    """Why test cases failed when they were run dry; "" where one passed, None where it was not run on this text."""

    def __call__(self, document: dict[str, Any], cases: Sequence[Mapping[str, Any]], /) -> Sequence[str | None]:
        """`cases` are of the document's `tests`; all that are wanted are asked at once."""


type Signatures = Callable[[str], Signed]  # all of a workflow's, read at once

_signatures: list[Signatures] = []
_tried: list[Tried] = []


def reads_signatures(read: Signatures) -> Signatures:
    """Register how the signatures of a workflow are read: a constant number of queries, whatever is asked then."""
    _signatures[:] = [read]
    return read


def tries_cases(tried: Tried) -> Tried:
    """Register what knows how test cases went."""
    _tried[:] = [tried]
    return tried


def signatures_of(slug: str) -> Signed:
    """The signatures of a workflow; as long as nobody can sign, there are none."""
    return _signatures[0](slug) if _signatures else _unsigned


def runner() -> Tried | None:
    """What knows how test cases went, or None as long as nothing does."""
    return _tried[0] if _tried else None


def _unsigned(workflow: str, step: str, content_hash: str, /) -> date | None:
    return None
