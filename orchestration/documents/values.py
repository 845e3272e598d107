"""The plain value of a document with one place of it changed: what is not on the way there is shared, never copied."""

from typing import Any

from orchestration.documents.problems import Path

MISSING: Any = object()  # in the place of a value: the part is taken out


class CannotWrite(ValueError):
    """The text is written in a way in which the change cannot be made at its place."""


def value_at(value: Any, path: Path) -> Any:
    """What stands at a path, or `MISSING`."""
    for part in path:
        try:
            value = value[part] if isinstance(value, dict | list) else MISSING  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            return MISSING
    return value


def changed(value: Any, path: Path, to: Any) -> Any:
    """The value with `to` at a path, or without that part. Mappings on the way are made."""
    if not isinstance(value, dict):
        raise CannotWrite("The document is no mapping.")
    whole = _copied(value, path[:-1])
    here: Any = whole
    for part in path[:-1]:
        if isinstance(here, dict):
            here = here.setdefault(part, {}) if to is not MISSING else here.get(part, {})
        elif isinstance(here, list) and isinstance(part, int) and part < len(here):
            here = here[part]
        else:
            raise CannotWrite("There is no such place.")
    last = path[-1]
    if isinstance(here, list):
        if not isinstance(last, int) or last >= len(here):
            raise CannotWrite("There is no such place.")
        here[last : last + 1] = [] if to is MISSING else [to]
    elif not isinstance(here, dict):
        raise CannotWrite("There is no such place.")
    elif to is MISSING:
        here.pop(last, None)
    else:
        here[last] = to
    return whole


def inserted(value: Any, path: Path, place: int, one: Any) -> Any:
    """The value with a new item in the list at a path."""
    whole = _copied(value, path)
    _listed(whole, path).insert(place, one)
    return whole


def moved(value: Any, path: Path, number: int, to: Path, place: int) -> Any:
    """The value with an item of one list put into another, or to another place in the same."""
    whole = _copied(_copied(value, path), to)
    left, target = _listed(whole, path), _listed(whole, to)
    target.insert(place, left[number])
    del left[number + (left is target and place <= number)]
    return whole


def _copied(value: Any, path: Path) -> Any:
    """The value with every mapping and list on the way made anew, so that it can be changed there."""
    made: Any = dict(value) if isinstance(value, dict) else list(value) if isinstance(value, list) else value
    if path and (inner := value_at(value, path[:1])) is not MISSING:
        made[path[0]] = _copied(inner, path[1:])
    return made


def _listed(value: Any, path: Path) -> list[Any]:
    found = value_at(value, path)
    if not isinstance(found, list):
        raise CannotWrite("There is no list there.")
    return found
