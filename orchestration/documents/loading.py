"""YAML as a document may be written: plain values only, each with the line where it stands."""

import re
from functools import lru_cache
from typing import Any, NamedTuple

import yaml

from audit.canonical import clean
from orchestration.documents.composing import TooDeep, Unreadable, composed
from orchestration.documents.lines import Lines, Path

__all__ = ["Lines", "Loaded", "Path", "TooDeep", "Unreadable", "lines_of", "load", "loaded"]
ESCAPED = re.compile(r"\\(?:0|x00|u0000|u[dD]|U0000)")  # how a text may say what its source does not hold
NOT_KEPT = "The document holds characters that cannot be kept (NUL or half of a pair)."


class Loaded(NamedTuple):
    """The plain value that a source is, and where its parts stand: by line, and as the nodes that were read."""

    value: Any
    lines: Lines
    node: yaml.Node | None


@lru_cache(maxsize=8)
def loaded(source: str) -> Loaded:
    """As `load`, for those who change nothing of what they get: an editor asks for the same text again and again."""
    return load(source)


def load(source: str) -> Loaded:
    """The plain value that `source` is, or `Unreadable`."""
    try:
        node, value = composed(source)
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
    if ESCAPED.search(source) or clean(source)[1]:  # else no text in it can hold what the source does not
        _refuse_what_cannot_be_kept(value, (), lines)
    return Loaded(value, lines, node)


def _refuse_what_cannot_be_kept(value: Any, path: Path, lines: Lines) -> None:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, one in inner:
        if isinstance(name, str) and clean(name)[1]:
            raise Unreadable(lines.of((*path, name)), NOT_KEPT)
        _refuse_what_cannot_be_kept(one, (*path, name), lines)
    if isinstance(value, str) and clean(value)[1]:
        raise Unreadable(lines.of(path), NOT_KEPT)


def lines_of(source: str) -> Lines:
    """The lines of a source; line 1 for everything where it cannot be read."""
    try:
        return loaded(source).lines
    except Unreadable:
        return Lines(None)
