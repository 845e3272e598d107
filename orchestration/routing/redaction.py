"""Blacking out: what detectors find is replaced before it goes out, by placeholders that only we can read back."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from orchestration.routing import presidio
from orchestration.routing.detectors import find

OF_RULE = {"secret": "key"}  # what a rule calls it, and what the detector does
DEEPEST = 100
TOO_DEEP = "[too-deep]"  # in the place of what lies too deep to be looked through


@dataclass(slots=True)
class Cover:
    """What was blacked out of one call, by its placeholders: kept out of the prompt, and never written down."""

    kinds: Collection[str]
    covered: dict[str, str] = field(default_factory=dict)

    def over(self, value: Any, deep: int = 0) -> Any:
        """A JSON value with what is found in its texts, names and numbers replaced."""
        match value:
            case str():
                return self._text(value)
            case bool() | None:
                return value
            case int() | float():
                written = str(value)
                return value if (covered := self._text(written)) == written else covered
            case dict() | list() if deep >= DEEPEST:
                return TOO_DEEP
            case dict():
                return {self.over(name, deep + 1): self.over(one, deep + 1) for name, one in value.items()}
            case list():
                return [self.over(one, deep + 1) for one in value]
        return value

    def back(self, text: str) -> str:
        """A text with what stood behind its placeholders."""
        for placeholder, was in self.covered.items():
            text = text.replace(placeholder, was)
        return text

    def _text(self, text: str) -> str:
        if not settings.HANDRAIL_PRESIDIO and presidio.ENTITIES.keys() & set(self.kinds):
            raise presidio.NotThere("Names of people and places are to be blacked out, and HANDRAIL_PRESIDIO is off.")
        wanted = {OF_RULE.get(kind, kind) for kind in self.kinds}
        for one in reversed(find(text, kinds=wanted)):
            text = text[: one.start] + self._placeholder(one.kind, text[one.start : one.end]) + text[one.end :]
        return text

    def _placeholder(self, kind: str, was: str) -> str:
        known = next((name for name, other in self.covered.items() if other == was), None)
        if known is None:
            number = 1 + sum(name.startswith(f"[{kind}-") for name in self.covered)
            known = f"[{kind}-{number}]"
            self.covered[known] = was
        return known


def black_out(value: dict[str, Any], kinds: Collection[str]) -> dict[str, Any]:
    """A JSON object with everything of these kinds replaced for good."""
    came: dict[str, Any] = Cover(kinds).over(value)
    return came
