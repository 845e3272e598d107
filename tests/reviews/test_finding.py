"""Search: what is found by which words, and that nothing is found which one may not see."""

from typing import Any

import pytest
from django.test import Client

from reviews import commenting, decisions
from reviews.desk import finding
from reviews.models import Findable, Review
from tests.cast import Cast
from tests.reviews.conftest import Browse
from tests.reviews.test_lists import titles


@pytest.mark.parametrize(
    "words",
    [
        "pending",  # of the title
        "PEND",  # the beginning of a word
        "ines.duarte@customer.example",
        "duarte customer",
        "Thank",  # of the letter
    ],
)
def test_it_finds_by_any_word(rita: Client, review: Review, words: str) -> None:
    Review.objects.filter(pk=review.pk).update(
        content={**review.content, "arguments": {**review.arguments, "body": "Thank you."}}, content_hash="0" * 64
    )
    assert titles(rita, f"?q={words}") == [review.title]


@pytest.mark.parametrize("words", ["pending nowhere", "ending", "uarte", "'", "a'b:*", "\\", "!pending", "<->", "§§§"])
def test_it_finds_nothing_by_other_words_and_never_fails(rita: Client, review: Review, words: str) -> None:
    answer = rita.get("/inbox/", {"q": words}, headers={"HX-Target": "queue"})
    assert answer.status_code == 200


def test_it_finds_no_end_of_a_word(rita: Client, review: Review) -> None:
    assert titles(rita, "?q=ending") == []


def test_it_finds_by_reasons_and_comments(cast: Cast, rita: Client, review: Review) -> None:
    commenting.add(review, "Ask the Käsehändler first.", by=cast.ravi)
    assert titles(rita, "?q=käsehändler") == [review.title]
    assert titles(rita, "?q=KÄSE") == [review.title]
    how: dict[str, Any] = {
        "by": cast.rita,
        "verdict": "rejected",
        "version": review.version,
        "shown_hash": review.content_hash,
    }
    decisions.decide(review.pk, reason="Too friendly by half.", **how)
    assert titles(rita, "?list=every&q=friendly") == [review.title]
    assert titles(rita, "?list=done&q=friendly") == [review.title]
    assert titles(rita, "?q=friendly") == []


def test_it_neither_shows_nor_counts_what_one_may_not_see(cast: Cast, review: Review, browse: Browse) -> None:
    noah = browse(cast.noah)
    for tab in ("mine", "team", "watching", "done", "every"):
        page = noah.get(f"/inbox/?list={tab}&q=pending")
        assert review.title not in page.text
        assert set(page.context["queue"].counts.values()) == {0}
        assert page.context["queue"].rows == []


def test_it_knows_how_an_item_stands_after_an_undo(cast: Cast, rita: Client, review: Review) -> None:
    how: dict[str, Any] = {
        "by": cast.rita,
        "verdict": "approved",
        "version": review.version,
        "shown_hash": review.content_hash,
    }
    decisions.decide(review.pk, **how)
    decisions.undo(review.pk, by=cast.rita)
    assert titles(rita, "?q=pending") == [review.title]


def test_it_takes_a_very_long_content(review: Review) -> None:
    words = " ".join(f"word{number}" for number in range(200_000))
    Review.objects.filter(pk=review.pk).update(content={"text": words}, content_hash="1" * 64)
    assert Findable.objects.filter(review=review).exists()


def test_it_forgets_what_is_erased(rita: Client, review: Review) -> None:
    finding.forget([review.pk])
    assert titles(rita, "?q=pending") == []
