"""The text of a document from outside, as plain values: JSON, or YAML without anchors and tags."""

import json
import math
import re
from collections.abc import Iterator
from typing import Any

import yaml
from django.utils.translation import gettext as _

LARGEST = 8 * 1024 * 1024  # bytes
MOST = 400_000  # values in all
DEEPEST = 100  # lists and objects in one another
LONGEST_NUMBER = 60
WHOLE = re.compile(r"[-+]?[0-9]+")
FRACTION = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
SPOKEN: dict[str, bool | None] = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
SPOKEN |= {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}


class Unreadable(ValueError):
    """The text is no document that is read here: a sentence."""


def load(source: bytes | str) -> Any:
    """The plain value of a document. Raises `Unreadable`."""
    text = _decoded(source)
    try:
        return _of_json(text) if text.lstrip()[:1] in {"{", "["} else _of_yaml(text)
    except RecursionError:
        raise Unreadable(_("The document is nested too deeply to be read.")) from None


def _decoded(source: bytes | str) -> str:
    if len(source) > LARGEST:
        raise Unreadable(_("The document has more than %(megabytes)d MB.") % {"megabytes": LARGEST // 1024 // 1024})
    if isinstance(source, str):
        return source.removeprefix("\ufeff")
    try:
        return source.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable(_("The document is no text in UTF-8.")) from None


def _of_json(text: str) -> Any:
    try:
        value = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number, parse_int=_int, parse_float=_float)
    except json.JSONDecodeError as error:
        told = _("Line %(line)d is no JSON: %(why)s.")
        raise Unreadable(told % {"line": error.lineno, "why": error.msg}) from None
    _bounded(value)
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _value in pairs]
        doubled = next(name for name in names if names.count(name) > 1)
        raise Unreadable(_("%(name)s stands twice in one object.") % {"name": repr(doubled[:80])})
    return found


def _no_number(name: str) -> None:
    raise Unreadable(_("%(name)s is no number.") % {"name": name})


def _int(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise Unreadable(_("It holds a number that is too long to be kept."))
    return int(text)


def _float(text: str) -> float:
    if not math.isfinite(value := float(text)):
        raise Unreadable(_("It holds a number that is too long to be kept."))
    return value


def _bounded(value: Any) -> None:
    """Refuse what has too many values, or is too deep."""
    count, waiting = 0, [(value, 0)]
    while waiting:
        one, depth = waiting.pop()
        count += 1
        if count > MOST:
            raise Unreadable(_("The document holds more than %(most)d values.") % {"most": MOST})
        if depth > DEEPEST:
            raise Unreadable(_("The document is nested too deeply to be read."))
        inner = one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
        waiting.extend((part, depth + 1) for part in inner)


def _of_yaml(text: str) -> Any:
    try:
        events = yaml.parse(text, Loader=yaml.CSafeLoader)
        next(events), next(events)  # of the stream and of the document
        value = _Building(events).value(next(events), 0)
        if not isinstance(next(events), yaml.DocumentEndEvent) or not isinstance(next(events), yaml.StreamEndEvent):
            raise Unreadable(_("There is more than one document in the text."))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        told = _("Line %(line)d is no YAML: %(why)s.")
        raise Unreadable(told % {"line": line, "why": error.problem or error.context or ""}) from None
    except (yaml.YAMLError, UnicodeEncodeError):
        raise Unreadable(_("The document holds characters that cannot be kept.")) from None
    except StopIteration:
        raise Unreadable(_("There is no document in the text.")) from None
    return value


class _Building:
    """Plain values out of what the parser of YAML says, one event after the other."""

    def __init__(self, events: Iterator[Any]) -> None:
        self._events, self._count = events, 0

    def value(self, event: Any, depth: int) -> Any:
        line = event.start_mark.line + 1
        self._count += 1
        if self._count > MOST:
            raise Unreadable(_("The document holds more than %(most)d values.") % {"most": MOST})
        if depth > DEEPEST:
            raise Unreadable(_("The document is nested too deeply to be read."))
        if getattr(event, "anchor", None):
            raise Unreadable(_("Line %(line)d: anchors and aliases are not read here.") % {"line": line})
        if getattr(event, "tag", None):
            raise Unreadable(_("Line %(line)d: tags are not read here.") % {"line": line})
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            return list(self._items(depth))
        return self._mapping(depth)

    def _items(self, depth: int) -> Iterator[Any]:
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            yield self.value(event, depth + 1)

    def _mapping(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            line = event.start_mark.line + 1
            if not isinstance(event, yaml.ScalarEvent) or event.anchor or event.tag:
                raise Unreadable(_("Line %(line)d: a key is a text.") % {"line": line})
            if event.value in found:  # 200 is a key as "200" is: of answers
                told = _("Line %(line)d: %(name)s stands twice.")
                raise Unreadable(told % {"line": line, "name": repr(event.value[:80])})
            found[event.value] = self.value(next(self._events), depth + 1)
        return found


def _scalar(event: Any) -> Any:
    """A text, or what a text without quotes stands for. A date is a text, as in JSON."""
    if event.style not in (None, ""):
        return event.value
    if event.value in SPOKEN:
        return SPOKEN[event.value]
    if WHOLE.fullmatch(event.value):
        return _int(event.value)
    return _float(event.value) if FRACTION.fullmatch(event.value) else event.value
