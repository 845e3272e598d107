"""One way to write JSON (RFC 8785), one way to hash it, one way to clean text before it is kept."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

import rfc8785

NOT_TEXT = dict.fromkeys((0, *range(55296, 57344)), "�")
NUL = b"\\u0000"  # as it stands in JSON
SAFE = 2**53 - 1
DEEP = 100
ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


class NotCanonical(ValueError):
    """The value cannot be written as canonical JSON: it holds NaN, an integer past 2^53, or no JSON at all."""


def canonical(value: Any) -> bytes:
    """`value` as RFC 8785 bytes. Money and large integers must come as strings."""
    return _quickly(value) or _carefully(value)


def digest(value: Any) -> str:
    """SHA-256 of the canonical form, in hex."""
    return hashlib.sha256(canonical(value)).hexdigest()


def canonical_text(value: Any) -> tuple[bytes, bool]:
    """The canonical form of `value` once it is cleaned, and whether there was anything to clean."""
    quick = _quickly(value)
    if quick is not None and NUL not in quick:
        return quick, False
    cleaned, dirty = clean(value)
    return canonical(cleaned), dirty


def clean(value: Any) -> tuple[Any, bool]:
    """`value` with NUL and lone surrogates replaced in every text, and whether anything was."""
    match value:
        case str():
            cleaned = value.translate(NOT_TEXT)
            return cleaned, cleaned != value
        case dict():
            pairs = [(clean(str(key)), clean(item)) for key, item in value.items()]
            return {k[0]: v[0] for k, v in pairs}, any(k[1] or v[1] for k, v in pairs)
        case list() | tuple():
            items = [clean(item) for item in value]
            return [item for item, _ in items], any(dirty for _, dirty in items)
        case _:
            return value, False


def _carefully(value: Any) -> bytes:
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, RecursionError) as error:
        raise NotCanonical(str(error)) from error


def _quickly(value: Any) -> bytes | None:
    """The same bytes from Python's own encoder, for the values that it writes as RFC 8785 does; else None."""
    try:
        text = ENCODER.encode(value)
        return text.encode() if _is_plain([value], DEEP) else None
    except (TypeError, ValueError, RecursionError):
        return None


def _is_plain(values: Iterable[Any], room: int) -> bool:
    """Whether both encoders agree: ASCII keys (both sort them alike), safe integers, floats with a plain fraction."""
    for value in values:
        kind = type(value)
        if kind is str or kind is bool or value is None:
            continue
        if kind is int:
            plain = -SAFE <= value <= SAFE
        elif kind is float:
            plain = not (text := repr(value)).endswith(".0") and "e" not in text
        elif kind is dict:
            plain = room > 0 and "".join(value).isascii() and _is_plain(value.values(), room - 1)
        elif kind is list or kind is tuple:
            plain = room > 0 and _is_plain(value, room - 1)
        else:
            plain = isinstance(value, str)
        if not plain:
            return False
    return True
