"""Charts: geometry alone, on round scales, and nothing that a strict policy or a screen reader stumbles over."""

import re

import pytest

from audit.reports.charts import SMALL, WIDE, Bar, Dot, Mark, Part, against, histogram, mix, scale, spark, stacked


@pytest.mark.parametrize(
    ("most", "marks"),
    [(0, [0, 1]), (1, [0, 1]), (3, [0, 1, 2, 3]), (7, [0, 3, 6, 9]), (16, [0, 10, 20]), (104, [0, 40, 80, 120])],
)
def test_scales_are_round(most: int, marks: list[int]) -> None:
    assert scale(most) == marks


def test_a_scale_holds_what_is_drawn_on_it() -> None:
    for most in range(1, 5000, 7):
        marks = scale(most)
        assert marks[-1] >= most
        assert len(marks) <= 5
        assert marks == [round(mark) for mark in marks]


def bar(*amounts: int) -> Bar:
    return Bar("<1 Nov>", [Part("c1", amount, f"<{amount}>", f"/?a={amount}&b=1") for amount in amounts], was=3)


@pytest.mark.parametrize(
    "drawn",
    [
        stacked([bar(3, 0, 2), bar(0, 0, 0)], WIDE, highest="5"),
        stacked([bar(0)], SMALL, highest="0"),
        histogram([bar(3), bar(4)], SMALL, lines=[Mark(0.5, "half"), Mark(1.9, "<limit>", "lim")]),
        against([Dot(0.9, 0.8, 40, "<said>", "/?a=1&b=2")], SMALL, stated="as stated"),
        against([], SMALL, stated="as stated"),
        mix(bar(1, 2, 3).parts, "<said>"),
        spark([1.0, None, 2.0, 0.5]),
    ],
)
def test_a_drawing_is_safe_under_a_strict_policy(drawn: str) -> None:
    assert "style=" not in drawn
    assert "<said>" not in drawn
    assert "<1 Nov>" not in drawn
    assert 'tabindex="-1"' in drawn or "<a " not in drawn
    assert not re.search(r"nan|inf|\d,\d", drawn)


def test_a_part_of_nothing_is_not_drawn() -> None:
    assert stacked([bar(3, 0, 2)], WIDE).count("<rect") == 2


def test_a_course_of_two_values_is_no_course() -> None:
    assert spark([1.0, None, 2.0]) == ""
