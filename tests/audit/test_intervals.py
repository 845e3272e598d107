"""Intervals of shares and of agreement, held against published figures and against what chance really does."""

import random
from collections import Counter
from typing import Any

import pytest

from audit.reports.intervals import kappa, share
from audit.reports.seconds import Agreement


@pytest.mark.parametrize(
    ("hits", "among", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),  # Newcombe 1998, table I, method 3
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_as_published(hits: int, among: int, low: float, high: float) -> None:
    found = share(hits, among)
    assert found is not None
    assert found.low == pytest.approx(low, abs=5e-5)
    assert found.high == pytest.approx(high, abs=5e-5)


def test_a_share_of_nothing_is_nothing() -> None:
    assert share(0, 0) is None


def table(*rows: tuple[int, ...]) -> dict[tuple[str, str], int]:
    """A square of counts."""
    return {(f"{i}", f"{j}"): cell for i, row in enumerate(rows) for j, cell in enumerate(row)}


def test_kappa_as_cohen_reckoned_it() -> None:
    found = kappa(table((88, 14, 18), (10, 40, 10), (2, 6, 12)))  # Cohen 1960, as frequencies of 200
    assert found is not None
    assert found.value == pytest.approx(0.492, abs=5e-4)
    assert found.among == 200


def test_its_interval_is_as_wide_as_chance_makes_it() -> None:
    given: dict[Any, int] = table((60, 10), (8, 22))
    found = kappa(given)
    assert found is not None
    draw = random.Random(7)
    again = []
    for _ in range(4000):
        drawn = kappa(Counter(draw.choices(list(given), list(given.values()), k=100)))
        assert drawn is not None
        again.append(drawn.value)
    again.sort()
    assert found.low == pytest.approx(again[100], abs=0.03)
    assert found.high == pytest.approx(again[3899], abs=0.03)


@pytest.mark.parametrize("given", [{}, table((40,)), table((0, 0), (0, 12))])
def test_where_nobody_could_disagree_there_is_none(given: dict[tuple[str, str], int]) -> None:
    assert kappa(given) is None


def test_all_alike_is_one_and_all_apart_is_below_zero() -> None:
    alike, apart = kappa(table((5, 0), (0, 5))), kappa(table((0, 5), (5, 0)))
    assert alike is not None
    assert apart is not None
    assert (alike.value, apart.value) == (1.0, -1.0)


def test_few_pairs_say_no_kappa() -> None:
    assert Agreement({("approved", "approved"): 20, ("approved", "rejected"): 9}).beyond_chance == ""
    told = Agreement({("approved", "approved"): 40, ("approved", "rejected"): 9, ("rejected", "rejected"): 20})
    assert "kappa 0.7" in told.beyond_chance
