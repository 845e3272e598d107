"""Forms that no page of ours sends: each is answered with a sentence, and nothing is changed."""

from typing import Any

import pytest
from django.test import Client

from reviews.models import Draft, Review
from tests.reviews.conftest import Decide


@pytest.mark.parametrize(
    "field",
    [
        {"verdict": "perhaps"},
        {"verdict": ""},
        {"version": "one"},
        {"version": ""},
        {"version": "9" * 5000},
        {"version": "-1"},
        {"version": "²"},
        {"shown_hash": ""},
        {"shown_hash": "\0" * 64},
        {"shown_hash": "x" * 63},
    ],
)
def test_it_does_not_understand(decide: Decide, field: dict[str, Any]) -> None:
    answer = decide(**field)
    assert answer.status_code == 400
    assert "Nothing was changed" in answer.text
    assert Review.objects.get().is_open


def test_it_does_not_understand_an_empty_form(rita: Client, review: Review) -> None:
    assert rita.post(f"/inbox/{review.pk}/decide/").status_code == 400


def test_it_keeps_a_reason_without_what_no_database_keeps(decide: Decide) -> None:
    assert decide("rejected", reason="no\0 thanks").status_code == 303


def test_it_refuses_a_reason_that_is_too_long(decide: Decide) -> None:
    answer = decide("rejected", reason="x" * 4001)
    assert answer.status_code == 422
    assert "4000 characters" in answer.text


def test_it_does_not_understand_a_draft_that_lacks_a_field(rita: Client, review: Review) -> None:
    answer = rita.post(f"/inbox/{review.pk}/draft/", {"arg.to": "a@b.example"})
    assert answer.status_code == 400
    assert not Draft.objects.exists()


@pytest.mark.parametrize("query", ["after=x", "after=" + "9" * 5000, "before=-1", "after=999", "open=%00", "list=x"])
def test_it_passes_over_an_address_that_makes_no_sense(rita: Client, review: Review, query: str) -> None:
    assert rita.get(f"/inbox/?{query}").status_code == 200


@pytest.mark.parametrize("pk", ["9" * 30, "9" * 5000])
def test_it_finds_nothing_under_a_number_beyond_all_numbers(rita: Client, pk: str) -> None:
    assert rita.get(f"/inbox/{pk}/").status_code == 404


def test_it_shows_text_from_outside_as_text(rita: Client, cast: Any, models: Any) -> None:
    shown = cast.waiting(customer_name="<b>\u202ebold", question="<script>alert(1)</script>{{7*7}}")
    page = rita.get(f"/inbox/{shown.pk}/").text
    assert "<script>alert" not in page
    assert "U+202E" in page
    assert "{{7*7}}" in page
