"""The page that takes a file over, in two steps without JavaScript, and the download."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from orchestration import drafts
from orchestration.models import Version, Workflow
from tests.cast import Cast
from tests.exchange.test_round_trip import SAMPLE, file_of
from tests.orchestration.drafting import EVERY_KIND

pytestmark = pytest.mark.django_db
IMPORT, EXPORT = "/workflows/import/", "/workflows/answer-a-customer/export/"


@pytest.fixture
def adam(cast: Cast, client: Client) -> Client:
    """Adam, signed in."""
    client.force_login(cast.adam)
    return client


def chosen(raw: bytes) -> dict[str, SimpleUploadedFile]:
    """A form with that file."""
    return {"file": SimpleUploadedFile("a.yaml", raw)}


def test_a_file_is_looked_at_and_then_taken_over(adam: Client) -> None:
    raw = file_of(EVERY_KIND.replace("\n", "\r\n"))
    seen = adam.post(IMPORT, chosen(raw))
    assert seen.status_code == 200
    assert Workflow.objects.count() == 1
    given = {name: seen.context[name] for name in ("raw", "token", "slug")} | {"act": "take", "where": "new"}
    done = adam.post(IMPORT, given)
    assert done.status_code == 303
    assert adam.post(IMPORT, given)["Location"] == done["Location"]
    draft = Version.objects.get(number=None)
    assert draft.source == EVERY_KIND.replace("\n", "\r\n")
    assert adam.get(done["Location"]).status_code == 200
    assert adam.get(f"/workflows/{draft.workflow.slug}/export/").content == raw


def test_a_text_is_pasted(adam: Client) -> None:
    seen = adam.post(IMPORT, {"text": file_of(EVERY_KIND).decode().replace("\n", "\r\n")})
    assert seen.context["sent"].source == EVERY_KIND


def test_a_slug_that_is_taken_is_told_with_everything_kept(adam: Client) -> None:
    seen = adam.post(IMPORT, chosen(file_of(SAMPLE)))
    assert "There is a workflow “answer-a-customer” here already" in seen.content.decode()
    assert seen.context["slug"] == "answer-a-customer-2"
    given = {"raw": seen.context["raw"], "act": "take", "where": "new", "slug": "answer-a-customer"}
    again = adam.post(IMPORT, given)
    assert (again.status_code, again.context["raw"]) == (409, given["raw"])
    assert adam.post(IMPORT, {**given, "slug": "Über uns"}).status_code == 409
    assert adam.post(IMPORT, {**given, "slug": "new"}).status_code == 409
    assert Workflow.objects.count() == 1
    assert adam.post(IMPORT, {**given, "where": "into"}).status_code == 303
    assert adam.post(IMPORT, {**given, "where": "into"}).status_code == 409


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"text": "handrail: 1\n---\nslug: ["},
        {"text": "\x00"},
        {"act": "take", "raw": "%%%"},
        {"act": "take", "raw": ""},
        {"act": "take", "raw": "aGFuZHJhaWw="},
        chosen(b"\xff\xfe"),
        chosen(b"x" * 5_000_000),
    ],
)
def test_what_is_broken_is_told_and_nothing_is_made(adam: Client, given: dict[str, str]) -> None:
    answer = adam.post(IMPORT, given)
    assert answer.status_code == 422
    assert "Nothing was imported" in answer.content.decode()
    assert Workflow.objects.count() == 1


def test_whoever_may_not_is_refused(cast: Cast, client: Client) -> None:
    client.force_login(cast.rita)
    assert client.get(IMPORT).status_code == 403
    assert client.post(IMPORT, {"text": file_of(EVERY_KIND).decode()}).status_code == 403
    assert client.get(EXPORT).status_code == 403


def test_a_version_by_its_number_and_the_draft_are_downloaded(adam: Client, cast: Cast) -> None:
    answer = adam.get(EXPORT + "?version=1")
    assert answer["Content-Disposition"] == 'attachment; filename="answer-a-customer-1.handrail.yaml"'
    assert answer.content.decode().endswith(cast.version.source)
    assert adam.get(EXPORT + "?version=draft").status_code == 404
    drafts.draft_of(cast.workflow, by=cast.adam)
    assert adam.get(EXPORT + "?version=draft").status_code == 200
    for odd in ("2", "x", "-1", "9" * 30):
        assert adam.get(EXPORT, {"version": odd}).status_code == 404
