"""YAML composed to nodes and values: by libyaml alone where that is safe, else event by event and with the reason."""

import math
import re
from typing import Any

import yaml
from django.utils.translation import gettext as _
from yaml.composer import Composer

from audit.canonical import SAFE, NotCanonical, canonical

MAP, LIST, TEXT, NOTHING = (f"tag:yaml.org,2002:{name}" for name in ("map", "seq", "str", "null"))
BOOLEAN, TIME, WHOLE, FRACTION = (f"tag:yaml.org,2002:{name}" for name in ("bool", "timestamp", "int", "float"))
MOST = 50_000  # values in all
DEEPEST = 100  # lists and mappings in one another
LONGEST = 80  # characters of what was written that a sentence repeats
# Where an anchor may stand, or a tag without a name: libyaml does not tell of either.
DOUBTFUL = re.compile(r"&(?<![0-9A-Za-z&]&)[0-9A-Za-z_-]|!(?<![0-9A-Za-z!]!)(?:[\s,<]|\Z)")


class Unreadable(yaml.YAMLError):
    """YAML that is not read here: its line, from 1, and why."""

    def __init__(self, line: int, told: str) -> None:
        super().__init__(f"line {line}: {told}")
        self.line, self.told = line, told


class TooDeep(Unreadable):
    """Lists and mappings stand in one another deeper than anybody reads."""


class Unsure(yaml.YAMLError):
    """Something that may be refused: it is looked at event by event."""


def composed(source: str) -> tuple[yaml.Node | None, Any]:
    """The nodes of a source and the plain value that they are, or the error that says at which line it is none."""
    if not DOUBTFUL.search(source):
        try:
            return Quick(source).read()
        except yaml.YAMLError:
            pass
    return Loader(source).read()


class Loader(Composer, yaml.CSafeLoader):
    """YAML without what a document never needs: anchors (they explode), tags and doubled keys (one would vanish).

    libyaml parses, several times as fast as Python would: a document is checked at each change of a form.
    """

    def __init__(self, source: str) -> None:
        yaml.CSafeLoader.__init__(self, source)
        Composer.__init__(self)
        self.depth = self.count = 0

    def read(self) -> tuple[yaml.Node | None, Any]:
        """The nodes, and their value."""
        node = self.get_single_node()
        return node, None if node is None else self.construct_document(node)

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event: Any = self.peek_event()
        line = event.start_mark.line + 1
        if getattr(event, "anchor", None):
            raise Unreadable(line, _("anchors and aliases are not read here."))
        if getattr(event, "tag", None):
            raise Unreadable(line, _("tags are not read here."))
        self.depth += 1
        self.count += 1
        if self.count > MOST:
            raise Unreadable(line, _("more than %d values are not read here.") % MOST)
        if self.depth > DEEPEST:
            raise TooDeep(line, _("The document is nested too deeply to be read."))
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key_node, _value in node.value:
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
            if not math.isfinite(value) or abs(value) > SAFE:
                canonical(value)  # it says why it cannot be kept, if it cannot
        except NotCanonical as error:
            raise Unreadable(node.start_mark.line + 1, str(error)) from error
        except (ValueError, OverflowError) as error:
            told = f"{_cut(node.value)} is no number that can be kept."
            raise Unreadable(node.start_mark.line + 1, told) from error
        return value


def _cut(value: Any) -> str:
    said = repr(value)
    return said if len(said) <= LONGEST else f"{said[:LONGEST]} …"


class Quick(Loader):
    """The same by libyaml's own composer, which calls in at each node: that is enough to count and to see tags.

    It gives what `Loader` gives, or an error: then `Loader` says what is wrong and where. What is `DOUBTFUL` it may
    not see.
    """

    def __init__(self, source: str) -> None:
        super().__init__(source)
        self.untagged = 0

    def read(self) -> tuple[yaml.Node | None, Any]:
        """The nodes, and their value."""
        node: yaml.Node | None = yaml.CSafeLoader.get_single_node(self)
        if self.untagged != self.count:
            raise Unsure("tags")
        return node, None if node is None else self.plain(node)

    def descend_resolver(self, parent: yaml.Node | None, index: Any) -> None:
        """A node begins."""
        self.depth += 1
        self.count += 1
        if self.depth > DEEPEST or self.count > MOST:
            raise Unsure("large")

    def ascend_resolver(self) -> None:
        """It ends."""
        self.depth -= 1

    def resolve(self, kind: type[yaml.Node], value: Any, implicit: Any) -> str:
        """The tag of a node that has none of its own."""
        self.untagged += 1
        if kind is yaml.ScalarNode:
            for tag, pattern in RESOLVERS.get(value[:1], ()) if implicit[0] else ():
                if pattern.match(value):
                    return tag
            return TEXT
        if not implicit:
            raise Unsure("tags")
        return MAP if kind is yaml.MappingNode else LIST

    def plain(self, node: yaml.Node) -> Any:
        """The value of a node, without the detours by which YAML's objects may hold one another."""
        if node.tag == TEXT:
            return node.value
        if node.tag == MAP:
            made = {key.value: self.plain(value) for key, value in node.value if key.tag == TEXT}
            if len(made) != len(node.value):
                raise Unsure("keys")
            return made
        return [self.plain(one) for one in node.value] if node.tag == LIST else self.construct_object(node)


def _as_in_yaml_1_2() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    """`on` is a key of documents (and `no` a country), so neither is a truth value. A date is a text, as in JSON."""
    resolvers = {
        first: [(tag, pattern) for tag, pattern in found if tag not in {BOOLEAN, TIME}]
        for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    for first in "tTfF":
        resolvers.setdefault(first, []).append((BOOLEAN, re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$")))
    return resolvers


RESOLVERS = _as_in_yaml_1_2()
Loader.yaml_implicit_resolvers = RESOLVERS
Loader.add_constructor(WHOLE, Loader.number)
Loader.add_constructor(FRACTION, Loader.number)
