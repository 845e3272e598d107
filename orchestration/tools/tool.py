"""What a tool is: a name, a version, what it does to the world, and how it is called."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from orchestration import files
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
    of the arguments; `effects` says in sentences what a call with these arguments does. `call` gets the arguments and a
    key that stays the same over retries; with `takes_files` also the bytes of each file that they name, by its digest.
    """

    name: str
    version: int
    title: str
    effect: str
    leaves_house: bool
    schema: dict[str, Any]
    call: Callable[..., dict[str, Any]]
    effects: Callable[[dict[str, Any]], list[str]]
    repeats: Callable[[], str]
    takes_files: bool = False
    example: dict[str, Any] = field(default_factory=dict)  # what a call may give back, for dry runs

    def make(self, arguments: dict[str, Any], key: str, given: Mapping[str, bytes]) -> dict[str, Any]:
        """Make the call; `given` are the files that it may read. Or `ToolFailed`."""
        if not self.takes_files:
            return self.call(arguments, key)
        if any(named[files.MARK] not in given for named in files.within(arguments)):
            raise ToolFailed("It names a file that this run does not have.", retry=False)
        return self.call(arguments, key, given)

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
