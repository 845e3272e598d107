"""The pages of a draft: written, saved, published and compared through their addresses alone."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from audit.models import Event, Proposal
from orchestration import drafts
from orchestration.documents.outline import walk
from orchestration.models import Aside, Version, Workflow
from orchestration.states import VersionStatus
from tests.cast import Cast
from tests.pages.conftest import Look

pytestmark = pytest.mark.django_db

EDITOR = "/workflows/answer-a-customer/draft/"


def client_of(user: Any) -> Client:
    """Somebody's browser."""
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def adam(cast: Cast) -> Client:
    """Adam, who has begun a draft."""
    client = client_of(cast.adam)
    assert client.post(f"{EDITOR}begin/").status_code == 303
    return client


def text() -> str:
    """The text of the one draft."""
    return Version.objects.get(status=VersionStatus.DRAFT).source


def test_reading_the_editor_begins_nothing(cast: Cast) -> None:
    assert client_of(cast.adam).get(EDITOR).status_code == 303
    assert not Version.objects.filter(status=VersionStatus.DRAFT).exists()


def test_a_field_is_saved_by_its_form(adam: Client) -> None:
    answer = adam.post(f"{EDITOR}save/", {"step": "triage", "field": "name", "name": "Sort", "was.name": '"Triage"'})
    assert answer.status_code == 303
    assert "name: Sort" in text()
    assert "Sort" in adam.get(answer["Location"]).content.decode()


