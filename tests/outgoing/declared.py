"""Tools of connections as plain values, the way that the catalog's rows come to the kinds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Reach:
    """A connection."""

    name: str = "crm"
    address: str = ""
    methods: tuple[str, ...] = ()
    headers: tuple[tuple[str, str, str], ...] = ()
    secret: str = ""
    private: bool = True
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Declared:
    """A tool of it."""

    reach: Reach
    said: Mapping[str, Any]
    name: str = "crm.call"
    seconds: float = 2.0
    result_bytes: int = 100_000


def tool(own: Mapping[str, Any], *, seconds: float = 2.0, result_bytes: int = 100_000, **reach: Any) -> Declared:
    """A tool of a connection, with what its declaration says for its kind."""
    return Declared(Reach(**reach), {"name": "call", "own": own}, seconds=seconds, result_bytes=result_bytes)
