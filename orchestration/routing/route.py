"""A route: one decision on its way from the filters to the answer, with every call that was made on it."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from orchestration.credentials import Way
from orchestration.routing.asked import Asked, Seen
from orchestration.routing.budgets import Budget
from orchestration.routing.candidates import Candidate, Snapshot
from orchestration.routing.deciding import Decided

NAMED, ROUTED = "named", "routed"


@dataclass(frozen=True, slots=True)
class Called:
    """One call of a model: what it came to, tokens, USD, milliseconds, and what the provider calls itself.

    `code` is "" where it answered, else the kind of failure; `why` a sentence; `skipped` where it was not called.
    """

    model: str
    code: str = ""
    why: str = ""
    milliseconds: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost: Decimal = Decimal(0)
    provider_model: str = ""
    skipped: bool = False

    def told(self) -> dict[str, Any]:
        """As JSON, without what is empty."""
        pairs = {
            "model": self.model,
            "code": self.code,
            "why": self.why,
            "ms": self.milliseconds,
            "in": self.tokens_in,
            "out": self.tokens_out,
            "cost": str(self.cost) if self.cost else "",
            "provider_model": self.provider_model,
            "skipped": self.skipped,
        }
        return {name: value for name, value in pairs.items() if value or name == "model"}


@dataclass(slots=True)
class Route:
    """Who may be asked, from the best on. It belongs to one try of a step; `calls` grows as they are made."""

    asked: Asked
    snapshot: Snapshot
    seen: Seen
    decided: Decided
    rules: dict[str, Any] = field(default_factory=dict)
    ways: dict[str, Way] = field(default_factory=dict)  # how each that passed is reached
    calls: list[Called] = field(default_factory=list)
    answered: str = ""
    cleared: frozenset[str] | None = None  # those that the rules were asked about and let pass; None: no rule is
    kinds: frozenset[str] = frozenset()  # what rules want blacked out
    act: dict[str, Any] | None = None  # what people approved, where a rule asked them
    given_up: set[str] = field(default_factory=set)  # whose answers did not fit, however often they were told
    budgets: dict[str, Budget] = field(default_factory=dict)  # those that its calls count against, by key
    reserved: dict[str, Decimal] = field(default_factory=dict)  # by budget, USD
    hash: str = ""  # of its record, once that is written

    @property
    def mode(self) -> str:
        """Whether the step names its model, or one was chosen."""
        return NAMED if self.asked.policy.named else ROUTED

    def give_up(self, model: str) -> None:
        """Ask a model no more in this try."""
        self.given_up.add(model)

    @property
    def costs(self) -> dict[str, Decimal]:
        """What its calls did cost, by budget; those of a model's month count only that model."""
        return {
            key: sum((called.cost for called in self.calls if self.counts(called.model, key)), Decimal(0))
            for key in self.reserved
        }

    @staticmethod
    def counts(model: str, key: str) -> bool:
        """Whether calls of a model count against a budget: against its own month, and none of another's."""
        return not key.startswith("model:") or key.startswith(f"model:{model}:")

    @property
    def candidates(self) -> list[Candidate]:
        """Those that passed, in their order; whoever has answered comes first, so that a talk stays with one."""
        cleared = [one.name for one in self.decided.ranked if self.cleared is None or one.name in self.cleared]
        ranked = [self.snapshot.by_name[name] for name in cleared if name not in self.given_up]
        return sorted(ranked, key=lambda model: model.name != self.answered)
