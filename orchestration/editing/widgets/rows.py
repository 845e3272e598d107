"""Lists of named things: what a step reads, and the branches that it has."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.http import QueryDict
from django.utils.translation import gettext as _

from orchestration.documents.writing import MISSING
from orchestration.editing.widgets.widget import Choices, Wrong, texts

EMPTY = {"name": "", "value": ""}


@dataclass(frozen=True)
class Mapping:
    """Names, each with an expression."""

    template: ClassVar[str] = "mapping"

    def show(self, value: Any, choices: Choices) -> dict[str, Any]:
        held = value if isinstance(value, dict) else {}
        rows = [{"name": str(name), "value": str(text)} for name, text in held.items()]
        return {"rows": [*rows, EMPTY]}

    def read(self, name: str, sent: QueryDict, before: Any) -> Any:
        made: dict[str, str] = {}
        for key, value in zip(texts(sent, f"{name}.name"), texts(sent, f"{name}.value"), strict=False):
            if not key and not value:
                continue
            if not key:
                raise Wrong(_("Give a name to %s.") % value[:60])
            if key in made:
                raise Wrong(_("%s stands twice.") % key[:60])
            if value:
                made[key] = value
        return made or MISSING


@dataclass(frozen=True)
class Branches:
    """The branches of a step, without the steps inside. `conditions`: each but the last has one."""

    conditions: bool
    template: ClassVar[str] = "branches"

    def show(self, value: Any, choices: Choices) -> dict[str, Any]:
        held = [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
        rows = [
            {
                "place": place,
                "name": str(one.get("name", "")),
                "condition": str(one.get("if", "")),
                "steps": len(one.get("steps") or []),
                "last": self.conditions and place == len(held) - 1,
            }
            for place, one in enumerate(held)
        ]
        return {"rows": rows, "conditions": self.conditions}

    def read(self, name: str, sent: QueryDict, before: Any) -> Any:
        held = before if isinstance(before, list) else []
        named, conditions = texts(sent, f"{name}.name"), texts(sent, f"{name}.if")
        made: list[dict[str, Any]] = []
        for place, called in enumerate(named):
            old = dict(held[place]) if place < len(held) else {"steps": []}
            condition = conditions[place] if place < len(conditions) else ""
            if not called and not condition:
                if old["steps"]:
                    raise Wrong(_("There are steps in that branch. Move or remove them first."))
                continue
            branch = {"name": called or _("Branch %d") % (place + 1)}
            branch |= {"if": condition} if condition and self.conditions else {}
            made.append(branch | {"steps": old.get("steps") or []})
        if not self.conditions and any(not branch["steps"] for branch in made):
            raise Wrong(_("A branch that runs beside others needs a step: add one to the branch in the YAML first."))
        if self.conditions and len(made) > 1 and len(made) > len(held) and "if" in made[-1]:
            made[-2:] = [made[-1], made[-2]]  # a new condition comes before what is done where none holds
        return made or MISSING
