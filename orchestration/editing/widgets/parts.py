"""A part of a document in its own words: what is rarely said has no form of its own."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.http import QueryDict
from django.utils.translation import gettext as _

from orchestration.documents.dumping import dump
from orchestration.documents.loading import Unreadable, load
from orchestration.documents.writing import MISSING
from orchestration.editing.widgets.widget import Choices, Wrong


@dataclass(frozen=True)
class Snippet:
    """YAML of one part alone."""

    example: str = ""
    template: ClassVar[str] = "snippet"

    def show(self, value: Any, choices: Choices) -> dict[str, Any]:
        return {"value": "" if value is None else dump(value), "example": self.example}

    def read(self, name: str, sent: QueryDict, before: Any) -> Any:
        return snippet(sent.get(name, ""))


def snippet(said: str) -> Any:
    """The value that a piece of YAML is, or `MISSING`."""
    said = said.replace("\r\n", "\n")
    if not said.strip():
        return MISSING
    try:
        return load(said).value
    except Unreadable as error:
        raise Wrong(_("This is not YAML that can be read: %s") % error) from error
