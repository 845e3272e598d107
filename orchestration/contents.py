"""Values too large for a row: kept once under the SHA-256 of their JSON, while the row holds a reference.

`beside` goes where a value is written, `open_up` where it is read. What goes in is always a value: a value that
looks like a reference, because somebody wrote it so, is itself kept beside, and so comes out as it was written.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import psycopg
from django.db import connection

from audit.canonical import NotCanonical
from orchestration.models import Content

LARGEST_IN_ROW = 64 * 1024  # bytes of JSON
MARK = "$content"
MEDIA_TYPE = "application/json"
# No character of a `repr` stands for more than four bytes of JSON, so a short one says enough (3 µs).
_SURELY_SMALL = LARGEST_IN_ROW // 4
INSERT = "INSERT INTO orchestration_content (digest, media_type, size, content) VALUES {} ON CONFLICT DO NOTHING"

type Reference = dict[str, Any]

_in_rows: ContextVar[bool] = ContextVar("whether large values stay in their rows", default=False)


class ContentLost(Exception):
    """What a reference names is not there, or is no longer what was kept."""


@contextmanager
def in_rows() -> Iterator[None]:
    """Large values stay in their rows: one that is kept and never committed would hold up whoever keeps the same."""
    token = _in_rows.set(True)
    try:
        yield
    finally:
        _in_rows.reset(token)


def beside(value: Any) -> Any:
    """`value` itself when it is small; else it is kept, and this is the reference to it."""
    return beside_all([value])[0]


def beside_all(values: Sequence[Any]) -> list[Any]:
    """The same for many, in one statement if any is large and in none if not."""
    written = [_too_large(value) for value in values]
    kept = {hashlib.sha256(content).hexdigest(): content for content in written if content is not None}
    if kept:
        put(kept, MEDIA_TYPE)
    return [value if content is None else _reference(content) for value, content in zip(values, written, strict=True)]


def put(kept: dict[str, bytes], media_type: str) -> None:
    """Keep bytes under their digests; in order, so that two who keep the same do not wait for each other."""
    rows = [(digest, media_type, len(content), content) for digest, content in sorted(kept.items())]
    places = ", ".join(["(%s, %s, %s, %s)"] * len(rows))
    connection.ensure_connection()
    # Django's own cursor writes bytes into the statement as hex: for 20 MB, four times the time and the memory.
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(INSERT.format(places), [field for row in rows for field in row])


def is_reference(value: Any) -> bool:
    """Whether a value from a row is a reference to a content."""
    return type(value) is dict and len(value) == 3 and MARK in value and value.get("media_type") == MEDIA_TYPE


def load(reference: Reference) -> Any:
    """The value that a reference names, or `ContentLost`."""
    return load_all([reference])[reference[MARK]]


def load_all(references: Iterable[Reference]) -> dict[str, Any]:
    """The values that the references name, by their digests, in one query; or `ContentLost`."""
    return {digest: json.loads(content) for digest, content in take({ref[MARK] for ref in references}).items()}


def take(digests: set[str]) -> dict[str, bytes]:
    """The bytes under each digest, every one of them checked against it; or `ContentLost`."""
    found = {row.pk: bytes(row.content) for row in Content.objects.filter(pk__in=digests)}
    for digest in digests:
        if digest not in found:
            raise ContentLost(f"Nothing is kept under {digest}.")
        if hashlib.sha256(found[digest]).hexdigest() != digest:
            raise ContentLost(f"What is kept under {digest} is not what was put there.")
    return found


def open_up(value: Any) -> Any:
    """A value from a row, with the content in place of each reference: of itself, or of what stands right under it."""
    if is_reference(value):
        return load(value)
    if not isinstance(value, dict):
        return value
    inside = [item for item in value.values() if is_reference(item)]
    if not inside:
        return value
    loaded = load_all(inside)
    return {name: loaded[item[MARK]] if is_reference(item) else item for name, item in value.items()}


def open_all(values: Sequence[Any]) -> list[Any]:
    """Many values from rows, each as it was: one query where any of them is kept beside its row, and none if not."""
    references = [value for value in values if is_reference(value)]
    loaded = load_all(references) if references else {}
    return [loaded[value[MARK]] if is_reference(value) else value for value in values]


def _reference(content: bytes) -> Reference:
    return {MARK: hashlib.sha256(content).hexdigest(), "size": len(content), "media_type": MEDIA_TYPE}


def _too_large(value: Any) -> bytes | None:
    """The JSON of a value that must not stand in a row, or None."""
    try:
        drawn = repr(value)
    except RecursionError as error:
        raise NotCanonical("It is nested too deep.") from error
    if len(drawn) <= _SURELY_SMALL and MARK not in drawn:
        return None
    content = as_json(value)
    too_large = len(content) > LARGEST_IN_ROW and not _in_rows.get()
    return content if too_large or (MARK in drawn and _holds_mark(value)) else None


def as_json(value: Any) -> bytes:
    """One form for equal values. Not RFC 8785, which writes 1.0 as 1: a row keeps them apart, and expressions do."""
    try:
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
    except (ValueError, TypeError, RecursionError) as error:
        raise NotCanonical(str(error)) from error


def _holds_mark(value: Any) -> bool:
    left = [value]
    while left:
        item = left.pop()
        if isinstance(item, dict):
            if MARK in item:
                return True
            left.extend(item.values())
        elif isinstance(item, list | tuple):
            left.extend(item)
    return False
