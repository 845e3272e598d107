"""What stands beside an item: comments with mentions and files, who looks on, words that are kept, likes, sources."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from audit import presence
from audit.models import Event
from orchestration.models import Run
from reviews.desk import evidence, likes, sources
from reviews.models import Comment, CommentFile, Draft, Review
from tests.cast import Cast
from tests.reviews.conftest import Browse, Decide
from tests.reviews.test_inbox import queries

AT = "/inbox/{}/{}/"


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Whom comments told."""
    found: list[tuple[Any, ...]] = []
    monkeypatch.setattr(
        "reviews.notices.tell", lambda kind, review, users, **words: found.append((kind, review.pk, list(users)))
    )
    return found


def comment(client: Client, review: Review, text: str, **more: Any) -> Any:
    return client.post(AT.format(review.pk, "comments"), {"text": text, **more})


def test_it_keeps_a_comment_and_tells_whom_it_names(
    cast: Cast, rita: Client, review: Review, told: list[tuple[Any, ...]]
) -> None:
    assert comment(rita, review, "Is this right, @ravi? Not @noah, @nobody or ines@mina.example.").status_code == 303
    assert told == [("mentioned", review.pk, [cast.ravi.pk])]
    page = rita.get(f"/inbox/{review.pk}/?tab=comments").text
    assert "Is this right, @ravi?" in page
    assert "Nobody was told by @noah, @nobody" in page


def test_it_tells_nobody_of_ones_own_name(cast: Cast, rita: Client, review: Review, told: list[Any]) -> None:
    comment(rita, review, "Note to myself, @rita.")
    assert told == []


def test_it_writes_a_comment_to_the_ledger_with_its_words_erasable(rita: Client, review: Review) -> None:
    comment(rita, review, "A word about this.")
    event = Event.objects.select_related("personal").get(kind="review.commented")
    assert "A word" not in event.body
    assert event.about["text"] == "A word about this."
    assert Comment.objects.get().receipt == event.event_id


def test_it_keeps_files_by_name_and_size_and_gives_them_to_be_saved(
    cast: Cast, rita: Client, review: Review, browse: Browse
) -> None:
    file = SimpleUploadedFile("../../evil<b>.html", b"<script>alert(1)</script>", content_type="text/html")
    comment(rita, review, "See this.", file=file)
    kept = CommentFile.objects.get()
    address = f"/inbox/{review.pk}/comments/{kept.pk}/"
    answer = browse(cast.mina).get(address)
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert browse(cast.noah).get(address).status_code == 404
    assert "25\xa0bytes" in rita.get(f"/inbox/{review.pk}/?tab=comments").text


def test_it_gives_no_file_of_a_comment_to_the_run(rita: Client, review: Review) -> None:
    comment(rita, review, "See this.", file=SimpleUploadedFile("note.txt", b"A note."))
    assert not Run.objects.get(pk=review.run_id).files.exists()


@pytest.mark.parametrize("text", ["", "   ", "x" * 4001])
def test_it_keeps_no_empty_or_endless_comment_and_loses_no_words(rita: Client, review: Review, text: str) -> None:
    answer = comment(rita, review, text)
    assert answer.status_code == 422
    assert text.strip() in answer.text
    assert not Comment.objects.exists()


def test_it_takes_five_files_at_the_most(rita: Client, review: Review) -> None:
    files = [SimpleUploadedFile(f"{number}.txt", b"x") for number in range(6)]
    assert comment(rita, review, "All of these.", file=files).status_code == 422
    assert not Comment.objects.exists()


def test_it_shows_signs_in_a_comment_as_codes(rita: Client, review: Review) -> None:
    comment(rita, review, "Good\u202e<b>bad</b>\x1b[31m")
    page = rita.get(f"/inbox/{review.pk}/?tab=comments").text
    assert "U+202E" in page
    assert "<b>bad" not in page


def test_it_takes_the_same_queries_with_one_comment_and_with_forty(rita: Client, review: Review) -> None:
    comment(rita, review, "One.", file=SimpleUploadedFile("note.txt", b"A note."))
    few = queries(rita, f"/inbox/{review.pk}/?tab=comments")
    for number in range(40):
        comment(rita, review, f"Number {number}.")
    assert queries(rita, f"/inbox/{review.pk}/?tab=comments") == few


def test_it_says_who_else_has_an_item_open(cast: Cast, rita: Client, review: Review, browse: Browse) -> None:
    ravi = browse(cast.ravi)
    assert "looking" not in rita.post(AT.format(review.pk, "here")).text
    assert "Rita Bauer is looking" in ravi.post(AT.format(review.pk, "here")).text
    rita.post(AT.format(review.pk, "here"), {"left": "1"})
    assert "looking" not in ravi.post(AT.format(review.pk, "here")).text
    assert not Event.objects.filter(kind__contains="here").exists()


