"""When a report says that a score can be trusted, and when it says that it cannot say."""

import pytest

from audit.reports.figures import Tally
from audit.reports.trust import points, verdict


def tallies(**tenths: tuple[int, float, float]) -> dict[int | None, Tally]:
    """`t9=(count, stated, share unchanged)`."""
    return {
        int(name[1:]): Tally(count=count, written=round(count * share), unchanged=round(count * share), stated=stated)
        for name, (count, stated, share) in tenths.items()
    }


@pytest.mark.parametrize(
    ("given", "said", "warns"),
    [
        (tallies(t9=(29, 0.95, 0.1)), "Too few decisions to say", False),
        (tallies(**{f"t{n}": (9, n / 10, 0.9) for n in (6, 7, 8, 9)}), "spread too thinly", False),
        (tallies(t9=(200, 0.95, 0.94), t8=(100, 0.85, 0.82)), "the score holds what it promises", False),
        (tallies(t9=(200, 0.95, 0.94), t6=(100, 0.65, 0.4), t7=(100, 0.75, 0.5)), "Between 60 and 80", True),
        (tallies(t9=(200, 0.95, 0.6)), "Above 90 the score promises too much", True),
        (tallies(t5=(200, 0.55, 0.9)), "Between 50 and 60 the score promises too little", False),
        (tallies(t6=(12, 0.65, 0.5), t9=(100, 0.95, 0.95)), "the score holds what it promises", False),
    ],
)  # fmt: skip
def test_the_verdict(given: dict[int | None, Tally], said: str, warns: bool) -> None:
    told, warning = verdict(points(given))
    assert said in told
    assert warning is warns


def test_decisions_without_a_stated_confidence_have_no_part_in_it() -> None:
    assert points({None: Tally(count=50, written=50)}) == []
