"""Hours and days as people type them."""

import pytest

from reviews.when import typed


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("", []),
        ("09:00-17:00", [[540, 1020]]),
        ("13-17, 9-12.30", [[540, 750], [780, 1020]]),
        ("22:00–06:00", [[1320, 360]]),
        ("00:00-24:00", [[0, 1440]]),
    ],
)
def test_spans_are_read(text: str, read: list[list[int]]) -> None:
    assert typed.spans(text) == read
    assert typed.spans(typed.shown_spans(read)) == read


@pytest.mark.parametrize(
    "text", ["nine to five", "09:00", "25-26", "9:75-10", "9-9", "9-12, 11-13", "22-6, 23-24", "9-12;" * 7]
)
def test_nonsense_is_told(text: str) -> None:
    with pytest.raises(typed.NotRead):
        typed.spans(text)


def test_days_are_read_line_by_line() -> None:
    assert typed.days_off("2026-12-24 Christmas Eve\n\n2026-12-31") == {"2026-12-24": "Christmas Eve", "2026-12-31": ""}
    assert typed.working_days("2026-12-12 09:00-13:00\n2026-12-19") == {"2026-12-12": [[540, 780]], "2026-12-19": []}
    for text in ("24.12.2026", "2026-02-30", "2026-12-24 09:00-9"):
        with pytest.raises(typed.NotRead):
            typed.working_days(text)
    with pytest.raises(typed.NotRead):
        typed.days_off("2026-12-24\n" * 401)
