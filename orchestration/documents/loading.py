"""YAML as a document may be written: plain values only."""

import re
from collections.abc import Iterator
from typing import Any

import yaml

type Path = tuple[str | int, ...]

BOOLEAN, TIME = "tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp"


class Unreadable(yaml.YAMLError):
    """YAML that is not read here: its line, from 1, and why."""

    def __init__(self, line: int, told: str) -> None:
        super().__init__(f"line {line}: {told}")
        self.line, self.told = line, told


class Loader(yaml.SafeLoader):
    """YAML without what a document never needs: anchors (they explode), tags and doubled keys (one would vanish)."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if getattr(event, "anchor", None):
            raise Unreadable(event.start_mark.line + 1, "anchors and aliases are not read here.")
        if getattr(event, "tag", None):
            raise Unreadable(event.start_mark.line + 1, "tags are not read here.")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise Unreadable(key_node.start_mark.line + 1, f"{key!r} is no text, so it is no key.")
            if key in seen:
                raise Unreadable(key_node.start_mark.line + 1, f"{key!r} stands twice.")
            seen.add(key)
        return super().construct_mapping(node, deep)


def _as_in_yaml_1_2() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    """`on` is a key of documents (and `no` a country), so neither is a truth value. A date is a text, as in JSON."""
    resolvers = {
        first: [(tag, pattern) for tag, pattern in found if tag not in {BOOLEAN, TIME}]
        for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    for first in "tTfF":
        resolvers.setdefault(first, []).append((BOOLEAN, re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$")))
    return resolvers


Loader.yaml_implicit_resolvers = _as_in_yaml_1_2()


def load(source: str) -> Any:
    """The plain value that `source` is, or `Unreadable`."""
    try:
        return yaml.load(source, Loader=Loader)  # noqa: S506  (a SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        told = " ".join(filter(None, [error.context, error.problem]))
        raise Unreadable(mark.line + 1 if mark else 1, f"{told}.") from error
    except yaml.reader.ReaderError as error:
        raise Unreadable(source.count("\n", 0, error.position) + 1, f"{error.reason}.") from error


class Lines:
    """At which line of a source each part of its document stands."""

    def __init__(self, source: str) -> None:
        self._at: dict[Path, int] = {(): 1}
        waiting: list[tuple[Path, yaml.Node | None]] = [((), yaml.compose(source, Loader=Loader))]
        while waiting:
            path, node = waiting.pop()
            for step, line, inner in _inside(node):
                self._at[*path, step] = line
                waiting.append(((*path, step), inner))

    def of(self, path: Path) -> int:
        """The line of a part, or of the deepest part around it that is there."""
        while path not in self._at:
            path = path[:-1]
        return self._at[path]


def _inside(node: yaml.Node | None) -> Iterator[tuple[str | int, int, yaml.Node]]:
    """What stands in a mapping or a list: its key or place, its line, itself."""
    if isinstance(node, yaml.MappingNode):
        yield from ((key.value, key.start_mark.line + 1, value) for key, value in node.value)
    elif isinstance(node, yaml.SequenceNode):
        yield from ((place, value.start_mark.line + 1, value) for place, value in enumerate(node.value))
