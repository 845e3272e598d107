"""Taking a decision back while its window is open."""

from typing import Any

from django.test import Client

from reviews.models import Review
from tests.cast import Cast, carry_out_all
from tests.clock import jump
from tests.reviews.conftest import Browse, Decide


def undo(client: Client, review: Review) -> Any:
    """Press Undo."""
    return client.post(f"/inbox/{review.pk}/undo/")


def test_it_offers_to_undo_while_there_is_time(decide: Decide, rita: Client, review: Review) -> None:
    decide()
    assert f'action="/inbox/{review.pk}/undo/"' in rita.get("/inbox/").text


def test_it_offers_nothing_when_the_time_is_over(decide: Decide, rita: Client) -> None:
    decide()
    jump(seconds=6)
    assert "/undo/" not in rita.get("/inbox/").text


def test_it_opens_again_with_the_words_kept(decide: Decide, rita: Client, review: Review) -> None:
    decide("rejected", reason="Not like this.")
    answer = undo(rita, review)
    assert (answer.status_code, answer["Location"]) == (303, f"/inbox/{review.pk}/")
    assert "Not like this.</textarea>" in rita.get(f"/inbox/{review.pk}/").text


def test_it_says_when_it_is_too_late(decide: Decide, rita: Client, review: Review) -> None:
    decide()
    jump(seconds=6)
    answer = undo(rita, review)
    assert answer.status_code == 409
    assert "Too late to undo" in answer.text


def test_it_says_so_too_when_the_step_is_done(decide: Decide, rita: Client, review: Review) -> None:
    decide()
    jump(seconds=6)
    carry_out_all()
    assert undo(rita, review).status_code == 409


def test_it_takes_back_nobody_elses(decide: Decide, cast: Cast, review: Review, browse: Browse) -> None:
    decide()
    assert undo(browse(cast.ravi), review).status_code == 403
    assert not Review.objects.get().is_open


def test_it_has_nothing_to_take_back(rita: Client, review: Review) -> None:
    assert undo(rita, review).status_code == 403
