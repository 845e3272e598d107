"""Sentences that were kept in English are said in the reader's language."""

import pytest
from django.utils import translation

from audit.retelling import retold
from deploy import languages


@pytest.fixture(autouse=True)
def _compiled() -> None:
    languages.compile_stale()


def test_a_sentence_is_found_again_by_what_stands_around_its_places() -> None:
    with translation.override("de"):
        assert retold("“ten” is no whole number.") == "„ten“ ist keine ganze Zahl."
        assert retold("Round 2 failed: No branch fits.") == "Runde 2 ist fehlgeschlagen: Kein Zweig passt."
        assert retold("house/large: The provider is busy (429).") == "house/large: Der Anbieter ist ausgelastet (429)."


def test_what_somebody_wrote_stays_as_it_is() -> None:
    with translation.override("de"):
        assert retold("We look at it tomorrow: it is late.") == "We look at it tomorrow: it is late."
        assert retold("") == ""


def test_in_english_nothing_changes() -> None:
    assert retold("Round 2 failed: No branch fits.") == "Round 2 failed: No branch fits."
