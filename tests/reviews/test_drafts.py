"""An edit: kept as a draft, shown as a difference, approved exactly as it was shown."""

from typing import Any

from django.test import Client

from reviews import decisions
from reviews.models import Decision, Draft, Review
from tests.cast import Cast
from tests.reviews.conftest import Browse, Decide

EDIT = {"arg.body": "Hello Ines Duarte,\r\n\r\nYour payment arrives tomorrow.\r\n"}
KEPT = "Hello Ines Duarte,\n\nYour payment arrives tomorrow.\n"


def keep(client: Client, review: Review, form: dict[str, Any], **changed: Any) -> Any:
    """Save a draft as the page's form would."""
    return client.post(f"/inbox/{review.pk}/draft/", {**form, **changed})


def test_it_keeps_an_edit(rita: Client, review: Review, form: dict[str, Any]) -> None:
    assert keep(rita, review, form, **EDIT).status_code == 303
    assert Draft.objects.get().arguments["body"] == KEPT


def test_it_shows_an_edit_as_a_difference(rita: Client, review: Review, form: dict[str, Any]) -> None:
    keep(rita, review, form, **{"arg.subject": "Your pending payment"})
    page = rita.get(f"/inbox/{review.pk}/").text
    assert "<del>card</del>" in page
    assert "Approve with 1 edit and send" in page


def test_it_shows_the_text_as_written_and_as_it_will_be(rita: Client, review: Review, form: dict[str, Any]) -> None:
    keep(rita, review, form, **EDIT)
    assert "is on its way" in rita.get(f"/inbox/{review.pk}/?show=written").text
    final = rita.get(f"/inbox/{review.pk}/?show=final").text
    assert "arrives tomorrow" in final
    assert "<del>" not in final


def test_it_approves_exactly_the_edit_that_was_shown(
    rita: Client, review: Review, form: dict[str, Any], decide: Decide
) -> None:
    keep(rita, review, form, **EDIT)
    decide(**EDIT)
    decision = Decision.objects.get()
    assert decision.edited
    assert decision.content["arguments"]["body"] == KEPT


def test_it_refuses_when_the_draft_was_changed_in_another_tab(
    rita: Client, review: Review, form: dict[str, Any], decide: Decide
) -> None:
    keep(rita, review, form, **EDIT)
    answer = decide()
    assert answer.status_code == 409
    assert "What changed since you opened it" in answer.text
    assert Review.objects.get().is_open


def test_it_refuses_an_edit_that_was_never_shown(decide: Decide) -> None:
    assert decide(**EDIT).status_code == 409


def test_it_says_at_the_field_what_is_wrong(rita: Client, review: Review, form: dict[str, Any]) -> None:
    answer = keep(rita, review, form, **{"arg.to": "nobody"}, **EDIT)
    assert answer.status_code == 422
    assert "This is no e-mail address." in answer.text
    assert "arrives tomorrow" in answer.text


def test_it_keeps_no_draft_that_changes_nothing(rita: Client, review: Review, form: dict[str, Any]) -> None:
    keep(rita, review, form, **{"arg.body": form["arg.body"].replace("\n", "\r\n")})
    assert Draft.objects.get().arguments == {}


def test_it_throws_an_edit_away(rita: Client, review: Review, form: dict[str, Any]) -> None:
    keep(rita, review, form, **EDIT)
    rita.post(f"/inbox/{review.pk}/draft/", {"discard": "1"})
    assert "Approve and send" in rita.get(f"/inbox/{review.pk}/").text


def test_it_keeps_a_draft_to_its_author(
    rita: Client, review: Review, form: dict[str, Any], cast: Cast, browse: Browse
) -> None:
    keep(rita, review, form, **EDIT)
    assert "arrives tomorrow" not in browse(cast.ravi).get(f"/inbox/{review.pk}/").text


def test_it_refuses_a_draft_of_one_who_may_only_look(
    review: Review, form: dict[str, Any], cast: Cast, browse: Browse
) -> None:
    assert keep(browse(cast.mina), review, form, **EDIT).status_code == 403
    assert not Draft.objects.exists()


def test_it_keeps_the_words_of_an_edit_that_came_too_late(
    rita: Client, review: Review, form: dict[str, Any], cast: Cast
) -> None:
    decisions.decide(review.pk, by=cast.ravi, verdict="approved", version=1, shown_hash=review.content_hash)
    answer = keep(rita, review, form, **EDIT)
    assert answer.status_code == 409
    assert "arrives tomorrow" in answer.text


def test_it_opens_the_fields_for_editing(rita: Client, review: Review) -> None:
    page = rita.get(f"/inbox/{review.pk}/?edit=1").text
    assert 'name="arg.subject" value="Your pending card payment"' in page
    assert 'value="approved"' not in page
