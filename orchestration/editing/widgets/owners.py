"""Who answers for a step, and which groups may do what."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.http import QueryDict

from orchestration.documents.writing import MISSING
from orchestration.editing.widgets.simple import kept_order
from orchestration.editing.widgets.widget import Choices, text, texts


@dataclass(frozen=True)
class Owner:
    """One person or one group. `login`: a person alone, written as a login."""

    login: bool = False
    template: ClassVar[str] = "owner"

    def show(self, value: Any, choices: Choices) -> dict[str, Any]:
        chosen = self._chosen(value)
        people = [(f"user:{login}", name) for login, name in choices.people]
        groups = [] if self.login else [(f"group:{name}", name) for name in choices.groups]
        known = {key for key, _ in [*people, *groups]}
        strange = chosen if chosen and chosen not in known else ""
        return {"value": chosen, "people": people, "groups": groups, "strange": strange}

    def read(self, name: str, sent: QueryDict, before: Any) -> Any:
        kind, _, who = text(sent, name).partition(":")
        if not who:
            return MISSING
        return who if self.login else {kind: who}

    def _chosen(self, value: Any) -> str:
        if self.login:
            return f"user:{value}" if value else ""
        found = [f"{kind}:{value[kind]}" for kind in ("user", "group") if isinstance(value, dict) and kind in value]
        return found[0] if found else ""


@dataclass(frozen=True)
class Permission:
    """For each thing that may be done, the groups that may."""

    may: tuple[str, ...]
    template: ClassVar[str] = "permission"

    def show(self, value: Any, choices: Choices) -> dict[str, Any]:
        held = value if isinstance(value, dict) else {}
        rows = []
        for may in self.may:
            chosen = [str(one) for one in held.get(may) or []]
            names = [*choices.groups, *(one for one in chosen if one not in choices.groups)]
            rows.append((may, [(name, name in chosen) for name in names]))
        return {"rows": rows}

    def read(self, name: str, sent: QueryDict, before: Any) -> Any:
        held = before if isinstance(before, dict) else {}
        said = {may: kept_order(texts(sent, f"{name}.{may}"), held.get(may)) for may in self.may}
        always = set(held) if held else set()
        return {may: names for may, names in said.items() if names or may in always} or MISSING
