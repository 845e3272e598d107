"""One way to write JSON (RFC 8785), one way to hash it, one way to clean text before it is kept."""

import hashlib
from typing import Any

import rfc8785

NOT_TEXT = dict.fromkeys((0, *range(55296, 57344)), "�")


class NotCanonical(ValueError):
    """The value cannot be written as canonical JSON: it holds NaN, an integer past 2^53, or no JSON at all."""


def canonical(value: Any) -> bytes:
    """`value` as RFC 8785 bytes. Money and large integers must come as strings."""
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, RecursionError) as error:
        raise NotCanonical(str(error)) from error


def digest(value: Any) -> str:
    """SHA-256 of the canonical form, in hex."""
    return hashlib.sha256(canonical(value)).hexdigest()


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
