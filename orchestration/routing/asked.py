"""One question to the router: what a call needs, and how things stand with the models at this moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from orchestration.routing.policy import Policy
from orchestration.states import DataClass

ENOUGH = 20  # measured runs of a step on a model before its own figures count


@dataclass(frozen=True, slots=True)
class Classed:
    """A data class, and why it is that high: where it was said, or what was found."""

    name: str = DataClass.INTERNAL
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """How one step did on one model: how often, which share met its metrics, seconds at p50 and p95, tokens, cost."""

    runs: int = 0
    measured: int = 0
    met: int = 0
    p50: float | None = None
    p95: float | None = None
    tokens_out: float | None = None
    cost: Decimal | None = None

    @property
    def share(self) -> float | None:
        """The share of measured runs that met the step's metrics, once there are enough."""
        return self.met / self.measured if self.measured >= ENOUGH else None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a call needs. Tokens are estimates; `output` is the most that the answer may have."""

    policy: Policy
    data: Classed = Classed()
    risk: str = "limited"
    tokens_in: int = 0
    output: int = 0
    needs: frozenset[str] = frozenset()
    today: date | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """How things stand, by model: seconds it still cools down, USD left of its month, its figures at this step, what
    it has of a limit that it is at; and `left`, the USD that all budgets of the call leave (None: no budget).

    `refused` holds the rule's sentence for models that a rule forbids here; `keyless` those without their secret.
    """

    cooling: Mapping[str, float] = field(default_factory=dict)
    months: Mapping[str, Decimal] = field(default_factory=dict)
    figures: Mapping[str, Figure] = field(default_factory=dict)
    busy: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    keyless: Mapping[str, str] = field(default_factory=dict)
    left: Decimal | None = None


NOW = Seen()
