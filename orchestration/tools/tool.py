"""What a tool is: a name, a version, what it does to the world, and how it is called."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from orchestration.starts import problems

SAFE, KEYED, UNSAFE = "safe", "keyed", "unsafe"  # to be repeated freely; under its key; not at all


class ToolFailed(Exception):
    """The call failed. `retry` says whether nothing happened and another try may help."""

    def __init__(self, told: str, *, retry: bool) -> None:
        super().__init__(told)
        self.retry = retry


@dataclass(frozen=True, slots=True)
class Tool:
    """One thing that a step may do.

    `effect` is read, write or destructive; `leaves_house` says whether others see it; `schema` is the JSON schema
    of the arguments; `effects` says in sentences what a call with these arguments does.
    """

    name: str
    version: int
    title: str
    effect: str
    leaves_house: bool
    schema: dict[str, Any]
    call: Callable[[dict[str, Any], str], dict[str, Any]]
    effects: Callable[[dict[str, Any]], list[str]]
    repeats: Callable[[], str]
    example: dict[str, Any] = field(default_factory=dict)  # what a call may give back, for dry runs

    @property
    def reference(self) -> str:
        """Name and version, as acts are hashed with it."""
        return f"{self.name}@{self.version}"

    @property
    def repeatability(self) -> str:
        """Whether a call may be repeated: safe, keyed or unsafe."""
        return self.repeats()

    def problems(self, arguments: dict[str, Any]) -> list[tuple[str, str]]:
        """Where the arguments do not fit."""
        return problems(self.schema, arguments)
