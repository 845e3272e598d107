"""Texts, numbers and choices."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from orchestration.documents.writing import MISSING
from orchestration.editing.widgets.widget import Choices, Wrong, text, texts

type Labelled = tuple[tuple[str, str | Promise], ...]


@dataclass(frozen=True)
class Line:
    """A text on one line. `expression`: it is CEL, so it is completed and tried."""

    expression: bool = False
    mono: bool = False
    template: ClassVar[str] = "line"

    def show(self, value: Any, choices: Choices) -> dict[str, Any]:
        return {"value": "" if value is None else str(value), "expression": self.expression, "mono": self.mono}

    def read(self, name: str, sent: QueryDict, before: Any) -> Any:
        return text(sent, name) or MISSING


@dataclass(frozen=True)
class Text:
    """A text of several lines, kept as it is written but for blanks at its end."""

    mono: bool = False
    rows: int = 2
    template: ClassVar[str] = "text"

    def show(self, value: Any, choices: Choices) -> dict[str, Any]:
        return {"value": "" if value is None else str(value), "mono": self.mono, "height": self.rows}

    def read(self, name: str, sent: QueryDict, before: Any) -> Any:
        said = sent.get(name, "").replace("\r\n", "\n")
        if isinstance(before, str) and said.rstrip() == before.rstrip():
            return before
        return said.rstrip() or MISSING


@dataclass(frozen=True)
class Number:
    """A number with its unit."""

    unit: str | Promise = ""
    whole: bool = True
    template: ClassVar[str] = "number"

    def show(self, value: Any, choices: Choices) -> dict[str, Any]:
        return {"value": "" if value is None else value, "unit": self.unit}

    def read(self, name: str, sent: QueryDict, before: Any) -> Any:
        return number(text(sent, name), whole=self.whole)


@dataclass(frozen=True)
class Choice:
    """One of several: those given, or those of the house (models, tools, workflows)."""

    of: str = ""
    given: Labelled = ()
    none: str | Promise = ""
    template: ClassVar[str] = "choice"

    def show(self, value: Any, choices: Choices) -> dict[str, Any]:
        options = list(self.given) or choices.of(self.of)
        known = {name for name, _ in options}
        chosen = "" if value is None or isinstance(value, dict | list) else str(value)
        strange = [(chosen, chosen)] if chosen and chosen not in known else []
        return {"value": chosen, "options": [*options, *strange], "none": self.none}

    def read(self, name: str, sent: QueryDict, before: Any) -> Any:
        return text(sent, name) or MISSING


@dataclass(frozen=True)
class Several:
    """Any of those of the house."""

    of: str
    template: ClassVar[str] = "several"

    def show(self, value: Any, choices: Choices) -> dict[str, Any]:
        chosen = [str(one) for one in value] if isinstance(value, list) else []
        options = choices.of(self.of)
        known = {name for name, _ in options}
        strange = [(one, one) for one in chosen if one not in known]
        return {"options": [(name, label, name in chosen) for name, label in [*options, *strange]]}

    def read(self, name: str, sent: QueryDict, before: Any) -> Any:
        return kept_order([one for one in texts(sent, name) if one], before) or MISSING


@dataclass(frozen=True)
class Switch:
    """Yes, or not: what is said of it where it is yes."""

    said: str | Promise
    template: ClassVar[str] = "several"

    def show(self, value: Any, choices: Choices) -> dict[str, Any]:
        return {"options": [("yes", self.said, value is True)]}

    def read(self, name: str, sent: QueryDict, before: Any) -> Any:
        if "yes" in texts(sent, name):
            return True
        return False if before is False else MISSING


def number(said: str, *, whole: bool) -> Any:
    """The number that was written, or `MISSING`."""
    if not said:
        return MISSING
    try:
        value = float(said.replace(",", "."))
        if value != value or abs(value) > 1e15:
            raise ValueError(said)
    except ValueError:
        raise Wrong(_("%s is no number.") % said[:40]) from None
    if value == int(value):
        return int(value)
    if whole:
        raise Wrong(_("%s is no whole number.") % said[:40])
    return value


def kept_order(chosen: list[str], before: Any) -> list[str]:
    """What was chosen, in the order in which it stood before; what is new comes last."""
    stood = [one for one in before if one in chosen] if isinstance(before, list) else []
    return [*stood, *(one for one in chosen if one not in stood)]