def test_it_shows_nobody_while_redis_is_away(
    cast: Cast, rita: Client, review: Review, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise OSError

    monkeypatch.setattr("audit.connections.of_process", away)
    assert rita.post(AT.format(review.pk, "here")).status_code == 200
    presence.forget()


def test_it_keeps_a_reason_that_was_typed_for_another_machine(
    cast: Cast, rita: Client, review: Review, browse: Browse
) -> None:
    assert rita.post(AT.format(review.pk, "words"), {"reason": "It promises"}).status_code == 204
    assert "It promises</textarea>" in browse(cast.rita).get(f"/inbox/{review.pk}/").text
    assert "It promises" not in browse(cast.ravi).get(f"/inbox/{review.pk}/").text
    rita.post(AT.format(review.pk, "words"), {"reason": ""})
    assert not Draft.objects.exists()


def test_it_keeps_an_edit_when_the_reason_goes(cast: Cast, rita: Client, review: Review) -> None:
    Draft.objects.create(review=review, user=cast.rita, arguments={**review.arguments, "subject": "Other"}, reason="A")
    rita.post(AT.format(review.pk, "words"), {"reason": ""})
    assert Draft.objects.get().arguments["subject"] == "Other"


def test_it_keeps_no_reason_once_it_is_decided(rita: Client, review: Review, decide: Decide) -> None:
    decide()
    assert rita.post(AT.format(review.pk, "words"), {"reason": "Too late"}).status_code == 409
    assert not Draft.objects.exists()


def test_it_says_when_nothing_like_it_was_decided(rita: Client, review: Review) -> None:
    assert "Nothing like this has been decided here yet" in rita.get(f"/inbox/{review.pk}/?tab=earlier").text


def test_it_finds_earlier_decisions_of_the_same_people_and_of_the_same_words(
    cast: Cast, rita: Client, review: Review, decide: Decide
) -> None:
    decide()
    same = cast.waiting(question="Please close my account at once.")
    near = cast.waiting(customer="omar@other.example", customer_name="Omar Haddad")
    other = cast.waiting(question="What is the weather?", customer="lea@third.example", customer_name="Lea")
    Review.objects.update(rule=review.rule)
    for one, count in ((same, 1), (near, 1), (other, 0)):
        found = likes.of(Review.objects.select_related("run", "step_run__step").get(pk=one.pk))
        assert [like.review.pk for like in found] == [review.pk] * count
    assert f'href="/inbox/{review.pk}/"' in rita.get(f"/inbox/{near.pk}/?tab=earlier").text


def test_it_opens_a_source_at_its_passage(rita: Client, review: Review) -> None:
    given = [{"title": "The question", "where": "line 1", "passage": "my  card PAYMENT"}, {"passage": "never said"}]
    Review.objects.filter(pk=review.pk).update(evidence={"sources": given})
    page = rita.get(f"/inbox/{review.pk}/").text
    assert f'href="/inbox/{review.pk}/?tab=evidence&amp;source=1#passage"' in page
    assert (
        '<mark id="passage" tabindex="-1">my card payment</mark>'
        in rita.get(f"/inbox/{review.pk}/?tab=evidence&source=1").text
    )
    assert "This passage was not found" in rita.get(f"/inbox/{review.pk}/?tab=evidence&source=2").text


def test_it_bears_evidence_of_any_shape(review: Review) -> None:
    review.evidence = {"a": [1, {"passage": 3}], "b": {"quote": "?"}, "c": None, "d": [[{"passage": "x" * 10}]]}
    assert [one.found for one in sources.of(review, evidence.gather(review))] == [False]


def test_it_tells_a_page_that_went_ahead_what_became_of_its_decision(
    cast: Cast, rita: Client, review: Review, form: dict[str, Any]
) -> None:
    ahead = {"HX-Target": "decided"}
    address = f"/inbox/{review.pk}/decide/"
    refused = rita.post(address, {**form, "verdict": "rejected"}, headers=ahead)
    assert refused.status_code == 422
    assert 'role="alert"' in refused.text
    assert f'href="/inbox/{review.pk}/"' in refused.text
    taken = rita.post(address, {**form, "verdict": "approved"}, headers=ahead)
    assert "data-toast" in taken.text
    assert f'data-kept="review-{review.pk}"' in taken.text
    assert "<html" not in taken.text
    late = rita.post(address, {**form, "verdict": "approved"}, headers=ahead)
    assert late.status_code == 409
    assert "You have already decided this" in late.text


def test_it_brings_an_item_ahead_without_forgetting_what_is_kept(rita: Client, review: Review, decide: Decide) -> None:
    decide()
    rita.get(f"/inbox/{review.pk}/", headers={"HX-Target": "item"})
    assert f'data-kept="review-{review.pk}"' in rita.get("/inbox/").text


def test_it_decides_nothing_by_looking_at_any_of_it(rita: Client, review: Review) -> None:
    for part in ("comments", "watch", "here", "words"):
        assert rita.get(AT.format(review.pk, part)).status_code == 405
    assert Review.objects.get(pk=review.pk).is_open
