"""What the kinds of tools are told of a tool and of the connection that it is behind."""

from collections.abc import Mapping
from typing import Any, Protocol

from orchestration.tools.tool import ToolFailed


class Reach(Protocol):
    """How a connection is reached: `headers` are names, each with a value or the reference of a secret."""

    @property
    def name(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def methods(self) -> tuple[str, ...]: ...
    @property
    def headers(self) -> tuple[tuple[str, str, str], ...]: ...
    @property
    def secret(self) -> str: ...
    @property
    def private(self) -> bool: ...
    @property
    def options(self) -> Mapping[str, Any]: ...


class Declared(Protocol):
    """A tool of a connection. `said` is its declaration, with the kind's `own`."""

    @property
    def name(self) -> str: ...
    @property
    def reach(self) -> Reach: ...
    @property
    def said(self) -> Mapping[str, Any]: ...
    @property
    def seconds(self) -> float: ...
    @property
    def result_bytes(self) -> int: ...


class Misdeclared(ValueError):
    """A declaration says something that its kind cannot carry out: a sentence."""


class AskedToWait(ToolFailed):
    """It says itself that a later try may help, and after how many seconds."""

    def __init__(self, told: str, *, after: float | None, unknown: bool = False) -> None:
        super().__init__(told, retry=True, unknown=unknown)
        self.after = after


def own_of(declared: Declared) -> Mapping[str, Any]:
    """What its declaration says for its kind alone."""
    own = declared.said.get("own")
    if not isinstance(own, Mapping):
        raise Misdeclared(f"{declared.name} does not say how it is called.")
    return own
