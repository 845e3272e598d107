"""Drafts: what people edit before it is published. One a workflow; whoever comes too late loses nothing."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

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
    source = _fit(source)
    draft = held(pk)
    if draft.source != source and draft.revision != revision:
        return Saved(draft, set_aside(draft, source, revision=revision, by=by))
    return Saved(_store(draft, source, by))


@transaction.atomic
def edit(draft: Version, source: str, *, by: User) -> Version | None:
    """Save a text that was made of a draft as it was read; None where somebody saved meanwhile: make it again."""
    now_there = held(draft.pk)
    return None if now_there.revision != draft.revision else _store(now_there, _fit(source), by)


def held(pk: int) -> Version:
    """A draft, locked until the end of the transaction; `CannotEdit` for what is none any more."""
    found = Version.objects.select_for_update(of=("self",)).select_related("workflow", "base", "edited_by")
    draft = found.filter(pk=pk).first()
    if draft is None or draft.status != VersionStatus.DRAFT:
        raise CannotEdit(_("This draft was published or put away meanwhile. Begin a new one, and take your text over."))
    return draft


def set_aside(draft: Version, source: str, *, revision: int, by: User) -> Aside:
    """Keep a text that cannot be saved, since somebody else had saved meanwhile."""
    return Aside.objects.create(version=draft, source=_fit(source), revision=max(revision, 0), by=by)


def _fit(source: str) -> str:
    """A text as it can be kept; line ends are of one kind."""
    if len(source.encode("utf-8", "replace")) > LARGEST:
        raise CannotEdit(_("The document would be larger than %d kB, so it was not saved.") % (LARGEST // 1024))
    return str(clean(source.replace("\r\n", "\n"))[0])


def _store(draft: Version, source: str, by: User) -> Version:
    if draft.source == source:
        return draft
    _note(draft, by)
    draft.source, draft.edited_by, draft.edited_at = source, by, now()
    draft.revision += 1
    draft.save(update_fields=["source", "revision", "edited_by", "edited_at"])
    return draft


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
    draft = held(pk)
    record("version.discarded", draft, actor=person(by), body={"revision": draft.revision})
    draft.delete()
