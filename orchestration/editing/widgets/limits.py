"""How long a step may take, and how often it is tried."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.http import QueryDict

from orchestration.documents.writing import MISSING
from orchestration.editing.widgets.simple import number
from orchestration.editing.widgets.widget import Choices, text


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
