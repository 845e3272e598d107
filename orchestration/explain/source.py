"""The document of a version as lines, and which of them belong to which step."""

from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from orchestration.documents.loading import Unreadable, loaded


@dataclass(frozen=True, slots=True)
class Line:
    """One line with its number, counted from 1. `here` says whether it belongs to the selected step."""

    number: int
    text: str
    here: bool = False


def lines(source: str, selected: str = "") -> list[Line]:
    """Every line of `source`."""
    first, last = places(source).get(selected, (0, -1))
    return [Line(n, text, first <= n <= last) for n, text in enumerate(source.splitlines(), start=1)]


def between(text: list[str], first: int, last: int) -> list[Line]:
    """Some of the lines of a text, from the first to the last."""
    return [Line(number, one) for number, one in enumerate(text[first - 1 : last], start=first)]


def of_step(source: str, key: str) -> list[Line]:
    """The lines of one step."""
    return [line for line in lines(source, key) if line.here]


def places(source: str) -> dict[str, tuple[int, int]]:
    """Each step's key with its first and last line; the lines of what is inside a step are its lines too.

    Nothing of a source that cannot be read.
    """
    try:
        root = loaded(source).node
    except (Unreadable, RecursionError):
        return {}
    text = source.splitlines()
    return {_value(step, "key").value: _range(step, text) for step in _steps(root)}


def _steps(node: yaml.Node | None) -> Iterator[yaml.Node]:
    """The steps that a workflow, a branch or a step holds, and those inside them."""
    for step in _value(node, "steps").value:
        yield from _from(step)


def _from(step: yaml.Node) -> Iterator[yaml.Node]:
    yield step
    yield from _steps(step)
    for branch in _value(step, "branches").value:
        yield from _steps(branch)
    for name in ("fallback", "compensate"):
        if isinstance(extra := _value(step, name), yaml.MappingNode):
            yield from _from(extra)


def _value(node: yaml.Node | None, name: str) -> yaml.Node:
    """What stands under a key; something empty where it does not."""
    found = (value for key, value in node.value if key.value == name) if isinstance(node, yaml.MappingNode) else ()
    return next(iter(found), yaml.ScalarNode("", ""))


def _range(step: yaml.Node, text: list[str]) -> tuple[int, int]:
    """A node ends where the next begins: empty lines and comments between them belong to neither."""
    first, last = step.start_mark.line + 1, min(step.end_mark.line, len(text))
    while last > first and (not text[last - 1].strip() or text[last - 1].lstrip().startswith("#")):
        last -= 1
    return first, last
