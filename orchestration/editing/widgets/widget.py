"""What each widget provides."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from django.http import QueryDict


class Wrong(ValueError):
    """What was sent cannot be put into a document: a sentence that says why, and in which folded part it stands."""

    part = ""


@contextmanager
def within(part: str) -> Iterator[None]:
    """What is wrong in here stands in this part of the form."""
    try:
        yield
    except Wrong as error:
        error.part = part
        raise


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen in this house: logins with names, groups, models, tools and workflows."""

    people: list[tuple[str, str]] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    models: list[tuple[str, str]] = field(default_factory=list)
    tools: list[tuple[str, str]] = field(default_factory=list)
    workflows: list[tuple[str, str]] = field(default_factory=list)
    steps: list[tuple[str, str]] = field(default_factory=list)
    calendars: list[tuple[str, str]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)  # names that the step's tool asks for
    lent: list[tuple[str, str]] = field(default_factory=list)  # the tools that the step itself may call

    def of(self, kind: str) -> list[tuple[str, str]]:
        """The choices of one kind, each with what it is called."""
        return [(name, name) for name in self.groups] if kind == "groups" else list(getattr(self, kind))


class Widget(Protocol):
    """A part of a form. `template` is the name of the piece that draws it."""

    template: ClassVar[str]

    def show(self, value: Any, choices: Choices) -> dict[str, Any]:
        """What the template needs. `value` is the part of the document, or None; it may have any shape."""

    def read(self, name: str, sent: QueryDict, before: Any) -> Any:
        """The part of the document that was sent, `MISSING` for none, or `Wrong`. `before` is what the form showed."""


def text(sent: QueryDict, name: str) -> str:
    """One field of a form as it was meant: line ends of one kind, no blanks around it."""
    return sent.get(name, "").replace("\r\n", "\n").strip()


def texts(sent: QueryDict, name: str) -> list[str]:
    """All fields of that name."""
    return [one.replace("\r\n", "\n").strip() for one in sent.getlist(name)]
