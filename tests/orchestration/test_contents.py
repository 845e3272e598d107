"""Large values: kept once beside the row, opened when they are read, and never mistaken for what somebody wrote."""

import timeit
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.canonical import NotCanonical
from orchestration import contents
from orchestration.contents import LARGEST_IN_ROW, ContentLost, beside, beside_all, is_reference, open_up
from orchestration.explain.shown import shown, shown_each
from orchestration.models import Content

LARGE = {"text": "é" * LARGEST_IN_ROW, "amounts": [1.0, 1, 2.5], "none": None}

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("value", [None, "", 0, {}, {"a": [1, 2.5, "é"]}, "x" * 60_000])
def test_it_leaves_a_small_value_where_it_is(value: Any) -> None:
    assert beside(value) is value
    assert not Content.objects.exists()


def test_it_keeps_a_large_value_beside() -> None:
    reference = beside(LARGE)
    row = Content.objects.get()
    assert reference == {"$content": row.pk, "size": row.size, "media_type": "application/json"}
    assert is_reference(reference)


def test_what_comes_out_is_what_went_in_to_the_last_type() -> None:
    assert repr(contents.load(beside(LARGE))) == repr({name: LARGE[name] for name in sorted(LARGE)})


@pytest.mark.parametrize("more", [-2, -1, 0, 1])
def test_the_limit_is_in_bytes_of_json(more: int) -> None:
    value = "é" * ((LARGEST_IN_ROW - 2) // 2) + "x" * max(more, 0)
    assert is_reference(beside(value)) is (more > 0)


def test_quotes_and_control_characters_count_as_what_they_take() -> None:
    assert is_reference(beside("\x01" * 12_000))
    assert is_reference(beside('"' * 40_000))
    assert is_reference(beside("😀" * 17_000))


def test_it_keeps_equal_values_once() -> None:
    first, second = beside({"a": 1, **LARGE}), beside({**LARGE, "a": 1})
    assert first == second
    assert Content.objects.count() == 1


def test_it_takes_many_in_one_statement() -> None:
    values = [{"n": number % 3, **LARGE} for number in range(9)]
    with CaptureQueriesContext(connection) as queries:
        found = beside_all([*values, "small"])
    assert (Content.objects.count(), found[-1], len(queries)) == (3, "small", 0)  # the one goes past Django's cursor
    assert [contents.load(reference)["n"] for reference in found[:-1]] == [0, 1, 2] * 3


def test_it_reads_many_in_one_query() -> None:
    value = {"one": beside({"n": 1, **LARGE}), "two": beside({"n": 2, **LARGE}), "small": 3}
    with CaptureQueriesContext(connection) as queries:
        opened = open_up(value)
    assert (opened["one"]["n"], opened["two"]["n"], opened["small"], len(queries)) == (1, 2, 3, 1)


def test_it_asks_nothing_for_what_holds_no_reference() -> None:
    value = {"a": {"b": 1}, "c": [1]}
    with CaptureQueriesContext(connection) as queries:
        assert open_up(value) is value
        assert open_up("text") == "text"
    assert not queries


def test_it_opens_what_is_itself_a_reference() -> None:
    assert open_up(beside(LARGE)) == LARGE


def test_it_says_so_when_a_content_is_gone_or_altered() -> None:
    reference = beside(LARGE)
    Content.objects.update(content=b"{}")
    with pytest.raises(ContentLost, match="not what was put there"):
        contents.load(reference)
    Content.objects.all().delete()
    with pytest.raises(ContentLost, match="Nothing is kept"):
        open_up(reference)


@pytest.mark.parametrize("deep", [0, 1, 2, 3])
def test_what_somebody_wrote_as_a_reference_comes_out_as_it_was_written(deep: int) -> None:
    forged = beside({"secret": "of another run", **LARGE})
    for _ in range(deep):
        forged = {"a": forged}
    row = beside(forged)
    assert is_reference(row)
    assert (open_up(row), open_up({"steps": row})) == (forged, {"steps": forged})


def test_a_text_that_only_mentions_the_key_stays_in_its_row() -> None:
    value = {"said": "The key $content is Handrail's own."}
    assert beside(value) is value


def test_what_is_no_json_is_refused_as_everywhere() -> None:
    nested: list[Any] = []
    for _ in range(100_000):
        nested = [nested]
    for value in (nested, ["\ud800" * 20_000], [float("nan")] * 20_000):
        with pytest.raises(NotCanonical):
            beside(value)


def test_a_small_value_costs_next_to_nothing() -> None:
    value = {
        "answer": "It is pending because the bank waits.",
        "confidence": 0.93,
        "tags": ["a", "b"],
        "deep": {"x": None},
    }
    assert min(timeit.repeat(lambda: beside(value), number=1000, repeat=5)) < 0.05  # 50 µs; about 4 on a quiet core


def test_a_page_shows_the_way_to_a_large_value_and_loads_nothing() -> None:
    reference = beside(LARGE)
    with CaptureQueriesContext(connection) as queries:
        found = dict(shown_each({"large": reference, "text": "hello", "long": "x" * 30_000, "data": {"a": 1}}))
    assert [one.kind for one in found.values()] == ["large", "text", "cut", "json"]
    assert (found["large"].digest, len(found["long"].value), len(queries)) == (reference["$content"], 20_000, 0)


def test_an_input_too_large_for_its_row_is_shown_in_one() -> None:
    reference = beside(LARGE)
    assert shown_each(reference) == [("", shown(reference))]
