"""A changed value says what it should, and what it was made of still says what it said: texts are read once for all."""

import re
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration import documents
from orchestration.documents import values, writing
from orchestration.documents.loading import Path, loaded
from orchestration.documents.outline import walk
from orchestration.documents.values import MISSING, CannotWrite
from tests.orchestration.drafting import EVERY_KIND

BARE = re.sub(r"(?m)^ +metrics: \[\]\n", "", EVERY_KIND)  # lacks something everywhere


def places(value: Any, around: Path = ()) -> list[Path]:
    """Every place in a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for name, one in inner for place in ((*around, name), *places(one, (*around, name)))]


def lists(value: Any) -> list[Path]:
    """Where lists stand that are not empty."""
    return [place for place in places(value) if values.value_at(value, place) and type(_at(value, place)) is list]


def _at(value: Any, place: Path) -> Any:
    return values.value_at(value, place)


@settings(deadline=None)
@given(st.data())
def test_what_it_is_made_of_stays(data: st.DataObject) -> None:
    value = loaded(EVERY_KIND).value
    before, place = deepcopy(value), data.draw(st.sampled_from(places(value)))
    to = data.draw(st.sampled_from([1, {"a": [1]}, MISSING]))
    wanted = deepcopy(value)
    around = _at(wanted, place[:-1])
    if to is MISSING:
        del around[place[-1]]
    else:
        around[place[-1]] = to
    assert values.changed(value, place, to) == wanted
    assert value == before


@settings(deadline=None)
@given(st.data())
def test_an_item_moves_as_it_would_in_a_copy(data: st.DataObject) -> None:
    value = loaded(EVERY_KIND).value
    before, path = deepcopy(value), data.draw(st.sampled_from(lists(value)))
    number = data.draw(st.integers(0, len(_at(value, path)) - 1))
    to = data.draw(st.sampled_from([one for one in lists(value) if one[: len(path) + 1] != (*path, number)]))
    place = data.draw(st.integers(0, len(_at(value, to))))
    wanted = deepcopy(value)
    left, target = _at(wanted, path), _at(wanted, to)
    target.insert(place, left[number])
    del left[number + (left is target and place <= number)]
    assert values.moved(value, path, number, to, place) == wanted
    assert value == before


@pytest.mark.parametrize("path", [("steps", 99, "name"), ("title", "x"), ("steps", 0, "name", "x"), ("steps", "x")])
def test_there_is_no_such_place(path: Path) -> None:
    with pytest.raises(CannotWrite):
        values.changed(loaded(EVERY_KIND).value, path, 1)
    with pytest.raises(CannotWrite):
        values.inserted(loaded(EVERY_KIND).value, path, 0, 1)


def test_looking_through_a_text_and_writing_it_change_nothing_that_is_kept_of_it() -> None:
    before = deepcopy((loaded(BARE).value, documents.sketch(BARE).document))
    steps = [placed.path for placed in walk(documents.sketch(BARE).document)]
    for path in steps:
        made = writing.put(BARE, (*path, "purpose"), "Another.")
        assert documents.sketch(made).document["steps"]
    writing.move(BARE, ("steps", 0), ("steps",), 2)
    writing.insert(BARE, ("steps",), 0, {"key": "new"})
    assert (loaded(BARE).value, documents.sketch(BARE).document) == before
    assert BARE != EVERY_KIND
