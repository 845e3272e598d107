"""A text from a cell as the value that a schema asks for, or a sentence that says why it is none."""

import json
import math
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from orchestration.triggers import strictly

WHOLE = re.compile(r"[+-]?\d{1,16}")
DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")  # day first, wherever dots are written
LARGEST = 2**53 - 1
TRUE, FALSE = frozenset({"true", "yes", "y", "1"}), frozenset({"false", "no", "n", "0"})
SHOWN = 60

type Spec = dict[str, Any]


class Unfit(ValueError):
    """The text is no such value."""


def of(text: str, spec: Spec) -> Any:
    """The value, or `Unfit`."""
    if "enum" in spec:
        return _one_of(text, spec["enum"])
    asked = spec.get("type", "string")
    kinds = [kind for kind in ([asked] if isinstance(asked, str) else asked) if kind in MAKERS]
    told = ""
    for kind in sorted(kinds, key=lambda kind: kind == "string"):  # every text is a text, so that comes last
        try:
            return MAKERS[kind](text, spec)
        except Unfit as error:
            told = told or str(error)
    if told:
        raise Unfit(told)
    return text


def _one_of(text: str, known: list[Any]) -> Any:
    by_text = {written(value): value for value in known}
    for wanted in (text, text.strip()):
        if wanted in by_text:
            return by_text[wanted]
    raise Unfit(
        _("“%(text)s” is none of these: %(known)s.") % {"text": text[:SHOWN], "known": ", ".join(by_text)[:300]}
    )


def written(value: Any) -> str:
    """A value as somebody would write it in a cell."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _text(text: str, spec: Spec) -> str:
    if spec.get("format") == "date":
        return _date(text.strip())
    if spec.get("format") == "date-time":
        return _moment(text.strip())
    return text


def _date(text: str) -> str:
    try:
        if dotted := DOTTED.fullmatch(text):
            day, month, year = map(int, dotted.groups())
            return date(year, month, day).isoformat()
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise Unfit(_("“%s” is no date as in 2026-11-22.") % text[:SHOWN]) from None


def _moment(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Unfit(_("“%s” is no moment with its zone, as in 2026-11-22T14:30:00+01:00.") % text[:SHOWN])
    return moment.isoformat()


def _whole(text: str, spec: Spec) -> int:
    text = text.strip()
    if not WHOLE.fullmatch(text) or abs(int(text)) > LARGEST:
        raise Unfit(_("“%s” is no whole number.") % text[:SHOWN])
    return int(text)


def _decimal(text: str, spec: Spec) -> int | float:
    text = text.strip()
    if WHOLE.fullmatch(text) and abs(int(text)) <= LARGEST:
        return int(text)
    if not DECIMAL.fullmatch(text) or not math.isfinite(found := float(text)):
        raise Unfit(_("“%s” is no number as in 1234.5, with a point and nothing between the thousands.") % text[:SHOWN])
    return found


def _truth(text: str, spec: Spec) -> bool:
    said = text.strip().lower()
    if said not in TRUE | FALSE:
        raise Unfit(_("“%s” is neither true nor false (yes, no, 1 and 0 do too).") % text[:SHOWN])
    return said in TRUE


def _list(text: str, spec: Spec) -> list[Any]:
    if text.lstrip().startswith("["):
        found = _json(text)
        if isinstance(found, list):
            return found
    inside = spec.get("items")
    parts = [part.strip() for part in text.split(";")]
    return [of(part, inside if isinstance(inside, dict) else {}) for part in parts if part]


def _object(text: str, spec: Spec) -> dict[str, Any]:
    found = _json(text)
    if not isinstance(found, dict):
        raise Unfit(_("“%s” is no JSON object.") % text[:SHOWN])
    return found


def _json(text: str) -> Any:
    try:
        return strictly.read(text.encode(errors="replace"))
    except strictly.Unreadable:
        raise Unfit(_("“%s” is no JSON.") % text[:SHOWN]) from None


MAKERS: dict[str, Callable[[str, Spec], Any]] = {
    "string": _text,
    "integer": _whole,
    "number": _decimal,
    "boolean": _truth,
    "array": _list,
    "object": _object,
}
