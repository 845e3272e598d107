"""The input of a step, as it stands in a message: JSON behind the fence `input`, with its mark or without."""

import json
from typing import Any

from django.utils.translation import gettext as _

from orchestration import fences
from orchestration.providers.kinds import Messages, ProviderError


class NoInput(ProviderError):
    """No user message holds an input that can be read."""


def read(messages: Messages) -> dict[str, Any]:
    """The input that the last user message with one carries: after it may stand a note. Raises NoInput."""
    said = (fences.within("input", m["content"]) for m in reversed(messages) if m.get("role") == "user")
    text = next((found for found in said if found is not None), None)
    if text is None:
        raise NoInput(_("The message carries no input between the lines <input> and </input>."))
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NoInput(_("The input in the message is not JSON.")) from error
    if not isinstance(value, dict):
        raise NoInput(_("The input in the message is not an object."))
    return value


def text(given: dict[str, Any], field: str) -> str:
    """The text of `field`; raises NoInput when it is missing, empty or something else."""
    value = given.get(field)
    if not isinstance(value, str) or not value.strip():
        raise NoInput(_("The input has no text in the field “%(field)s”.") % {"field": field})
    return value
