"""Whether messages may say what a review is about."""

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict


def show(held: Mapping[str, Any]) -> bool:
    """Whether a review section allows it."""
    said = held.get("notices")
    return isinstance(said, dict) and said.get("content") is True


def read(made: dict[str, Any], name: str, sent: QueryDict) -> None:
    """Put into a review section what was sent."""
    wanted = f"{name}.content" in sent
    if wanted == show(made):
        return
    if wanted:
        made["notices"] = {"content": True}
    else:
        made.pop("notices", None)
