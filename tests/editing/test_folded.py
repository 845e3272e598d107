"""The folded parts of a review's form: each says what stands in it, is open where something is wrong, loses nothing."""

import re
from typing import Any

import pytest
from django.test import Client

from tests.cast import Cast
from tests.editing.test_page import client_of
from tests.when.hours import made
from tests.when.test_form import PAGE, WHOLE, begin, opened, review, save

FORM: list[dict[str, Any]] = [
    {"name": "km", "label": "Distance", "type": "number", "min": 0, "unit": "km"},
    {"name": "due", "label": "Due", "type": "money", "currency": "EUR"},
    {"name": "scan", "label": "Scan", "type": "file", "accept": [".pdf", ".png"], "max_size": 1_048_576},
]


@pytest.fixture
def adam(cast: Cast) -> Client:
    """Adam's browser."""
    return client_of(cast.adam)


def folds(page: str) -> dict[str, tuple[bool, str]]:
    """The folded parts of the review: whether each is open, and what its line says."""
    found = re.findall(
        r'<details class="fold" data-fold="(\w+)"( open)?><summary>.*?<span class="setting[^"]*">(.*?)<', page
    )
    return {name: (bool(is_open), said) for name, is_open, said in found}


def test_each_says_what_is_set_and_is_closed(cast: Cast, adam: Client) -> None:
    made(cast.adam)
    begin(cast, **WHOLE, sign={"meaning": "I have checked it."}, form=FORM[:2])
    told = folds(adam.get(f"{PAGE}?step=book").text)
    assert [name for name, (is_open, _said) in told.items() if is_open] == []
    assert told["whom"][1] == "One person of the group decides."
    assert "I have checked it." in told["shown"][1]
    assert "Distance and Due" in told["asks"][1]
    assert "business hours of berlin" in told["when"][1]
    assert "where the confidence is under 80 of 100" in told["only"][1]


def test_one_with_something_wrong_is_open(cast: Cast, adam: Client) -> None:
    begin(cast, hours="paris")
    page = adam.get(f"{PAGE}?step=book").text
    assert [name for name, (is_open, _said) in folds(page).items() if is_open] == ["when"]
    assert "paris: no such calendar here" in page
    made(cast.adam)
    form = opened(adam)
    assert form["review.hours"] == "paris"  # what stands there stays, though no such calendar is here
    assert '<option value="berlin">' in adam.get(f"{PAGE}?step=book").text
    form["review.hours"] = "berlin"
    form["review.only.below"] = "much"
    status, page = save(adam, form)
    assert status == 422
    assert [name for name, (is_open, _said) in folds(page).items() if is_open] == ["when", "only"]


def test_what_was_typed_in_a_folded_part_is_kept_when_it_cannot_be_taken(cast: Cast, adam: Client) -> None:
    begin(cast)
    form = opened(adam)
    form["review.field.label"] = "Distance"
    form["review.field.type"] = "number"
    form["review.field.unit"] = "km"
    form["review.field.min"] = "far"
    form["review.then.name"] = "rita"
    form["review.then.kind"] = "person"
    form["review.sign"] = "I have read it."
    status, page = save(adam, form)
    assert status == 422
    assert "far is no number." in page
    for value in ("Distance", "km", "far", "rita", "I have read it."):
        assert f'value="{value}"' in page
    assert folds(page)["asks"][0]
    assert "form" not in review()


def test_the_fields_of_a_form_say_all_that_their_type_knows(cast: Cast, adam: Client) -> None:
    begin(cast, form=FORM)
    form = opened(adam)
    assert form.getlist("review.field.unit") == ["km", "", "", ""]
    assert form.getlist("review.field.max_size") == ["", "", "1.048576", ""]
    assert save(adam, form)[0] == 303
    assert review()["form"] == FORM
    form = opened(adam)
    form.setlist("review.field.currency", ["", "usd", "", ""])
    form.setlist("review.field.unit", ["", "", "", ""])
    form.setlist("review.field.accept", ["", "", "pdf", ""])
    form.setlist("review.field.max_size", ["", "", "5", ""])
    assert save(adam, form)[0] == 303
    distance, due, scan = review()["form"]
    assert "unit" not in distance
    assert due["currency"] == "USD"
    assert (scan["accept"], scan["max_size"]) == ([".pdf"], 5_000_000)


def test_what_belongs_to_another_type_goes_with_the_type(cast: Cast, adam: Client) -> None:
    begin(cast, form=FORM[:1])
    form = opened(adam)
    form.setlist("review.field.type", ["text", "text"])
    assert save(adam, form)[0] == 303
    assert "unit" not in review()["form"][0]


def test_a_signature_is_asked_for_changed_and_no_longer(cast: Cast, adam: Client) -> None:
    begin(cast)
    form = opened(adam)
    assert form["review.sign"] == ""
    form["review.sign"] = "  I have checked the figures.  "
    assert save(adam, form)[0] == 303
    assert review()["sign"] == {"meaning": "I have checked the figures."}
    form = opened(adam)
    assert form["review.sign"] == "I have checked the figures."
    assert save(adam, form)[0] == 303
    assert review()["sign"] == {"meaning": "I have checked the figures."}
    form = opened(adam)
    form["review.sign"] = ""
    assert save(adam, form)[0] == 303
    assert "sign" not in review()
