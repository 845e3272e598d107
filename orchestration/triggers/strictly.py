"""JSON from outside, read strictly: what two readers could understand in two ways is refused."""

import json
from typing import Any, NoReturn

from audit.canonical import NotCanonical, canonical, clean

DEEPEST = 32
LONGEST_NUMBER = 40  # characters


class Unreadable(ValueError):
    """The text is no JSON that is taken: a sentence says why, and holds nothing of what was sent."""


def read(body: bytes) -> Any:
    """The value in `body`, or `Unreadable`: UTF-8, no name twice, no NaN, no number that cannot be kept exactly."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise Unreadable("The body is not UTF-8.") from None
    if _depth(text) > DEEPEST:
        raise Unreadable(f"The JSON is more than {DEEPEST} levels deep.")
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_constant, parse_int=_int)
    except Unreadable:
        raise
    except (ValueError, RecursionError):
        raise Unreadable("The body is not JSON.") from None
    try:
        canonical(value)
    except NotCanonical:
        raise Unreadable("The JSON holds a number that cannot be kept exactly: send it as a text.") from None
    if clean(value)[1]:
        raise Unreadable("The JSON holds characters that cannot be kept (NUL or half of a pair).")
    return value


def _depth(text: str) -> int:
    """How deep brackets stand in one another, outside of texts: asked before anything recursive reads them."""
    depth = deepest = 0
    inside = escaped = False
    for char in text:
        if inside:
            inside = escaped or char != '"'
            escaped = char == "\\" and not escaped
        elif char == '"':
            inside = True
        elif char in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif char in "]}":
            depth -= 1
    return deepest


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Unreadable("An object in the JSON has the same name twice.")
    return found


def _constant(name: str) -> NoReturn:
    raise Unreadable(f"{name} is no JSON.")


def _int(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise Unreadable("The JSON holds a number that cannot be kept exactly: send it as a text.")
    return int(text)
