"""Lists of named things: what a step reads, and the branches that it has."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.http import QueryDict
from django.utils.translation import gettext as _

from orchestration.documents.writing import MISSING
from orchestration.editing.widgets.widget import Choices, Wrong, texts

EMPTY: dict[str, Any] = {"name": "", "value": "", "offered": False}


@dataclass(frozen=True)
class Mapping:
    """Names, each with an expression. `offers`: names that the step's tool asks for stand there already."""

    offers: bool = False
    template: ClassVar[str] = "mapping"

    def show(self, value: Any, choices: Choices) -> dict[str, Any]:
        held = value if isinstance(value, dict) else {}
        rows = [{"name": str(name), "value": str(text), "offered": False} for name, text in held.items()]
        asked = [name for name in choices.asked if name not in held] if self.offers else []
        return {"rows": [*rows, *({**EMPTY, "name": name, "offered": True} for name in asked), EMPTY]}

    def read(self, name: str, sent: QueryDict, before: Any) -> Any:
        made: dict[str, str] = {}
        offered = set(texts(sent, f"{name}.offered"))
        for key, value in zip(texts(sent, f"{name}.name"), texts(sent, f"{name}.value"), strict=False):
            if not value and (not key or key in offered):
                continue
            if not value:
                raise Wrong(_("Say what %s is, or clear its name.") % key[:60])
            if not key:
                raise Wrong(_("Give a name to %s.") % value[:60])
            if key in made:
                raise Wrong(_("%s stands twice.") % key[:60])
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
                "was": place,
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
        columns = [texts(sent, f"{name}.{part}") for part in ("was", "name", "if")]
        made: list[dict[str, Any]] = []
        for place, (was, called, condition) in enumerate(zip(*columns, strict=False)):
            old = dict(held[int(was)]) if was.isdecimal() and int(was) < len(held) else {"steps": []}
            if not called and not condition:
                if old["steps"]:
                    raise Wrong(_("There are steps in that branch. Move or remove them first."))
                continue
            branch = {"name": called or _("Branch %d") % (place + 1)}
            branch |= {"if": condition} if condition and self.conditions else {}
            made.append(branch | {"steps": old.get("steps") or []})
        if not self.conditions and any(not branch["steps"] for branch in made):
            raise Wrong(_("A branch that runs beside others needs a step: add one to the branch in the YAML first."))
        return made or MISSING
