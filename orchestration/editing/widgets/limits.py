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
            if said := text(sent, f"{name}.{part}").replace(",", "."):
                if not MONEY.fullmatch(said):
                    raise Wrong(_("%s is no amount: write it like 2.00.") % said[:40])
                made[part.removeprefix("for_")] = said
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
        held = dict(before) if isinstance(before, dict) else {}
        for part in self.parts:
            said = number(text(sent, f"{name}.{part}"), whole=not part.endswith("seconds"))
            if said is MISSING:
                held.pop(part, None)
            else:
                held[part] = said
        return held or MISSING
