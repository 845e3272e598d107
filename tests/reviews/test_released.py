"""A gate in the inbox: what it releases is said step by step, in words."""

import pytest
from django.test import Client

from reviews.models import Review
from tests.cast import Cast
from tests.flow.drawn import REVIEW, carry_on, start, step

pytestmark = pytest.mark.usefixtures("models")
LETTER = {"to": "'haas@customer.example'", "subject": "'Our offer'", "body": "'We pay.'"}


def page_of(cast: Cast, review: Review) -> str:
    client = Client()
    client.force_login(cast.rita)
    return client.get(f"/inbox/{review.pk}/").content.decode()


def at_a_gate(cast: Cast) -> Review:
    gate = step("offer", "person", review=REVIEW, releases=["send"], input={"sum": "7480.0"})
    run = carry_on(start(cast, gate, step("send", tool="email.send", input=LETTER)))
    return Review.objects.get(run=run)


def test_it_says_what_follows_and_with_which_words(cast: Cast) -> None:
    page = page_of(cast, at_a_gate(cast))
    assert "Send: The e-mail goes to haas@customer.example." in page
    assert '<dt>Subject</dt><dd class="pre">Our offer</dd>' in page
    assert "email.send@1" not in page.partition("<dl class=")[2].partition("<form")[0]
    assert "The text goes on" not in page


def test_an_item_that_rests_on_nothing_has_no_empty_heading(cast: Cast) -> None:
    assert "What it rests on" not in page_of(cast, at_a_gate(cast))
