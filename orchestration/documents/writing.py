"""Changing a document's text at one place, so that every other line, comment and order of keys stays as it was.

A change is made among the lines where the part stands. Then the text is read again: where it does not say exactly
what it said before with that one change, `CannotWrite` is raised and nothing is changed.
"""

from typing import Any

import yaml

from orchestration.documents.dumping import dump
from orchestration.documents.loading import Unreadable, loaded
from orchestration.documents.problems import Path
from orchestration.documents.values import MISSING, CannotWrite, changed, inserted, moved, value_at

__all__ = ["MISSING", "CannotWrite", "insert", "move", "put", "update", "value_at"]
BLOCK_SCALARS = ("|", ">")


def put(source: str, path: Path, value: Any, *, order: tuple[str, ...] = ()) -> str:
    """The text with `value` at `path`; with `MISSING`, without that part. Mappings on the way are made.

    `order` says where a new key goes: behind those that stand before it there.
    """
    before = loaded(source).value
    wanted = changed(before, path, value)
    if wanted == before:
        return source
    return _sure(_put(_Text(source), path, wanted, order, out=value is MISSING), wanted)


def update(source: str, path: Path, value: Any, *, order: tuple[str, ...] = ()) -> str:
    """As `put`, with as little of the text written anew as can be: only what differs inside mappings and lists."""
    before = value_at(loaded(source).value, path)
    if value is MISSING or before is MISSING or type(before) is not type(value) or not before or not value:
        return put(source, path, value, order=order)
    if isinstance(value, dict):
        for name in [*before, *(name for name in value if name not in before)]:
            if before.get(name, MISSING) != value.get(name, MISSING):
                source = update(source, (*path, name), value.get(name, MISSING))
        return source
    if isinstance(value, list) and len(value) == len(before):
        for place, (old, new) in enumerate(zip(before, value, strict=True)):
            source = source if old == new else update(source, (*path, place), new)
        return source
    if isinstance(value, list) and value[: len(before)] == before:
        for place in range(len(before), len(value)):
            source = insert(source, path, place, value[place])
        return source
    return put(source, path, value, order=order)


def insert(source: str, path: Path, place: int, value: Any) -> str:
    """The text with a new item in the list at `path`, in front of what stands at `place`."""
    wanted = inserted(loaded(source).value, path, place, value)
    text = _Text(source)
    node = text.node(path)
    if not isinstance(node, yaml.SequenceNode) or node.flow_style or not node.value:
        return put(source, path, value_at(wanted, path))
    at = text.begins(node, place) if place < len(node.value) else text.ends(node.value[-1])
    return _sure(text.with_lines(at, at, _item(value, _dash(node))), wanted)


def move(source: str, path: Path, to: Path, place: int) -> str:
    """The text with the list item at `path` taken out and put into the list at `to`, as it is written.

    `to` and `place` are told of the text as it is before: in front of what stands at `place` now.
    """
    around, number = path[:-1], path[-1]
    assert isinstance(number, int)
    if to[: len(path)] == path:
        raise CannotWrite("Nothing can be moved into itself.")
    before = loaded(source).value
    wanted = moved(before, around, number, to, place)
    if wanted == before:
        return source
    text = _Text(source)
    own, node = text.node(around), text.node(to)
    in_lines = _block(own) and _block(node)
    if in_lines and isinstance(own, yaml.SequenceNode) and isinstance(node, yaml.SequenceNode) and len(own.value) > 1:
        first, last = text.begins(own, number), text.ends(own.value[number])
        at = text.begins(node, place) if place < len(node.value) else text.ends(node.value[-1])
        lines = _shifted(text.lines[first:last], _dash(node) - _dash(own))
        kept = [line for n, line in enumerate(text.lines) if not first <= n < last]
        at -= (last - first) if at >= last else 0
        return _sure("".join([*kept[:at], *lines, *kept[at:]]), wanted)
    return _sure(_by_value(source, around, to, wanted), wanted)


def _by_value(source: str, around: Path, to: Path, wanted: Any) -> str:
    """Write both lists anew; the one that stands around the other is enough."""
    whole = around if to[: len(around)] == around else to if around[: len(to)] == to else ()
    for path in [whole] if whole else [around, to]:
        source = _put(_Text(source), path, changed(loaded(source).value, path, value_at(wanted, path)), ())
    return source


class _Text:
    """A source by lines, and as nodes that say where they stand. Lines count from 0."""

    def __init__(self, source: str) -> None:
        self.lines = source.splitlines(keepends=True)
        if self.lines and not self.lines[-1].endswith("\n"):
            self.lines[-1] += "\n"
        root = loaded(source).node
        if not isinstance(root, yaml.MappingNode) or root.flow_style:
            raise CannotWrite("The document is no mapping that is written in lines.")
        self.root = root

    def node(self, path: Path) -> yaml.Node | None:
        """What stands at a path; None where nothing does."""
        node: yaml.Node | None = self.root
        for part in path:
            node = _inside(node, part)
        return node

    def begins(self, node: yaml.SequenceNode, place: int) -> int:
        """The line where an item of a list begins, with the comment above it."""
        line: int = node.value[place].start_mark.line
        dash = _dash(node)
        while self.lines[line][dash : dash + 1] != "-":
            line -= 1
        while line and self.lines[line - 1].startswith(" " * dash + "#"):
            line -= 1
        return line

    def ends(self, node: yaml.Node) -> int:
        """The line behind a node: blank lines and comments that follow it belong to what comes next."""
        if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
            last = node.value[-1]
            return self.ends(last[1] if isinstance(last, tuple) else last)
        end: int = node.end_mark.line + (node.end_mark.column > 0 or node.end_mark.line == node.start_mark.line)
        while end > node.start_mark.line + 1 and not self.lines[min(end, len(self.lines)) - 1].strip():
            end -= 1
        return min(end, len(self.lines))

    def with_lines(self, first: int, last: int, written: list[str]) -> str:
        """The text with other lines in the place of those from `first` up to `last`."""
        return "".join([*self.lines[:first], *written, *self.lines[last:]])


