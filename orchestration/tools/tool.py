"""What a tool is: a name, a version, what it does to the world, and how it is called."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from orchestration import files
from orchestration.starts import problems
from orchestration.tools.asking import NOTHING, Told

SAFE, KEYED, UNSAFE = "safe", "keyed", "unsafe"  # to be repeated freely; under its key; not at all


class AnsweredLater(Exception):
    """It was sent, and the answer comes later: the step waits for `event`, `hours` long. `sent` is what was said."""

    def __init__(self, event: str, hours: float, sent: dict[str, Any]) -> None:
        super().__init__(event)
        self.event, self.hours, self.sent = event, hours, sent


class ToolFailed(Exception):
    """The call failed. `retry` says whether another try may help; `unknown` that nobody knows whether it happened.

    A call that may not be repeated and whose outcome is unknown is not tried again, whatever `retry` says: somebody is
    asked what happened.
    """

    def __init__(self, told: str, *, retry: bool, unknown: bool = False) -> None:
        super().__init__(told)
        self.retry = retry
        self.unknown = unknown


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
    purpose: str = ""  # what it does, for a model that may call it; else its title
    example: dict[str, Any] = field(default_factory=dict)  # what a call may give back, for dry runs
    for_all: bool = True  # else who may use it is said one by one
    undo: str = ""  # the tool that undoes a call
    undo_with: Mapping[str, str] = field(default_factory=dict)  # its arguments, as expressions; none: by their names
    may_pause: bool = False  # whether `call` takes what people have said to its questions, see `asking`
    untrusted: bool | None = None  # whether others wrote what it gives back; where nobody says, it is as far as it goes
    target: Mapping[str, Any] = field(default_factory=dict)  # where a call goes, as it is shown and hashed with it

    def make(
        self, arguments: dict[str, Any], key: str, given: Mapping[str, bytes], told: Told = NOTHING
    ) -> dict[str, Any]:
        """Make the call; `given` are the files that it may read, `told` what people have said. Or `ToolFailed`."""
        if self.may_pause:
            return self.call(arguments, key, told)
        if not self.takes_files:
            return self.call(arguments, key)
        if any(named[files.MARK] not in given for named in files.within(arguments)):
            raise ToolFailed("It names a file that this run does not have.", retry=False)
        return self.call(arguments, key, given)

    def act(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """A call as it is shown, approved and hashed: the tool with its version, what it is given, where it goes."""
        where = {"target": dict(self.target)} if self.target else {}
        return {"tool": self.reference, "arguments": arguments, **where}

    def is_meant(self, act: Mapping[str, Any]) -> bool:
        """Whether an act is a call of this very tool, in this version, where it is now."""
        return bool(act["tool"] == self.reference and act.get("target", {}) == self.target)

    @property
    def reference(self) -> str:
        """Name and version, as acts are hashed with it."""
        return f"{self.name}@{self.version}"

    @property
    def brings_untrusted(self) -> bool:
        """Whether others wrote what it gives back: those outside the house, or whoever wrote the files it reads."""
        return self.leaves_house or self.takes_files if self.untrusted is None else self.untrusted

    @property
    def repeatability(self) -> str:
        """Whether a call may be repeated: safe, keyed or unsafe."""
        return self.repeats()

    def problems(self, arguments: dict[str, Any]) -> list[tuple[str, str]]:
        """Where the arguments do not fit."""
        return problems(self.schema, arguments)


def run_of(key: str) -> str:
    """The run that a call belongs to, by the key of the call; "" for a call that belongs to none."""
    sort, _, rest = key.partition("-")
    return rest.partition("-")[0] if sort == "run" else ""
