"""What litellm's table knows of models: read from its file, without the library. Taking an entry over proposes it."""

import json
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from orchestration import waived
from orchestration.catalog.changing import MOST, NAME, add
from orchestration.catalog.lining import KEYS, MILLION
from orchestration.models import Model
from orchestration.models.catalog import BUILT_IN
from orchestration.states import Capability, RiskTier

FILE = "model_prices_and_context_window_backup.json"
MODES = ("chat", "responses")
SUPPORTS = {
    "supports_function_calling": Capability.TOOLS,
    "supports_response_schema": Capability.SCHEMA,
    "supports_vision": Capability.VISION,
}
MOST_FOUND = 50
LONGEST = 120  # characters that are looked for
DEAREST = 100_000  # USD for a million tokens; above it the table errs


class Known(NamedTuple):
    """One entry: what it is called, by whom it is served, and what is known of it."""

    name: str
    provider: str
    context: int | None
    most_output: int | None
    price_in: Decimal | None
    price_out: Decimal | None
    capabilities: tuple[str, ...]


class NoSuchEntry(LookupError):
    """The table has no such entry."""


def search(text: str) -> list[Known]:
    """The entries whose names hold every word, the shortest names first."""
    words = text.lower()[:LONGEST].split()
    if not words:
        return []
    fits = [one for one in _table().values() if all(word in one.name.lower() for word in words)]
    return sorted(fits, key=lambda one: (len(one.name), one.name))[:MOST_FOUND]


def find(name: str) -> Known:
    """The entry of that name, or `NoSuchEntry`."""
    if name not in _table():
        raise NoSuchEntry(name)
    return _table()[name]


def take_over(name: str, *, by: Any) -> Model:
    """Propose the model of an entry, with what the table knows of it; region, class and retention are left to people.

    Raises `NoSuchEntry`, `CannotChange`, `NotAllowed`.
    """
    entry = find(name)
    variable = KEYS.get(entry.provider)
    wanted: dict[str, Any] = {
        "title": entry.name,
        "route": entry.name if "/" in entry.name else f"{entry.provider}/{entry.name}",
        "secret": f"env:{variable}" if variable else "",
        "context": entry.context,
        "most_output": entry.most_output,
        "price_in": entry.price_in,
        "price_out": entry.price_out,
        "priced_on": waived.today(),
        "capabilities": list(entry.capabilities),
        "tiers": [RiskTier.MINIMAL.value, RiskTier.LIMITED.value],
    }
    return add(entry.name, wanted, by=by, source="litellm")


def is_there() -> bool:
    """Whether the table can be read here."""
    return bool(_table())


@lru_cache(maxsize=1)
def _table() -> dict[str, Known]:
    spec = find_spec("litellm")
    folders = list(spec.submodule_search_locations or []) if spec else []
    for folder in folders:
        try:
            whole = json.loads((Path(folder) / FILE).read_bytes())
        except (OSError, ValueError):
            continue
        read = (_read(name, said) for name, said in whole.items() if isinstance(said, dict))
        return {one.name: one for one in read if one is not None}
    return {}


def _read(name: str, said: dict[str, Any]) -> Known | None:
    if said.get("mode") not in MODES or not NAME.fullmatch(name) or name.startswith(BUILT_IN):
        return None
    return Known(
        name,
        str(said.get("litellm_provider", "")),
        _whole(said.get("max_input_tokens") or said.get("max_tokens")),
        _whole(said.get("max_output_tokens")),
        _price(said.get("input_cost_per_token")),
        _price(said.get("output_cost_per_token")),
        tuple(one.value for key, one in SUPPORTS.items() if said.get(key) is True),
    )


def _whole(value: Any) -> int | None:
    return value if type(value) is int and 0 < value <= MOST else None


def _price(value: Any) -> Decimal | None:
    """USD a million tokens."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        price = (Decimal(str(value)) * MILLION).quantize(Decimal("0.000001"))
    except InvalidOperation:
        return None
    return price if 0 <= price < DEAREST else None
