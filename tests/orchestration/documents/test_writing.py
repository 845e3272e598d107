"""Changing a document's text at one place: what it says changes there, and every other line stays."""

import difflib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.documents import writing
from orchestration.documents.loading import Path as Place
from orchestration.documents.loading import load
from orchestration.documents.writing import MISSING, CannotWrite
from tests.orchestration.drafting import EVERY_KIND

SAMPLE = Path("deploy/sample/answer_a_customer.yaml").read_text()
TEXTS = (SAMPLE, EVERY_KIND)
VALUES = [
    *(1, 0.5, True, None, "x", "a: b", 'it\'s "q"', "# c", "- x", " lead", "trail ", "on", "12:30", "2030-01-31"),
    *("two\nlines", "two\n\n  indented\n# and this\n", "\n", "a\n\n", "ünï\u2028x", "input.a + 'b'"),
    *([], {}, [1, 2], ["a", "b"], {"a": 1}, {"a": {"b": [{"c": "d\ne"}, 2]}}, MISSING),
]


def places(value: Any, around: Place = ()) -> list[Place]:
    """Every place in a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for name, one in inner for place in ((*around, name), *places(one, (*around, name)))]


def changed_lines(before: str, after: str) -> list[str]:
    """The lines that came and went."""
    found = difflib.ndiff(before.splitlines(), after.splitlines())
    return [line for line in found if line[:1] in "+-"]


@settings(deadline=None)
@given(st.data())
def test_any_value_can_stand_anywhere(data: st.DataObject) -> None:
    source = data.draw(st.sampled_from(TEXTS))
    value = load(source).value
    place = data.draw(st.sampled_from(places(value)))
    new = data.draw(st.sampled_from(VALUES))
    made = load(writing.put(source, place, new)).value
    if new is MISSING:
        around = writing.value_at(made, place[:-1])
        assert len(around) == len(writing.value_at(value, place[:-1])) - 1
    else:
        assert writing.value_at(made, place) == new


@settings(deadline=None)
@given(st.data())
def test_items_can_be_moved_anywhere(data: st.DataObject) -> None:
    source = data.draw(st.sampled_from(TEXTS))
    value = load(source).value
    lists = [place for place in places(value) if isinstance(writing.value_at(value, place), list)]
    around = data.draw(st.sampled_from([place for place in lists if writing.value_at(value, place)]))
    number = data.draw(st.integers(0, len(writing.value_at(value, around)) - 1))
    to = data.draw(st.sampled_from(lists))
    place = data.draw(st.integers(0, len(writing.value_at(value, to))))
    if to[: len(around) + 1] == (*around, number):
        with pytest.raises(CannotWrite):
            writing.move(source, (*around, number), to, place)
        return
    item = writing.value_at(value, (*around, number))
    made = load(writing.move(source, (*around, number), to, place)).value
    assert _all_items(made).count(repr(item)) == _all_items(value).count(repr(item))


def _all_items(value: Any) -> list[str]:
    lists = [value_at for place in places(value) if isinstance(value_at := writing.value_at(value, place), list)]
    return [repr(item) for one in lists for item in one]


@pytest.mark.parametrize(
    ("place", "value", "expected"),
    [
        (("steps", 0, "name"), "Sort", ["-     name: Triage", "+     name: Sort"]),
        (
            ("steps", 0, "limits", "seconds"),
            30,
            ["-     limits: {seconds: 20, tries: 3}", "+     limits: {seconds: 30, tries: 3}"],
        ),
        (("steps", 0, "fallback"), MISSING, ["-     fallback: fail"]),
        (("steps", 0, "input", "more"), "input.customer", ['+       more: "input.customer"']),
        (("steps", 0, "key"), "sort", ["-   - key: triage", "+   - key: sort"]),
    ],
)
def test_no_other_line_changes(place: Place, value: Any, expected: list[str]) -> None:
    assert changed_lines(SAMPLE, writing.put(SAMPLE, place, value)) == expected


def test_a_comment_behind_a_value_stays() -> None:
    assert writing.put("a: 1  # why\nb: 2\n", ("a",), 3) == "a: 3  # why\nb: 2\n"


def test_a_new_key_goes_where_the_order_says() -> None:
    made = writing.put("a: 1\nc: 3\n", ("b",), 2, order=("a", "b", "c"))
    assert made == "a: 1\nb: 2\nc: 3\n"


def test_a_step_is_moved_with_the_comment_above_it() -> None:
    source = "steps:\n  - a: 1\n\n  # of b\n  - b: 2\n"
    assert writing.move(source, ("steps", 1), ("steps",), 0) == "steps:\n  # of b\n  - b: 2\n  - a: 1\n\n"


def test_only_what_differs_inside_is_written_anew() -> None:
    value = load(SAMPLE).value["steps"][2]["review"]
    value["why"][0]["due_minutes"] = 20
    made = writing.update(SAMPLE, ("steps", 2, "review"), value)
    assert changed_lines(SAMPLE, made) == ["-           due_minutes: 15", "+           due_minutes: 20"]


def test_a_text_that_is_no_mapping_is_not_changed() -> None:
    with pytest.raises(CannotWrite):
        writing.put("[1, 2]\n", ("a",), 1)
