"""The document of a version as lines, and which of them belong to which step."""

from dataclasses import dataclass

import yaml


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


def of_step(source: str, key: str) -> list[Line]:
    """The lines of one step."""
    return [line for line in lines(source, key) if line.here]


def places(source: str) -> dict[str, tuple[int, int]]:
    """Each step's key with its first and last line."""
    root = yaml.compose(source, Loader=yaml.SafeLoader)
    steps = next((value for key, value in root.value if key.value == "steps"), None) if root else None
    if steps is None:
        return {}
    text = source.splitlines()
    return {_key(step): _range(step, text) for step in steps.value}


def _key(step: yaml.MappingNode) -> str:
    return str(next((value.value for key, value in step.value if key.value == "key"), ""))


def _range(step: yaml.MappingNode, text: list[str]) -> tuple[int, int]:
    """A node ends where the next begins: empty lines and comments between them belong to neither."""
    first, last = step.start_mark.line + 1, min(step.end_mark.line, len(text))
    while last > first and (not text[last - 1].strip() or text[last - 1].lstrip().startswith("#")):
        last -= 1
    return first, last
