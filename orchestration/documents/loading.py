"""YAML as a document may be written: plain values only."""

import re
from typing import Any

import yaml

BOOLEAN, TIME = "tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp"


class Loader(yaml.SafeLoader):
    """YAML without what a document never needs: anchors (they explode), tags and doubled keys (one would vanish)."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if getattr(event, "anchor", None):
            raise yaml.YAMLError(f"line {event.start_mark.line + 1}: anchors and aliases are not read here.")
        if getattr(event, "tag", None):
            raise yaml.YAMLError(f"line {event.start_mark.line + 1}: tags are not read here.")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise yaml.YAMLError(f"line {key_node.start_mark.line + 1}: {key!r} is no text, so it is no key.")
            if key in seen:
                raise yaml.YAMLError(f"line {key_node.start_mark.line + 1}: {key!r} stands twice.")
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
    """The plain value that `source` is, or `yaml.YAMLError`."""
    return yaml.load(source, Loader=Loader)  # noqa: S506  (a SafeLoader)
