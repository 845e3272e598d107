"""Drafts: what people edit before it is published. One a workflow; whoever comes too late loses nothing."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from audit.actors import person
from audit.canonical import clean
from audit.clock_time import HandrailNow, now
from audit.ledger import record
from audit.models import User
from audit.moves import begin
from orchestration.documents import LARGEST
from orchestration.models import Aside, Version, Workflow
from orchestration.states import VersionStatus

APART = timedelta(minutes=10)  # between two entries of the ledger about one person's edits


class CannotEdit(Exception):
    """The draft was not saved: a sentence that says why."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What a save came to. `aside` is set where somebody else had saved meanwhile: then the draft is as it was."""

    draft: Version
    aside: Aside | None = None


@transaction.atomic
def draft_of(workflow: Workflow, *, by: User, base: Version | None = None) -> Version:
    """The draft of a workflow; where there is none, one is made from `base`, else from the current version."""
    Workflow.objects.select_for_update(of=("self",)).get(pk=workflow.pk)
    if (found := workflow.versions.filter(status=VersionStatus.DRAFT).first()) is not None:
        return found
    base = base or workflow.current
    draft = Version(workflow=workflow, source=base.source if base else "", base=base, created_by=by)
    begin(draft, actor=person(by), body={"from": base.number if base else 0})
    return draft


@transaction.atomic
def save(pk: int, source: str, *, revision: int, by: User) -> Saved:
    """Save a draft's text, written on that revision. What was written on an older one is kept aside.

    Raises `CannotEdit` for a text that is too long, or a version that is no draft any more.
    """
    if len(source.encode("utf-8", "replace")) > LARGEST:
        raise CannotEdit(f"The document would be larger than {LARGEST // 1024} kB, so it was not saved.")
    source = str(clean(source)[0])
    draft = Version.objects.select_for_update(of=("self",)).select_related("workflow").get(pk=pk)
    if draft.status != VersionStatus.DRAFT:
        raise CannotEdit("This draft was published meanwhile. Begin a new one, and take your text over.")
    if draft.source == source:
        return Saved(draft)
    if draft.revision != revision:
        return Saved(draft, Aside.objects.create(version=draft, source=source, revision=revision, by=by))
    _note(draft, by)
    draft.source, draft.edited_by, draft.edited_at = source, by, now()
    draft.revision += 1
    draft.save(update_fields=["source", "revision", "edited_by", "edited_at"])
    return Saved(draft)


def _note(draft: Version, by: User) -> None:
    """An entry in the ledger for each person's spell of edits, not for each save."""
    last = draft.edited_at
    if draft.edited_by_id != by.pk or last is None or now() - last > APART:
        record("version.edited", draft, actor=person(by), body={"revision": draft.revision + 1})


@transaction.atomic
def take(aside: Aside, *, by: User, revision: int) -> Saved:
    """Put what was kept aside into the draft, in the place of what stands there now."""
    saved = save(aside.version_id, aside.source, revision=revision, by=by)
    if saved.aside is None:
        drop(aside)
    return saved


def drop(aside: Aside) -> None:
    """What was kept aside is wanted no more."""
    Aside.objects.filter(pk=aside.pk, closed_at=None).update(closed_at=HandrailNow())


@transaction.atomic
def discard(pk: int, *, by: User) -> None:
    """Put a draft away: its text is gone from the workflow, and that it was stays in the ledger."""
    draft = Version.objects.select_for_update(of=("self",)).select_related("workflow").get(pk=pk)
    if draft.status != VersionStatus.DRAFT:
        raise CannotEdit("This draft was published meanwhile.")
    record("version.discarded", draft, actor=person(by), body={"revision": draft.revision})
    draft.delete()
