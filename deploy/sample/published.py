"""Publishing the sample's workflows as everybody does: drafts, test cases, readiness, second signatures."""

from django.contrib.auth.models import Group

from audit import proposals
from audit.actors import person
from audit.grants import grant
from audit.models import Proposal, User
from orchestration import documents, drafts, publishing, waived, waivers
from orchestration.beginnings import begin_workflow
from orchestration.documents.outline import Spec, walk
from orchestration.dry import cases
from orchestration.models import Version, Workflow


def publish(slug: str, source: str, *, by: User, second: User, instead_of: str = "") -> None:
    """Publish a document, `second` signing what wants two people.

    What is published under that slug already stays as it is, unless its text is the one that this stands `instead_of`.
    """
    workflow = Workflow.objects.select_related("current").filter(slug=slug).first()
    current = workflow.current if workflow else None
    if current is not None and (source == current.source or instead_of != current.source):
        return
    said = documents.read(source)
    draft = _begun(said, source, by) if workflow is None else _saved(workflow, source, by)
    _have_waivers_signed(draft, said, by, second)
    cases.run_all(draft, by=by, afresh=False)
    came_to = publishing.publish(draft.pk, revision=draft.revision, by=by)
    if isinstance(came_to, Proposal):
        proposals.countersign(came_to.pk, by=second, shown_hash=came_to.content_hash)


def _begun(said: Spec, source: str, by: User) -> Version:
    """A new workflow; those who will manage it do so from the beginning, so that they can sign."""
    draft = begin_workflow(
        slug=said["slug"],
        name=said["name"],
        purpose=said["purpose"],
        risk=said["risk"],
        owner=by,
        by=by,
        source=source,
    )
    for group in Group.objects.filter(name__in=said["groups"]["manage"]):
        grant("manage_workflow", group, draft.workflow, actor=person(by))
    return draft


def _saved(workflow: Workflow, source: str, by: User) -> Version:
    draft = drafts.draft_of(workflow, by=by)
    drafts.save(draft.pk, source, revision=draft.revision, by=by)
    draft.refresh_from_db()
    return draft


def _have_waivers_signed(draft: Version, said: Spec, by: User, second: User) -> None:
    signed = waivers.signatures(draft.workflow.slug)
    for placed in walk(said):
        waiver = waived.read(placed.spec.get("review", {}))
        if waiver is None or signed(draft.workflow.slug, placed.key, waiver.content_hash):
            continue
        asked = waivers.ask(draft.workflow, placed.key, waiver.reason, waiver.until, by=by)
        proposals.countersign(asked.pk, by=second, shown_hash=asked.content_hash)
