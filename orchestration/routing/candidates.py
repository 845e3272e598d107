"""What the catalog offers: its models as plain values that do not change, with a hash over all of them."""

import time
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from audit.canonical import digest
from orchestration import credentials
from orchestration.catalog.looking import forgotten
from orchestration.credentials import Way
from orchestration.models import Model
from orchestration.states import DataClass, ModelStatus

KEPT = 1.0  # seconds that a look at the catalog is good for
MILLION = 1_000_000
CLASSES = tuple(DataClass.values)  # from the lowest to the highest


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model as the catalog describes it. Prices are US dollars for a million tokens."""

    name: str
    title: str = ""
    status: str = ModelStatus.APPROVED
    until: date | None = None
    route: str = ""
    endpoint: str = ""
    private_endpoint: bool = False
    secret: str = ""
    region: str = ""
    ceiling: str = DataClass.INTERNAL
    capabilities: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    context: int | None = None
    most_output: int | None = None
    price_in: Decimal | None = None
    price_out: Decimal | None = None
    tiers: frozenset[str] = frozenset()
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    calls_at_once: int | None = None
    month_budget: Decimal | None = None
    tags: frozenset[str] = frozenset()
    quality: float = 0.5

    @property
    def way(self) -> Way:
        """How it is reached, with its key. Or `KeyMissing`."""
        key = credentials.value(self.secret) or None
        return Way(self.route, self.endpoint or None, key, bool(self.endpoint) and not self.private_endpoint)

    @property
    def is_limited(self) -> bool:
        """Whether its calls are counted against a limit."""
        limits = (self.calls_at_once, self.requests_per_minute, self.tokens_per_minute)
        return any(limit is not None for limit in limits)

    def price(self, tokens_in: int, tokens_out: int) -> Decimal | None:
        """US dollars of a call with so many tokens; None where a price is unknown."""
        if self.price_in is None or self.price_out is None:
            return None
        return (self.price_in * tokens_in + self.price_out * tokens_out) / MILLION

    def told(self) -> dict[str, Any]:
        """Its facts as JSON. The secret is a reference, never a value."""
        return {name: _plain(value) for name, value in asdict(self).items()}


@dataclass(frozen=True)
class Snapshot:
    """The catalog at one moment."""

    models: tuple[Candidate, ...]

    @cached_property
    def by_name(self) -> dict[str, Candidate]:
        """The same by name."""
        return {model.name: model for model in self.models}

    @cached_property
    def facts(self) -> list[dict[str, Any]]:
        """All of it as JSON, in the order of the names."""
        return [model.told() for model in self.models]

    @cached_property
    def hash(self) -> str:
        """What a record names it by."""
        return digest({"models": self.facts})


def of_row(row: Model) -> Candidate:
    """A row as a candidate."""
    return Candidate(
        row.name,
        row.title,
        row.status,
        row.approved_until,
        row.route or row.name,
        row.endpoint,
        row.private_endpoint,
        row.secret,
        row.region,
        row.ceiling,
        frozenset(row.capabilities),
        frozenset(row.languages),
        row.context,
        row.most_output,
        row.price_in,
        row.price_out,
        frozenset(row.tiers),
        row.requests_per_minute,
        row.tokens_per_minute,
        row.calls_at_once,
        row.month_budget,
        frozenset(row.tags),
        float(row.quality),
    )


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    return str(value) if isinstance(value, Decimal | date) else value


_kept: Snapshot | None = None
_looked = float("-inf")
_times = -1


def snapshot(kept: float = KEPT) -> Snapshot:
    """The catalog as it stood `kept` seconds ago at the most. The same object as long as nothing changed."""
    global _kept, _looked, _times
    if _kept is None or _times != forgotten() or time.monotonic() - _looked > kept:
        _looked, _times = time.monotonic(), forgotten()
        found = tuple(of_row(row) for row in Model.objects.order_by("name"))
        if _kept is None or found != _kept.models:
            _kept = Snapshot(found)
    return _kept


def known() -> Snapshot | None:
    """The last look, without a new one: for those who may not ask the database."""
    return _kept


def forget() -> None:
    """Look again at the next chance."""
    global _kept, _looked
    _kept, _looked = None, float("-inf")
