"""What carrying out a step can come to. An executor returns one of three, and the engine acts on it in one place."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from orchestration.routing.route import Route


@dataclass(frozen=True, slots=True)
class Spent:
    """What a try took: the model, tokens, USD, its confidence (0 to 1) and whence that comes, the tools that
    an agent called.

    `routing` is the decision by which models were asked, with every call.
    """

    model: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    cost: Decimal = Decimal(0)
    confidence: float | None = None
    confidence_source: str = ""
    prompt: list[dict[str, Any]] | None = None
    tools: tuple[str, ...] = ()
    routing: "Route | None" = None


NOTHING = Spent()
BROKE = "Handrail broke while carrying this out"  # what the error of a failure of ours begins with


@dataclass(frozen=True, slots=True)
class Done:
    """The step's work is done. `metrics` says which success metrics it met; `told` is for the ledger."""

    result: ClassVar = "done"

    output: dict[str, Any]
    spent: Spent = NOTHING
    metrics: list[dict[str, Any]] = field(default_factory=list)
    told: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SentBack(Done):
    """A person sent the work back: it is done again from the step `to` on. `told` is what that step is told of it."""

    to: str = ""
    told: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failed:
    """The work failed. `retry` says whether another try may help, `after` how many seconds to wait before it.

    `code` is the kind of failure that a step's retry policy names: timeout, busy, connection, server, answer, tool,
    broken, input or refused. `broken`: it was Handrail that broke, not the work that failed. Not `counted`: nobody was
    asked to do it, since whoever could is at a limit; it is no try of the step, and is always made again.
    """

    result: ClassVar = "failed"

    error: str
    retry: bool = False
    spent: Spent = NOTHING
    code: str = ""
    after: float | None = None
    broken: bool = False
    counted: bool = True


@dataclass(frozen=True, slots=True)
class Waiting:
    """The step waits: for a person, the steps inside it (`parts` of them), another run, a moment, an event, or
    somebody who knows what happened.

    For a person, `question` says when (before or after), the act, and the act's hash. `until` is when a wait for a
    moment or an event ends; `within` the same, from the moment when it begins.
    """

    result: ClassVar = "waiting"

    question: dict[str, Any]
    spent: Spent = NOTHING
    awaits: str = "person"
    parts: int = 0
    until: datetime | None = None
    within: timedelta | None = None
    event: str = ""


type Outcome = Done | Failed | Waiting


@dataclass(frozen=True, slots=True)
class Stopped:
    """The try was told to stop, and did."""

    result: ClassVar = "cancelled"

    error: str
    spent: Spent = NOTHING


@dataclass(frozen=True, slots=True)
class HandedBack:
    """The worker stops before the try has ended: somebody else takes it."""

    result: ClassVar = "back"

    spent: Spent = NOTHING


type Ended = Outcome | Stopped | HandedBack
