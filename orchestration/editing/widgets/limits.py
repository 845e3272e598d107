"""How long a step may take, and how often it is tried."""

import re
from dataclasses import dataclass
from typing import Any, ClassVar

from django.http import QueryDict
from django.utils.translation import gettext as _

from orchestration.documents.writing import MISSING
from orchestration.editing.widgets.simple import number
from orchestration.editing.widgets.widget import Choices, Wrong, text

MONEY = re.compile(r"(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?")
AMOUNTS = {"cost"}  # parts that are amounts, written as texts
FRACTIONS = ("seconds", "minutes")  # how the parts end that need not be whole


@dataclass(frozen=True)
class Budget:
    """What may be spent, for a run and in a month. Amounts are texts, so that no digit is lost."""

    parts: tuple[str, ...] = ("for_run", "for_month", "currency")
    template: ClassVar[str] = "limits"

    def show(self, value: Any, choices: Choices) -> dict[str, Any]:
        held = value if isinstance(value, dict) else {}
        return {"parts": [(part, held.get(part.removeprefix("for_"), "")) for part in self.parts]}

    def read(self, name: str, sent: QueryDict, before: Any) -> Any:
        made: dict[str, str] = {}
        for part in self.parts[:2]:
            if said := text(sent, f"{name}.{part}"):
                made[part.removeprefix("for_")] = amount(said)
        currency = text(sent, f"{name}.currency").upper()
        if not made:
            return MISSING
        return made | {"currency": currency or "EUR"}


@dataclass(frozen=True)
class Limits:
    """Some numbers under one name."""

    parts: tuple[str, ...] = ("seconds", "total_seconds", "tries")
    template: ClassVar[str] = "limits"

    def show(self, value: Any, choices: Choices) -> dict[str, Any]:
        held = value if isinstance(value, dict) else {}
        return {"parts": [(part, "" if held.get(part) is None else held[part]) for part in self.parts]}

    def read(self, name: str, sent: QueryDict, before: Any) -> Any:
        return self.taken({part: text(sent, f"{name}.{part}") for part in self.parts}, before)

    def taken(self, said: dict[str, str], before: Any) -> Any:
        """What stood there with what is written now: parts that the form does not know stay."""
        held = dict(before) if isinstance(before, dict) else {}
        for part in self.parts:
            value = _limit(part, said.get(part, ""))
            if value is MISSING:
                held.pop(part, None)
            else:
                held[part] = value
        return held if held or before == {} else MISSING


def amount(said: str) -> str:
    """An amount of money as a document says it."""
    said = said.replace(",", ".")
    if not MONEY.fullmatch(said):
        raise Wrong(_("%s is no amount: write it like 2.00.") % said[:40])
    return said


def _limit(part: str, said: str) -> Any:
    if part in AMOUNTS:
        return amount(said) if said else MISSING
    return number(said, whole=not part.endswith(FRACTIONS))
