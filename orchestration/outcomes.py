"""What carrying out a step can come to. An executor returns one of three, and the engine acts on it in one place."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Spent:
    """What a try took: the model, tokens, USD, and the confidence it stated (0 to 1)."""

    model: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    cost: Decimal = Decimal(0)
    confidence: float | None = None
    prompt: list[dict[str, Any]] | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """The step's work is done. `metrics` says which success metrics it met."""

    output: dict[str, Any]
    spent: Spent = field(default_factory=Spent)
    metrics: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Failed:
    """The work failed. `retry` says whether another try may help."""

    error: str
    retry: bool = False
    spent: Spent = field(default_factory=Spent)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody has to answer `question` first. It says when (before or after), the act, and the act's hash."""

    question: dict[str, Any]
    spent: Spent = field(default_factory=Spent)


type Outcome = Done | Failed | Waiting
