"""YAML read by libyaml alone is what it is when it is read event by event, or it is not read that way at all."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration import templates
from orchestration.documents.composing import DEEPEST, DOUBTFUL, MOST, Loader, Quick, composed
from orchestration.documents.loading import load
from tests.orchestration.drafting import EVERY_KIND
from tests.orchestration.test_broken import ALL

LONGEST = 600_000  # characters: more is refused before anybody reads it
TEMPLATES = [one.source for one in templates.templates()]
WRITTEN = [*TEMPLATES, EVERY_KIND, Path("tests/answer_a_customer.yaml").read_text()]
ACCEPTED = [
    *(
        "",
        "a",
        "1",
        "~",
        "a: 1",
        "- a\n- b",
        "{a: 1, 'b': [x, \"y\"]}",
        "'1': 2",
        "a: |\n  b\n  c\n",
        "a:\n",
        "? a\n: b",
    ),
    *("on: yes\nno: 2030-01-31\nt: true\nn: null\nf: 1.5\nh: 0x1F\n", "a: AT&T && b & *c !d", "a: so! it != b"),
    *(
        "%YAML 1.1\n---\na",
        "[" * DEEPEST + "]" * DEEPEST,
        "\ufeffa: 1",
        "a: 'it''s \u2028'\nb: c\u2028d: e",
        '"\\u00e4"',
    ),
]
REFUSED = [
    *("a: &x 1\nb: *x", "&x a", "[&x a]", '{"a":&x 1}', "? &x a\n: 1", "a: *x", "*x", "- &x\n", "a:\n &x\n b: 1"),
    *("--- &x\na", "x: [&x a, *x, &x b]", "&", "a: &", "!t a", "!!str a", "[!t a]", '{"a":!t 1}', "? !t a\n: 1"),
    *("- !!map\n", "!<t> a", "--- !t\na", "! a", "! 'a'", "a: !", "[!, a]", "! [a]", "! {a: 1}", "!<!> a", "!<%21> a"),
    *("a: 1\na: 2", "1: 2", "? [a]\n: 2", "<<: {a: 1}", "=: 1", "a: =", "a: .nan", "a: 9007199254740993", "~: 1"),
    *("[" * (DEEPEST + 1) + "]" * (DEEPEST + 1), "[" * 5000, "{" * 400_000, "- " * 5000, f"[{'1,' * (MOST + 1)}]"),
    *("a: 1\n---\nb: 2", "a: [", "a: 'b", "\ta", "a: b: c", "%TAG", "@a", "a: \x07", "a: \ud800"),
]
PIECES = [
    *(
        "a",
        "b: ",
        "k: ",
        "- ",
        "? ",
        ": ",
        "\n",
        "\n  ",
        "\n- ",
        " ",
        "\t",
        "&x ",
        "&x",
        "*x",
        "&",
        "*",
        "!t ",
        "! ",
        "!",
    ),
    *("!!", "!!str ", "!<t> ", "!<!> ", "!,", "[", "]", "{", "}", ",", "'", '"', "|\n", ">-\n", " #c", "%TAG ! t\n"),
    *("---\n", "--- ", "...\n", "<<: ", "=", "~", "1", ".5", "0x1f", "1e9", ".inf", "true", "on", "2030-01-31", "\\"),
    *("\\0", "\u2028", "\x85", "\ufeff", "&&", "a&b", "é&x", "'&x ", "\ud800", "\0", "\r\n"),
]


def tree(node: yaml.Node | None) -> Any:
    """Everything that is kept of a node, as it can be compared."""
    if node is None:
        return None
    marks = [(mark.line, mark.column, mark.index) for mark in (node.start_mark, node.end_mark)]
    own = (type(node), node.tag, getattr(node, "style", None), getattr(node, "flow_style", None), marks)
    if isinstance(node, yaml.MappingNode):
        return own, [(tree(key), tree(value)) for key, value in node.value]
    return own, [tree(one) for one in node.value] if isinstance(node, yaml.SequenceNode) else node.value


def attempt(read: Any) -> tuple[str, Any]:
    """What reading gives, with the types of all values, or what is wrong."""
    try:
        node, value = read()
    except (yaml.YAMLError, UnicodeError) as error:
        return "refused", (type(error), str(error))
    return repr(value), tree(node)


def agree(source: str) -> bool:
    """Whether it was read by libyaml alone; fails where that gives anything else, or where `composed` does."""
    exactly = attempt(lambda: Loader(source).read())
    assert attempt(lambda: composed(source)) == exactly
    if DOUBTFUL.search(source):
        return False
    quickly = attempt(lambda: Quick(source).read())
    assert quickly[0] == "refused" or quickly == exactly
    return quickly[0] != "refused"


@pytest.mark.parametrize("source", WRITTEN)
def test_what_people_write_is_read_quickly(source: str) -> None:
    assert agree(source)


@pytest.mark.parametrize("source", ACCEPTED)
def test_what_is_plain_is_read_quickly(source: str) -> None:
    assert agree(source)


@pytest.mark.parametrize("source", REFUSED)
def test_what_is_refused_is_refused_in_the_same_words(source: str) -> None:
    assert not agree(source)
    assert attempt(lambda: composed(source))[0] == "refused"


def test_a_hundred_broken_documents_are_read_alike() -> None:
    read = [agree(source) for source in ALL.values() if len(source) < LONGEST]
    assert 0 < sum(read) < len(read)


@settings(deadline=None, max_examples=1500)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_whatever_is_written_is_read_alike(source: str) -> None:
    agree(source)


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_whatever_stands_in_a_document_is_read_alike(data: st.DataObject) -> None:
    source = data.draw(st.sampled_from(WRITTEN))
    for _ in range(data.draw(st.integers(1, 3))):
        at, gone = data.draw(st.integers(0, len(source))), data.draw(st.integers(0, 3))
        source = source[:at] + data.draw(st.sampled_from(PIECES)) + source[at + gone :]
    agree(source)


def test_the_lines_of_its_parts_are_told() -> None:
    lines = load("a: 1\nb:\n  - c\n  - d: [e,\n     f]\n'': x\n").lines
    asked = [
        (),
        ("a",),
        ("b", 1),
        ("b", 1, "d", 1),
        ("b", 5, "x"),
        ("nowhere", 1),
        ("a", "deeper"),
        ("", 0),
        ("b", "1"),
    ]
    assert [lines.of(path) for path in asked] == [1, 1, 4, 5, 2, 1, 1, 6, 2]
