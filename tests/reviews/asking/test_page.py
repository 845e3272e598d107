"""The item's page: the form, own outcomes, sending back and nested edits, without JavaScript."""

import json
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from orchestration import files
from orchestration.models import File, Run
from reviews.models import Decision, Draft, Review
from tests.cast import Cast, carry_out_all
from tests.flow import drawn
from tests.reviews.asking.conftest import Post
from tests.reviews.asking.drawn import FORM, OUTCOMES, asking, decide, waiting
from tests.reviews.conftest import Browse

FILLED = {"form.kind": "refund", "form.amount": "12,50", "form.note": "Yes.", "form.lines.0.item": "a cup"}


def shown(client: Client, review: Review, query: str = "") -> str:
    return client.get(f"/inbox/{review.pk}/{query}").content.decode()


def test_the_form_is_shown_prefilled_and_what_is_hidden_is_not(cast: Cast, rita: Client) -> None:
    page = shown(rita, waiting(cast, asking(form=FORM)))
    assert 'name="form.kind"' in page
    assert 'name="form.amount"' not in page
    assert "\nsay</textarea>" in page


def test_a_form_is_filled_in_and_approved_with_its_file(cast: Cast, rita: Client, post: Post) -> None:
    review = waiting(cast, asking(form=FORM))
    proof = SimpleUploadedFile("proof.txt", b"It was broken.")
    answer = post(review, **FILLED, **{"form.proof": proof})
    assert answer.status_code == 303
    carry_out_all()
    form = drawn.output(Run.objects.get(), "say")["form"]
    assert (form["kind"], form["amount"], form["lines"]) == ("refund", "12.50", [{"item": "a cup"}])
    assert files.read(form["proof"], Run.objects.get()) == b"It was broken."
    assert File.objects.get().name == "proof.txt"
    page = shown(rita, review)
    assert "12.50 EUR" in page
    assert "proof.txt" in page


def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_lost(cast: Cast, rita: Client, post: Post) -> None:
    review = waiting(cast, asking(form=FORM))
    proof = SimpleUploadedFile("proof.txt", b"It was broken.")
    bad = {**FILLED, "form.amount": "a lot", "form.lines.0.count": "two", "form.proof": proof}
    answer = post(review, reason="So that it is known.", **bad)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "This is no amount" in page
    assert "This is no number" in page
    for words in ("a lot", "two", "a cup", "So that it is known.", "proof.txt"):
        assert words in page
    assert not Decision.objects.exists()


def test_a_file_of_another_kind_or_size_is_refused(cast: Cast, post: Post) -> None:
    review = waiting(cast, asking(form=FORM))
    for name, content in (("proof.pdf", b"x"), ("proof.txt", b"x" * 1001), ("proof.txt", b"")):
        sent = {"form.kind": "other", "form.proof": SimpleUploadedFile(name, content)}
        assert post(review, **sent).status_code == 422
    assert not File.objects.exists()


def test_rows_are_added_and_taken_out_and_the_draft_is_kept(cast: Cast, rita: Client, post: Post) -> None:
    review = waiting(cast, asking(form=FORM))
    assert post(review, door="answers", **FILLED, add="lines").status_code == 303
    page = shown(rita, review)
    assert 'name="form.lines.1.item"' in page
    assert 'value="12,50"' in page  # shown now, since what was chosen asks for it
    post(review, door="answers", **FILLED, **{"form.lines.1.item": "a plate"}, remove="lines.0")
    assert Draft.objects.get().form["lines"] == [{"item": "a plate"}]
    assert "a plate" in shown(rita, review)
    assert Review.objects.get().is_open


def test_own_outcomes_are_buttons(cast: Cast, rita: Client, post: Post) -> None:
    review = waiting(cast, asking(outcomes=OUTCOMES), drawn.step("between"), drawn.step("last"))
    page = shown(rita, review)
    assert 'value="outcome.escalate"' in page
    assert post(review, "outcome.escalate").status_code == 303
    assert Decision.objects.get().outcome == "escalate"
    assert "Escalate" in shown(rita, review)


def test_it_is_sent_back_with_a_note(cast: Cast, rita: Client, post: Post) -> None:
    review = waiting(cast, drawn.step("first"), asking(back={"to": ["first"]}))
    assert 'value="sent_back"' in shown(rita, review)
    assert post(review, "sent_back").status_code == 422
    sent = {"version": review.version, "shown_hash": review.content_hash, "arg.word": "say"}
    url = f"/inbox/{review.pk}/decide/"
    assert rita.post(url, {**sent, "verdict": "sent_back", "to": "first", "reason": "Again."}).status_code == 303
    carry_out_all()
    assert Review.objects.count() == 2
    assert "Sent back" in shown(rita, review)


def test_a_nested_value_is_edited_field_by_field(cast: Cast, rita: Client) -> None:
    people = {
        "type": "array",
        "items": {"type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "integer"}}},
    }
    output = {
        "type": "object",
        "properties": {"people": people, "to": {"type": "object", "properties": {"town": {"type": "string"}}}},
    }
    given: dict[str, Any] = {"people": "[{'name': 'Ada', 'age': 36}, {'name': 'Bob'}]", "to": "{'town': 'Ulm'}"}
    step = drawn.step("say", "person", input=given, output=output, review=drawn.REVIEW)
    review = waiting(cast, step)
    page = shown(rita, review, "?edit=1")
    for name in ("arg.people.0.name", "arg.people.1.age", "arg.to.town"):
        assert f'name="{name}"' in page
    marks = {"arg.people.-": "1", "arg.people.0.-": "1", "arg.people.1.-": "1", "arg.to.-": "1"}
    one = {"arg.people.0.name": "Ada L.", "arg.people.0.age": "37", "arg.people.1.name": "Bob", "arg.people.1.age": ""}
    sent = {**marks, **one, "arg.to.town": "Ulm"}
    url = f"/inbox/{review.pk}/draft/"
    assert 'name="arg.people.2.name"' in rita.post(url, {**sent, "add": "arg.people"}).content.decode()
    assert "cannot be read" in rita.post(url, {**sent, "arg.people.0.age": "old"}).content.decode()
    assert rita.post(url, sent).status_code == 303
    kept = Draft.objects.get().arguments
    assert kept == {"people": [{"name": "Ada L.", "age": 37}, {"name": "Bob"}], "to": {"town": "Ulm"}}
    page = shown(rita, review)
    assert "<ins>" in page
    shown_now = {f"arg.{name}": json.dumps(value) for name, value in kept.items()}
    answer = {"version": 1, "shown_hash": review.content_hash, "verdict": "approved", **shown_now}
    assert rita.post(f"/inbox/{review.pk}/decide/", answer).status_code == 303
    changed = Decision.objects.get().changes
    assert [one["at"] for one in changed] == [["people", 0, "age"], ["people", 0, "name"]]


def test_what_was_sent_back_stands_on_the_pages_of_its_run_and_on_home(cast: Cast, browse: Browse) -> None:
    review = waiting(cast, drawn.step("first"), asking(back={"to": ["first"]}))
    decide(review, cast.rita, "sent_back", "Look again.", to="first")
    carry_out_all()
    client = browse(cast.adam)
    for at in ("/", f"/runs/{review.run_id}/", f"/runs/{review.run_id}/?step=first", "/workflows/drawn/"):
        assert client.get(at).status_code == 200
    page = client.get(f"/runs/{review.run_id}/?step=say").content.decode()
    assert "Done before, and sent back" in page
    assert "Look again." in page
    assert "was sent back to First" in client.get(f"/runs/{review.run_id}/?events=all").content.decode()