def _put(text: _Text, path: Path, wanted: Any, order: tuple[str, ...], *, out: bool = False) -> str:
    around, name = _reachable(text, path)
    value = MISSING if out and (*around, name) == path else value_at(wanted, (*around, name))
    node = text.node(around)
    if isinstance(node, yaml.MappingNode):
        return _in_mapping(text, node, str(name), value, order)
    assert isinstance(node, yaml.SequenceNode)
    assert isinstance(name, int)
    first, last = text.begins(node, name), text.ends(node.value[name])
    return text.with_lines(first, last, [] if value is MISSING else _item(value, _dash(node)))


def _reachable(text: _Text, path: Path) -> tuple[Path, str | int]:
    """The innermost mapping or list on the way that is written in lines, and which part of it is written anew."""
    around, name, node = (), path[0], text.root
    for length in range(1, len(path)):
        inner = text.node(path[:length])
        if not _block(inner) or (isinstance(inner, yaml.SequenceNode) and not _has(inner, path[length])):
            break
        around, name, node = path[:length], path[length], inner  # type: ignore[assignment]
    if len(node.value) == 1 and around and _inside(node, name) is not None:
        return _whole(around, name)
    return around, name


def _whole(around: Path, name: str | int) -> tuple[Path, str | int]:
    """The only part of something is written anew together with it, since it may be taken out."""
    return around[:-1], around[-1]


def _in_mapping(text: _Text, node: yaml.MappingNode, name: str, value: Any, order: tuple[str, ...]) -> str:
    column = node.start_mark.column
    found = next(((key, old) for key, old in node.value if key.value == name), None)
    if found is None:
        at = text.ends(_behind(node, name, order))
        return text.with_lines(at, at, _entry(name, value, column))
    key, old = found
    first, last = key.start_mark.line, max(text.ends(old), key.start_mark.line + 1)
    if value is MISSING:
        return _without(text, node, key, first, last)
    if (spliced := _spliced(text, old, value)) is not None:
        return spliced
    lead = text.lines[first][:column]
    written = _entry(name, value, column)
    written[0] = lead + written[0][column:]
    return text.with_lines(first, last, written)


def _without(text: _Text, node: yaml.MappingNode, key: yaml.Node, first: int, last: int) -> str:
    """Without an entry. Where it stands behind the dash of a list, the next one comes there."""
    lead = text.lines[first][: key.start_mark.column]
    if not lead.strip():
        return text.with_lines(first, last, [])
    following: int = node.value[1][0].start_mark.line
    return text.with_lines(first, following + 1, [lead + text.lines[following][len(lead) :]])


def _behind(node: yaml.MappingNode, name: str, order: tuple[str, ...]) -> yaml.Node:
    """The value behind which a new key goes."""
    before = order[: order.index(name)] if name in order else ()
    standing = {key.value: place for place, (key, _) in enumerate(node.value)}
    place = max((standing[one] for one in before if one in standing), default=len(node.value) - 1)
    value: yaml.Node = node.value[place][1]
    return value if _filled(value) else node.value[place][0]


def _filled(node: yaml.Node) -> bool:
    return not isinstance(node, yaml.ScalarNode) or bool(node.value) or node.style is not None


def _spliced(text: _Text, old: yaml.Node, value: Any) -> str | None:
    """One short value in the place of another on its line; what is said behind it stays."""
    start, end = old.start_mark, old.end_mark
    if not isinstance(old, yaml.ScalarNode) or old.style in BLOCK_SCALARS or start.line != end.line or not _filled(old):
        return None
    written = dump(value).rstrip("\n")
    if isinstance(value, dict | list) or "\n" in written:
        return None
    line = text.lines[start.line]
    return text.with_lines(start.line, start.line + 1, [line[: start.column] + written + line[end.column :]])


def _entry(name: str, value: Any, column: int) -> list[str]:
    return [" " * column + line if line.strip() else line for line in dump({name: value}).splitlines(keepends=True)]


def _item(value: Any, dash: int) -> list[str]:
    return [" " * dash + line if line.strip() else line for line in dump([value]).splitlines(keepends=True)]


def _shifted(lines: list[str], by: int) -> list[str]:
    """Lines with more or fewer blanks before them; a line that is not indented that far stays."""
    if by >= 0:
        return [" " * by + line if line.strip() else line for line in lines]
    return [line[-by:] if not line[:-by].strip() else line for line in lines]


def _dash(node: yaml.Node) -> int:
    column: int = node.start_mark.column
    return column


def _block(node: yaml.Node | None) -> bool:
    return isinstance(node, yaml.CollectionNode) and not node.flow_style and bool(node.value)


def _has(node: yaml.SequenceNode, place: str | int) -> bool:
    return isinstance(place, int) and 0 <= place < len(node.value)


def _inside(node: yaml.Node | None, part: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == part), None)
    if isinstance(node, yaml.SequenceNode) and _has(node, part):
        found: yaml.Node = node.value[part]
        return found
    return None


def _sure(written: str, wanted: Any) -> str:
    """The text, if it says what it should."""
    try:
        said = loaded(written).value
    except Unreadable as error:
        raise CannotWrite(str(error)) from error
    if said != wanted:
        raise CannotWrite("The text is written in a way in which this cannot be changed here. Change it in the YAML.")
    return written
