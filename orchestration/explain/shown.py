"""How a value of a run is shown: as it is, its beginning alone, or the way to what is kept beside the row."""

import json
from dataclasses import dataclass
from typing import Any, Literal

from orchestration import contents, files

LONGEST = 20_000  # characters of one value on a page

type Kind = Literal["text", "json", "cut", "large", "file"]


@dataclass(frozen=True, slots=True)
class Shown:
    """A value for `orchestration/_content.html`. `size` is in bytes; `digest` and `name` are those of what is kept."""

    kind: Kind
    value: Any = None
    size: int = 0
    digest: str = ""
    name: str = ""


def shown(value: Any) -> Shown:
    """The value of a row or of an expression; nothing is loaded for it."""
    if contents.is_reference(value):
        return Shown("large", size=value["size"], digest=value[contents.MARK])
    if files.is_reference(value):
        return Shown("file", value, value["size"], value[files.MARK], value["name"])
    if isinstance(value, str):
        return _text(value) if len(value) > LONGEST else Shown("text", value)
    written = json.dumps(value, indent=2, ensure_ascii=False)
    return _text(written) if len(written) > LONGEST else Shown("json", value)


def shown_each(value: Any) -> list[tuple[str, Shown]]:
    """A run's input field by field; all of it in one, without a name, when it is too large for its row."""
    if contents.is_reference(value) or not isinstance(value, dict):
        return [("", shown(value))]
    return [(name, shown(item)) for name, item in value.items()]


def _text(written: str) -> Shown:
    return Shown("cut", written[:LONGEST], len(written.encode("utf-8", "replace")))
