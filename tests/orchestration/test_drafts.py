"""Drafts and their publishing: who saves too late loses nothing, and only what is ready goes live."""

from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from audit.models import Event
from orchestration import drafts, publishing
from orchestration.models import Aside, Version, Workflow
from orchestration.publishing import CannotPublish
from orchestration.readiness import NotReady
from orchestration.states import VersionStatus
from tests.cast import Cast
from tests.flow.drawn import publish, step

pytestmark = pytest.mark.django_db

SAMPLE = Path("orchestration/templates/answer_a_customer.yaml").read_text()


@pytest.fixture
def workflow(cast: Cast) -> Workflow:
    """One that is published, without a draft."""
    return publish(cast, step("a"))


def test_a_draft_begins_as_the_current_version(cast: Cast, workflow: Workflow) -> None:
    draft = drafts.draft_of(workflow, by=cast.adam)
    assert (draft.status, draft.number, draft.revision) == (VersionStatus.DRAFT, None, 0)
    assert workflow.current
    assert draft.source == workflow.current.source
    assert drafts.draft_of(workflow, by=cast.rita) == draft
    assert Event.objects.filter(kind="version.draft", object_id=str(draft.pk)).count() == 1


def test_the_database_refuses_a_second_draft(cast: Cast, workflow: Workflow) -> None:
    drafts.draft_of(workflow, by=cast.adam)
    with pytest.raises(IntegrityError), transaction.atomic():
        Version.objects.create(workflow=workflow, source="")


def test_a_broken_text_is_saved_as_it_is(cast: Cast, workflow: Workflow) -> None:
    draft = drafts.draft_of(workflow, by=cast.adam)
    saved = drafts.save(draft.pk, "steps: [", revision=0, by=cast.adam).draft
    assert (saved.source, saved.revision, saved.edited_by) == ("steps: [", 1, cast.adam)


def test_who_saves_on_an_older_revision_loses_nothing(cast: Cast, workflow: Workflow) -> None:
    draft = drafts.draft_of(workflow, by=cast.adam)
    drafts.save(draft.pk, "name: Adam's", revision=0, by=cast.adam)
    late = drafts.save(draft.pk, "name: Mina's", revision=0, by=cast.mina)
    assert late.draft.source == "name: Adam's"
    assert late.aside
    assert (late.aside.source, late.aside.by) == ("name: Mina's", cast.mina)
    taken = drafts.take(late.aside, by=cast.mina, revision=1)
    assert taken.draft.source == "name: Mina's"
    assert not Aside.objects.filter(closed_at=None).exists()


def test_one_spell_of_edits_is_one_entry(cast: Cast, workflow: Workflow) -> None:
    draft = drafts.draft_of(workflow, by=cast.adam)
    for revision in range(5):
        drafts.save(draft.pk, f"name: {revision}", revision=revision, by=cast.adam)
    drafts.save(draft.pk, "name: else", revision=5, by=cast.mina)
    assert Event.objects.filter(kind="version.edited").count() == 2


def test_a_text_that_is_too_long_is_refused(cast: Cast, workflow: Workflow) -> None:
    draft = drafts.draft_of(workflow, by=cast.adam)
    with pytest.raises(drafts.CannotEdit, match="512 kB"):
        drafts.save(draft.pk, "x" * 600_000, revision=0, by=cast.adam)


def test_what_is_not_ready_is_not_published(cast: Cast, workflow: Workflow) -> None:
    draft = drafts.draft_of(workflow, by=cast.adam)
    with pytest.raises(NotReady):
        publishing.publish(draft.pk, revision=0, by=cast.adam)
    draft.refresh_from_db()
    assert draft.status == VersionStatus.DRAFT


def test_only_who_manages_it_publishes(cast: Cast, workflow: Workflow) -> None:
    draft = drafts.draft_of(workflow, by=cast.adam)
    with pytest.raises(CannotPublish, match="may not"):
        publishing.publish(draft.pk, revision=0, by=cast.noah)
    with pytest.raises(CannotPublish, match="changed meanwhile"):
        publishing.publish(draft.pk, revision=7, by=cast.adam)
