"""Nested values as fields of their own, where a schema says what they are: shown, compared and edited one by one.

A field inside is named by its way: recipients.0.name. A hidden field for each object and list says that it came, so
that a list can come empty; what cannot be told from a schema stays JSON in one field.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from orchestration import files

type Schema = Mapping[str, Any]
type Read = Callable[[Schema, str, Any], Any]  # a leaf's schema, its text, and what stood there

MARK = ".-"  # behind the name of an object or list: its fields came
MOST = 200  # fields of one value; of more, it is shown as JSON
DEEPEST = 6
ABSENT: Any = object()


@dataclass(frozen=True, slots=True)
class Leaf:
    """One field inside a value: its way, its schema, and what stands there. `entry` is the list's entry it begins."""

    way: tuple[str | int, ...]
    schema: Schema
    value: Any
    entry: str = ""

    @property
    def name(self) -> str:
        """Its way as a name."""
        return named(self.way)

    @property
    def label(self) -> str:
        """Its way as people read it."""
        said = [str(part + 1) if isinstance(part, int) else plain(part) for part in self.way[1:-1]]
        last = self.way[-1]
        own = str(last + 1) if isinstance(last, int) else str(self.schema.get("title") or plain(last))
        return " › ".join([*said, own])


def named(way: tuple[str | int, ...]) -> str:
    """A way as a name."""
    return ".".join(str(part) for part in way)


def plain(name: str) -> str:
    """A name as people read it."""
    return name.replace("_", " ").capitalize()


def opens(schema: Schema, value: Any) -> bool:
    """Whether a value is shown by the fields inside it."""
    return _has_inside(schema, value) and sum(1 for _ in leaves((), schema, value)) <= MOST


def _has_inside(schema: Schema, value: Any) -> bool:
    if files.is_file(schema) or files.is_reference(value):
        return False
    if isinstance(value, dict):
        return isinstance(schema.get("properties"), dict) and bool(schema["properties"])
    return isinstance(value, list) and isinstance(schema.get("items"), dict)


def leaves(way: tuple[str | int, ...], schema: Schema, value: Any, entry: str = "") -> Iterator[Leaf]:
    """The fields of a value in the order of its schema, those too that are not there and might be."""
    if len(way) > DEEPEST or not _has_inside(schema, value):
        yield Leaf(way, schema, value, entry)
        return
    for part, inner, one in _inside(schema, value):
        begins = named((*way, part)) if isinstance(part, int) else entry
        if one == [] and _has_inside(inner, one):
            continue  # a button adds to it
        yield from leaves((*way, part), inner, one, begins)
        entry = ""


def _inside(schema: Schema, value: Any) -> Iterator[tuple[str | int, Schema, Any]]:
    if isinstance(value, list):
        yield from ((place, schema["items"], one) for place, one in enumerate(value))
        return
    properties = schema["properties"]
    for name, inner in properties.items():
        usual: Any = (
            {"object": {}, "array": []}.get(str(inner.get("type")), ABSENT) if isinstance(inner, dict) else ABSENT
        )
        yield name, inner if isinstance(inner, dict) else {}, value.get(name, usual)
    yield from ((name, {}, one) for name, one in value.items() if name not in properties)


def holders(way: tuple[str | int, ...], schema: Schema, value: Any) -> Iterator[tuple[str, bool]]:
    """The names of the objects and lists in a value, itself among them; and whether each is a list."""
    if len(way) > DEEPEST or not _has_inside(schema, value):
        return
    yield named(way), isinstance(value, list)
    for part, inner, one in _inside(schema, value):
        yield from holders((*way, part), inner, one)


def built(name: str, schema: Schema, before: Any, post: Mapping[str, str], read: Read) -> Any:
    """A value out of the fields that came. What did not come stays as it was."""
    if isinstance(before, list):
        start = re.compile(re.escape(name) + r"\.([0-9]{1,4})(\.|\Z)")
        places = sorted({int(found[1]) for one in post if (found := start.match(one)) is not None})
        blank = _blank(schema["items"])
        old = [before[place] if place < len(before) else blank for place in places]
        return [_part(f"{name}.{n}", schema["items"], one, post, read) for n, one in zip(places, old, strict=True)]
    made = {}
    for part, inner, one in _inside(schema, before):
        value = _part(f"{name}.{part}", inner, one, post, read)
        if value is not ABSENT and not (part not in before and value in ({}, [])):
            made[str(part)] = value
    return made


def _part(name: str, schema: Schema, before: Any, post: Mapping[str, str], read: Read) -> Any:
    if f"{name}{MARK}" in post and _has_inside(schema, before):
        return built(name, schema, before, post, read)
    if name not in post or (before is ABSENT and not post[name].strip()):
        return before
    return read(schema, post[name], before)


def _blank(schema: Schema) -> Any:
    """What a new entry of a list begins as."""
    return {"object": {}, "array": [], "string": ""}.get(str(schema.get("type")))


def with_entry(values: Mapping[str, Any], name: str, schema: Schema) -> dict[str, Any]:
    """Values with one more entry in the list of that name; as they are where there is none."""
    made = json.loads(json.dumps(values))
    at, inner = made, {"properties": schema.get("properties", {})}
    for part in name.split("."):
        at, inner = _step(at, inner, part)
    if isinstance(at, list) and isinstance(inner.get("items"), dict):
        at.append(_blank(inner["items"]))
    return dict(made)


def without_entry(values: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Values without one entry of a list."""
    made = json.loads(json.dumps(values))
    holder, _, place = name.rpartition(".")
    at: Any = made
    for part in holder.split("."):
        at, _inner = _step(at, {}, part)
    if isinstance(at, list) and place.isascii() and place.isdecimal() and int(place[:4]) < len(at):
        del at[int(place[:4])]
    return dict(made)


def _step(at: Any, schema: Any, part: str) -> tuple[Any, Any]:
    inner = schema if isinstance(schema, dict) else {}
    if isinstance(at, dict):
        return at.get(part), (inner.get("properties") or {}).get(part, {})
    if isinstance(at, list) and part.isascii() and part.isdecimal() and int(part[:4]) < len(at):
        return at[int(part[:4])], inner.get("items", {})
    return None, {}