def test_what_is_wrong_stands_beside_its_field_as_it_was_typed(adam: Client) -> None:
    before = text()
    answer = adam.post(f"{EDITOR}save/", {"step": "triage", "field": "limits", "limits.seconds": "soon"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="soon"' in page
    assert "soon is no number." in page
    assert text() == before


def test_a_step_is_added_moved_and_removed_without_script(adam: Client) -> None:
    adam.post(f"{EDITOR}save/", {"step": "triage", "do": "add", "kind": "wait", "where": "after:triage"})
    draft = Version.objects.get(status=VersionStatus.DRAFT)
    assert "key: wait" in draft.source
    adam.post(f"{EDITOR}save/", {"step": "wait", "do": "up:wait"})
    assert text().index("key: wait") < text().index("key: triage")
    adam.post(f"{EDITOR}save/", {"step": "wait", "do": "remove:wait"})
    assert "key: wait" not in text()


def test_what_was_typed_is_saved_before_a_step_is_added(adam: Client) -> None:
    form = {"step": "triage", "field": "name", "name": "Sort", "was.name": '"Triage"'}
    adam.post(f"{EDITOR}save/", form | {"do": "add", "kind": "wait", "where": "after:triage"})
    assert "name: Sort" in text()
    assert "key: wait" in text()


def test_a_broken_text_is_kept_and_told_by_line(adam: Client) -> None:
    answer = adam.post(f"{EDITOR}save/", {"view": "yaml", "source": "name: x\nsteps: [\n", "revision": "0"})
    page = adam.get(answer["Location"]).content.decode()
    assert text() == "name: x\nsteps: [\n"
    assert "The text cannot be read" in page
    assert 'data-line="2"' in page


def test_who_saves_the_text_too_late_finds_it_beside_the_draft(cast: Cast, adam: Client) -> None:
    before = text()
    adam.post(f"{EDITOR}save/", {"view": "yaml", "source": before + "# first\n", "revision": "0"})
    late = adam.post(f"{EDITOR}save/", {"view": "yaml", "source": before + "# late\n", "revision": "0"}, follow=True)
    aside = Aside.objects.get()
    assert "# first" in text()
    assert f"/asides/{aside.pk}/" in late.content.decode()
    shown = adam.get(f"/asides/{aside.pk}/").content.decode()
    assert "<ins># late" in shown
    revision = str(aside.version.revision)
    adam.post(f"/asides/{aside.pk}/", {"do": "take", "revision": revision})
    assert "# late" in text()
    assert not Aside.objects.filter(closed_at=None).exists()


def test_a_draft_that_was_put_away_meanwhile_loses_nothing(adam: Client) -> None:
    adam.post(f"{EDITOR}discard/")
    answer = adam.post(f"{EDITOR}save/", {"view": "yaml", "source": "# my words", "revision": "0"})
    assert answer.status_code == 409
    assert "# my words" in answer.content.decode()
    assert Event.objects.filter(kind="version.discarded").count() == 1


@pytest.mark.parametrize(
    "nonsense",
    [
        {},
        {"step": "no-such", "field": "name", "name": "x"},
        {"step": "triage", "field": ["name"] * 1000, "name": "\x00"},
        {"step": "triage", "field": "input", "input.name": ["a"] * 300, "input.value": ["b"] * 300},
        {"step": "triage", "field": "review", "review.mode": "sideways"},
        {"step": "triage", "field": "output", "output.yaml": "a: [" * 200},
        {"step": "triage", "do": "explode"},
        {"step": "triage", "do": "add", "kind": "rocket", "where": "moon"},
        {"step": "triage", "do": "move:triage", "to": "in:triage:99"},
        {"view": "yaml", "source": "x" * 600_000, "revision": "0"},
        {"view": "yaml", "source": "a: 1", "revision": "-1"},
        {"view": "yaml", "source": "\x00\x1b\u202e", "revision": "1e9"},
        {"step": "triage", "field": "name", "was.name": "{" * 5000, "name": "x"},
    ],
)
def test_nonsense_gets_an_answer(adam: Client, nonsense: dict[str, Any]) -> None:
    assert adam.post(f"{EDITOR}save/", nonsense).status_code in {200, 303, 409, 422, 400, 413}
    assert adam.get(EDITOR).status_code == 200


def test_the_page_takes_as_many_queries_for_sixty_steps_as_for_four(cast: Cast, adam: Client, look: Look) -> None:
    few = look(cast.adam, EDITOR).queries
    source = text()
    start = source.index("  - key: triage")
    end = source.index("  - key: draft")
    one = source[start:end]
    more = "".join(one.replace("key: triage", f"key: triage_{n}") for n in range(56))
    draft = Version.objects.get(status=VersionStatus.DRAFT)
    drafts.save(draft.pk, source[:start] + more + source[start:], revision=draft.revision, by=cast.adam)
    seen = look(cast.adam, EDITOR)
    assert len(list(walk(seen.context["draft"].document or {"steps": []}))) == 0
    assert seen.html.count("data-step=") == 60
    assert seen.queries <= few


def test_versions_are_compared_word_by_word(cast: Cast, adam: Client) -> None:
    form = {
        "step": "triage",
        "field": "purpose",
        "purpose": "Find out at once what it is.",
        "was.purpose": '"Find out what the question is about."',
    }
    adam.post(f"{EDITOR}save/", form)
    number = cast.version.number
    page = adam.get(f"/workflows/answer-a-customer/compare/?from={number}&to=draft").content.decode()
    assert "<ins>" in page
    assert client_of(cast.rita).get("/workflows/answer-a-customer/compare/?to=draft").status_code == 404


def test_an_older_version_is_restored_as_a_draft(cast: Cast) -> None:
    client = client_of(cast.adam)
    first = Version.objects.get(number=1)
    client.post(f"{EDITOR}begin/", {"from": "1"})
    draft = Version.objects.get(status=VersionStatus.DRAFT)
    assert (draft.source, draft.base) == (first.source, first)
    again = client.post(f"{EDITOR}begin/", {"from": "1"}, follow=True)
    assert "There is a draft already." in again.content.decode()
    assert client.post(f"{EDITOR}begin/", {"from": "99"}).status_code == 404


def test_a_workflow_is_retired_for_a_reason_and_used_again(cast: Cast) -> None:
    client = client_of(cast.adam)
    client.post("/workflows/answer-a-customer/retire/", {"why": ""})
    assert Workflow.objects.get(slug="answer-a-customer").status == "active"
    client.post("/workflows/answer-a-customer/retire/", {"why": "We stop."})
    assert Workflow.objects.get(slug="answer-a-customer").status == "retired"
    client.post("/workflows/answer-a-customer/use/")
    assert Workflow.objects.get(slug="answer-a-customer").status == "active"


def test_from_nothing_to_published(cast: Cast) -> None:
    """A new workflow through its pages: begun, given an input, made ready, its warning acknowledged, published."""
    cast.adam.groups.add(Group.objects.get(name="admin"))
    client = client_of(cast.adam)
    made = client.post("/workflows/new/", {"name": "Örtliche Prüfung", "purpose": "To be checked."})
    assert made.status_code == 303, made.content.decode()[-2000:]
    assert made["Location"].startswith("/workflows/ortliche-prufung/draft/")
    editor = "/workflows/ortliche-prufung/draft/"
    page = client.get(f"{editor}publish/").content.decode()
    assert "It cannot be published yet" in page or "Publish it" in page
    workflow = Workflow.objects.get(slug="ortliche-prufung")
    draft = workflow.versions.get()
    answer = client.post(f"{editor}publish/", {"revision": str(draft.revision)})
    if answer.status_code == 422:
        keys = [one.key for one in answer.context["report"].warnings]
        assert not answer.context["report"].blocking, answer.context["report"].blocking
        answer = client.post(f"{editor}publish/", {"revision": str(draft.revision), "acknowledged": keys})
    assert answer.status_code == 303
    workflow.refresh_from_db()
    assert workflow.current == draft
    assert Version.objects.get(pk=draft.pk).readiness
    assert not Proposal.objects.exists()


def test_a_draft_cannot_become_another_workflow(cast: Cast, adam: Client) -> None:
    other = text().replace("slug: answer-a-customer", "slug: another")
    adam.post(f"{EDITOR}save/", {"view": "yaml", "source": other, "revision": "0"})
    page = adam.get(f"{EDITOR}publish/").content.decode()
    assert "called in addresses never changes" in page
    revision = Version.objects.get(status=VersionStatus.DRAFT).revision
    assert adam.post(f"{EDITOR}publish/", {"revision": str(revision)}).status_code == 422


def test_a_template_begins_as_a_draft_with_its_own_purpose(cast: Cast) -> None:
    client = client_of(cast.adam)
    page = client.get("/workflows/new/").content.decode()
    assert "Approve an invoice" in page
    made = client.post("/workflows/new/", {"name": "Our invoices", "template": "approve-an-invoice"})
    assert made.status_code == 303
    draft = Version.objects.get(workflow__slug="our-invoices")
    assert "slug: our-invoices" in draft.source
    assert "name: Our invoices" in draft.source
    assert client.post("/workflows/new/", {"name": "Nothing said"}).status_code == 422
    assert client.post("/workflows/new/", {"name": "Odd", "template": "no-such"}).status_code == 422


def test_a_waiver_of_the_draft_is_put_to_a_second_person(cast: Cast, adam: Client) -> None:
    waived = text().replace(
        "waiver: A label alone changes nothing outside.",
        "waiver: {reason: A label alone changes nothing outside., until: 2030-12-31}",
    )
    assert waived != text()
    adam.post(f"{EDITOR}save/", {"view": "yaml", "source": waived, "revision": "0"})
    assert "Ask a second person to sign" in adam.get(f"{EDITOR}publish/").content.decode()
    assert adam.post(f"{EDITOR}waiver/", {"step": "triage"}).status_code == 303
    assert Proposal.objects.get().act == "waiver.sign"
    assert adam.post(f"{EDITOR}waiver/", {"step": "send"}, follow=True).status_code == 200
    assert Proposal.objects.count() == 1
