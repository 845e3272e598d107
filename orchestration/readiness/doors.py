"""What readiness asks of parts that stand elsewhere: signatures under waivers, and dry runs of test cases."""

from collections.abc import Callable
from datetime import date
from typing import Any, Protocol


class Signed(Protocol):
    """Until when a second person has signed the waiver of a step; None where nobody has."""

    def __call__(self, workflow: str, step: str, content_hash: str, /) -> date | None:
        """`workflow` is the slug, `step` the key, `content_hash` that of the `waived.Waiver`."""


class Tried(Protocol):
    """Why a test case fails when it is run dry; "" where it passes."""

    def __call__(self, document: dict[str, Any], case: dict[str, Any], /) -> str:
        """`case` is one of the document's `tests`."""


type Signatures = Callable[[str], Signed]  # all of a workflow's, read at once

_signatures: list[Signatures] = []
_tried: list[Tried] = []


def reads_signatures(read: Signatures) -> Signatures:
    """Register how the signatures of a workflow are read: a constant number of queries, whatever is asked then."""
    _signatures[:] = [read]
    return read


def tries_cases(tried: Tried) -> Tried:
    """Register what runs a test case dry."""
    _tried[:] = [tried]
    return tried


def signatures_of(slug: str) -> Signed:
    """The signatures of a workflow; as long as nobody can sign, there are none."""
    return _signatures[0](slug) if _signatures else _unsigned


def runner() -> Tried | None:
    """What runs test cases, or None as long as nothing does."""
    return _tried[0] if _tried else None


def _unsigned(workflow: str, step: str, content_hash: str, /) -> date | None:
    return None
