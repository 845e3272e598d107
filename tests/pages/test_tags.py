"""Icons, figures and visible characters: what a template says of a value."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.template import Context
from django.utils import timezone, translation
from django.utils.functional import SimpleLazyObject
from lucide import IconDoesNotExist

from audit.templatetags import figures, icons
from audit.templatetags.visible import visible

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _english_in_utc() -> Iterator[None]:
    with translation.override("en"), timezone.override("UTC"):
        yield


def at_noon(**more: object) -> Context:
    return Context({"now": NOON, **more})


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (None, "–"),
        (0, "$0.00"),
        (Decimal("41.8"), "$41.80"),
        (1234567, "$1,234,567.00"),
        (Decimal("0.41"), "$0.41"),
        (Decimal("0.041"), "$0.041"),
        (Decimal("0.0004"), "$0.0004"),
        (Decimal("0.00002"), "under $0.0001"),
        (-3, "−$3.00"),
    ],
)
def test_it_says_money_as_small_as_it_is(amount: figures.Figure | None, said: str) -> None:
    assert figures.money(amount) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, "–"),
        (0.04, "40 ms"),
        (4.27, "4.2 s"),
        (9.99, "9.9 s"),
        (42.9, "42 s"),
        (60, "1 min"),
        (18 * 60 + 59, "18 min"),
        (3600, "1 h"),
        (3 * 3600 + 36 * 60, "3 h 36 min"),
        (2 * 86400, "2 d"),
        (timedelta(days=2, hours=4), "2 d 4 h"),
        (-5, "0 ms"),
    ],
)
def test_it_says_a_duration_in_two_units_at_most(seconds: timedelta | float | None, said: str) -> None:
    assert figures.duration(seconds) == said


@pytest.mark.parametrize(("count", "said"), [(None, ""), (0, ""), (12, "12"), (999, "999"), (1000, "999+")])
def test_it_stops_counting_on_a_badge(count: int | None, said: str) -> None:
    assert figures.badge(count) == said


@pytest.mark.parametrize(("value", "said"), [(812, "812"), (31_400, "31.4k"), (2_000_000, "2.0M"), (None, "–")])
def test_it_shortens_large_numbers(value: int | None, said: str) -> None:
    assert figures.compact(value) == said


def test_it_groups_digits_and_says_shares_and_scores() -> None:
    said = (
        figures.number(18204),
        figures.pct(0.671),
        figures.pct(0.9312, 1),
        figures.score(0.784),
        figures.score(None),
    )
    assert said == ("18,204", "67%", "93.1%", "78", "–")


def test_it_shortens_a_digest_to_its_two_ends() -> None:
    assert figures.short_hash("7f3a" + "0" * 56 + "c21e") == "7f3a…c21e"


def test_it_tells_the_time_in_the_readers_zone() -> None:
    with timezone.override("Asia/Tokyo"):
        assert (figures.clock(NOON), figures.clock(NOON, "s"), figures.stamp(NOON)) == (
            "21:00",
            "21:00:00",
            "22 Nov 2026, 21:00:00",
        )


@pytest.mark.parametrize(
    ("since", "said"),
    [
        (timedelta(seconds=2), "just now"),
        (timedelta(seconds=42, milliseconds=500), "42 s ago"),
        (timedelta(minutes=59), "59 min ago"),
        (timedelta(days=3), "19 Nov 2026, 12:00"),
    ],
)
def test_it_says_how_long_ago(since: timedelta, said: str) -> None:
    assert f">{said}</time>" in figures.ago(at_noon(), NOON - since)


@pytest.mark.parametrize(
    ("left", "tone", "said"),
    [
        (timedelta(hours=3), "", "3 h"),
        (timedelta(minutes=38), "warn", "38 min"),
        (timedelta(minutes=5), "bad", "5 min"),
        (timedelta(minutes=-18), "bad", "18 min late"),
    ],
)
def test_it_says_when_a_thing_is_due_and_how_urgent_that_is(left: timedelta, tone: str, said: str) -> None:
    drawn = figures.due(at_noon(), NOON + left)
    assert f'class="due num {tone}"' in drawn
    assert drawn.endswith(f"{said}</time>")


def test_it_says_nothing_of_a_time_that_is_not_set() -> None:
    assert (figures.due(at_noon(), None), figures.ago(at_noon(), None)) == ("", "–")


def test_it_takes_the_pages_time_even_when_that_is_lazy() -> None:
    assert "59 min ago" in figures.ago(Context({"now": SimpleLazyObject(lambda: NOON)}), NOON - timedelta(minutes=59))


def test_it_asks_the_database_for_the_time_only_when_the_page_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "now", lambda: NOON)
    assert "just now" in figures.ago(Context(), NOON)


@pytest.mark.parametrize(
    ("share", "tone", "width"),
    [(0.5, "bad", "17.0"), (0.78, "warn", "26.5"), (0.96, "ok", "32.6"), (7, "ok", "34.0")],
)
def test_it_draws_a_meter_no_longer_than_it_is(share: float, tone: str, width: str) -> None:
    assert f'<rect class="v {tone}" width="{width}"' in figures.meter(share)


def test_it_marks_the_link_of_the_page_one_is_on() -> None:
    context = Context({"request": SimpleNamespace(resolver_match=SimpleNamespace(url_name="review"))})
    assert (
        figures.current(context, "inbox", "review"),
        figures.current(context, "runs"),
        figures.current(Context(), "runs"),
    ) == (
        'aria-current="page"',
        "",
        "",
    )


def test_it_draws_an_icon_that_screen_readers_skip() -> None:
    drawn = icons.icon("inbox", "i-s")
    assert drawn.startswith('<svg class="i i-s" viewBox="0 0 24 24" aria-hidden="true"><')
    assert "xmlns" not in drawn


def test_it_names_an_icon_that_stands_alone() -> None:
    assert 'role="img" aria-label="&lt;late&gt;"' in icons.icon("clock", label="<late>")


def test_it_refuses_an_icon_that_is_not_there() -> None:
    with pytest.raises(IconDoesNotExist):
        icons.icon("no-such-icon")


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Rita Bauer", "RB"), ("rita", "RI"), ("Dr. A. de Vries", "DV"), ("", "?"), ("<b>", "?")],
)
def test_it_shortens_a_name_to_two_letters(name: str, letters: str) -> None:
    assert icons.initials(name) == letters


def test_it_escapes_what_it_is_given() -> None:
    assert "<b>" not in icons.pill("<b>") + icons.avatar("<b> x", title="<b>") + icons.state("<b>")


@pytest.mark.parametrize(("kind", "shape"), [("model", "ai"), ("person", "human"), ("tool", "sys"), ("outcome", "sys")])
def test_it_marks_who_does_a_step(kind: str, shape: str) -> None:
    assert f'class="k {shape}"' in icons.mark(kind)


def test_it_says_a_state_with_icon_word_and_colour() -> None:
    drawn = icons.state("failed")
    assert drawn.startswith('<span class="pill bad"><svg')
    assert drawn.endswith("Failed</span>")


@pytest.mark.parametrize(
    "hidden",
    [
        "\u202e",
        "\u200b",
        "\u200d",
        "\ufeff",
        "\u00ad",
        "\x00",
        "\x1b",
        "\u2028",
        "\u3164",
        "\U000e0041",
        "\U000e0101",
    ],
)
def test_it_shows_a_character_that_would_hide(hidden: str) -> None:
    shown = visible(f"pay {hidden}you")
    assert hidden not in shown
    assert f"U+{ord(hidden):04X}</span>" in shown


def test_it_leaves_words_of_any_language_and_line_ends_alone() -> None:
    words = "Grüße, 你好, שלום\n\tété 😀"
    assert visible(words) == words


def test_it_escapes_markup_in_the_text_it_shows() -> None:
    assert visible("<img src=x>") == "&lt;img src=x&gt;"
    assert visible(None) == ""
