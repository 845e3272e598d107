"""YAML as a document may be written: plain values only, each with the line where it stands."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import yaml
from yaml.composer import Composer

from audit.canonical import NotCanonical, canonical, clean

type Path = tuple[str | int, ...]

BOOLEAN, TIME, WHOLE, FRACTION = (f"tag:yaml.org,2002:{name}" for name in ("bool", "timestamp", "int", "float"))
MOST = 50_000  # values in all
DEEPEST = 100  # lists and mappings in one another
LONGEST = 80  # characters of what was written that a sentence repeats
NOT_KEPT = "The document holds characters that cannot be kept (NUL or half of a pair)."


class Unreadable(yaml.YAMLError):
    """YAML that is not read here: its line, from 1, and why."""

    def __init__(self, line: int, told: str) -> None:
        super().__init__(f"line {line}: {told}")
        self.line, self.told = line, told


class TooDeep(Unreadable):
    """Lists and mappings stand in one another deeper than anybody reads."""


class Loader(Composer, yaml.CSafeLoader):
    """YAML without what a document never needs: anchors (they explode), tags and doubled keys (one would vanish).

    libyaml parses, several times as fast as Python would: a document is checked at each change of a form.
    """

    def __init__(self, source: str) -> None:
        yaml.CSafeLoader.__init__(self, source)
        Composer.__init__(self)
        self.depth = self.count = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event: Any = self.peek_event()
        line = event.start_mark.line + 1
        if getattr(event, "anchor", None):
            raise Unreadable(line, "anchors and aliases are not read here.")
        if getattr(event, "tag", None):
            raise Unreadable(line, "tags are not read here.")
        self.depth += 1
        self.count += 1
        if self.count > MOST:
            raise Unreadable(line, f"more than {MOST} values are not read here.")
        if self.depth > DEEPEST:
            raise TooDeep(line, "The document is nested too deeply to be read.")
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise Unreadable(key_node.start_mark.line + 1, f"{_cut(key)} is no text, so it is no key.")
            if key in seen:
                raise Unreadable(key_node.start_mark.line + 1, f"{_cut(key)} stands twice.")
            seen.add(key)
        return super().construct_mapping(node, deep)

    def number(self, node: yaml.ScalarNode) -> Any:
        """A number that can be kept as it is written."""
        read = self.construct_yaml_int if node.tag == WHOLE else self.construct_yaml_float
        try:
            value = read(node)
            canonical(value)
        except NotCanonical as error:
            raise Unreadable(node.start_mark.line + 1, str(error)) from error
        except (ValueError, OverflowError) as error:
            told = f"{_cut(node.value)} is no number that can be kept."
            raise Unreadable(node.start_mark.line + 1, told) from error
        return value


def _cut(value: Any) -> str:
    said = repr(value)
    return said if len(said) <= LONGEST else f"{said[:LONGEST]} …"


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
Loader.add_constructor(WHOLE, Loader.number)
Loader.add_constructor(FRACTION, Loader.number)


class Loaded(NamedTuple):
    """The plain value that a source is, and where its parts stand: by line, and as the nodes that were read."""

    value: Any
    lines: "Lines"
    node: yaml.Node | None


@lru_cache(maxsize=8)
def loaded(source: str) -> Loaded:
    """As `load`, for those who change nothing of what they get: an editor asks for the same text again and again."""
    return load(source)


def load(source: str) -> Loaded:
    """The plain value that `source` is, or `Unreadable`."""
    try:
        loader = Loader(source)
        node = loader.get_single_node()
        value = None if node is None else loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        told = " ".join(filter(None, [error.context, error.problem]))
        last = max(len(source.splitlines()), 1)  # what is not closed is missed after the end
        raise Unreadable(min(mark.line + 1, last) if mark else 1, f"{told}.") from error
    except yaml.reader.ReaderError as error:
        line = source.encode("utf-8", "replace").count(b"\n", 0, error.position) + 1
        raise Unreadable(line, f"{error.reason}.") from error
    except UnicodeEncodeError as error:
        raise Unreadable(source.count("\n", 0, error.start) + 1, NOT_KEPT) from error
    lines = Lines(node)
    if "\\" in source or clean(source)[1]:  # else no text in it can hold what the source does not
        _refuse_what_cannot_be_kept(value, (), lines)
    return Loaded(value, lines, node)


def _refuse_what_cannot_be_kept(value: Any, path: Path, lines: "Lines") -> None:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, one in inner:
        if isinstance(name, str) and clean(name)[1]:
            raise Unreadable(lines.of((*path, name)), NOT_KEPT)
        _refuse_what_cannot_be_kept(one, (*path, name), lines)
    if isinstance(value, str) and clean(value)[1]:
        raise Unreadable(lines.of(path), NOT_KEPT)


class Lines:
    """At which line of a source each part of its document stands."""

    def __init__(self, root: yaml.Node | None) -> None:
        self._at: dict[Path, int] = {(): 1}
        waiting: list[tuple[Path, yaml.Node | None]] = [((), root)]
        while waiting:
            path, node = waiting.pop()
            for step, line, inner in _inside(node):
                self._at[*path, step] = line
                waiting.append(((*path, step), inner))

    @classmethod
    def in_source(cls, source: str) -> "Lines":
        """Those of a source; line 1 for everything where it cannot be read."""
        try:
            return load(source).lines
        except Unreadable:
            return cls(None)

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
