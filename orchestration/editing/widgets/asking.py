"""Whom an agent may ask, and how soon an answer is wanted."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.http import QueryDict
from django.utils.translation import gettext as _

from orchestration.documents.writing import MISSING
from orchestration.editing.widgets.simple import number
from orchestration.editing.widgets.widget import Choices, Wrong, text

LINES = ("group", "title", "sentence")


@dataclass(frozen=True)
class Asks:
    """A group, and what stands over the question. Without a group there is nobody to ask."""

    template: ClassVar[str] = "asks"

    def show(self, value: Any, choices: Choices) -> dict[str, Any]:
        held = value if isinstance(value, dict) else {}
        said = [(name, str(held.get(name, ""))) for name in LINES]
        return {"parts": [*said, ("due", str(held.get("due_minutes", "")))], "groups": choices.groups}

    def read(self, name: str, sent: QueryDict, before: Any) -> Any:
        held = dict(before) if isinstance(before, dict) else {}
        due = number(text(sent, f"{name}.due"), whole=True)
        said = {key: text(sent, f"{name}.{key}") for key in LINES} | {"due_minutes": due}
        given = {key: value for key, value in said.items() if value not in ("", MISSING)}
        if not given:
            return MISSING
        if "group" not in given:
            raise Wrong(_("Say which group it asks, or clear the rest."))
        kept = {key: given[key] for key in held if key in given}  # in the order in which it stood
        return kept | given
