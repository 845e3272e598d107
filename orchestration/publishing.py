"""Publishing a draft: only what is ready, only by who manages it, and by two where the workspace says so."""

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from audit import acts, proposals
from audit.actors import person
from audit.canonical import digest
from audit.models import Proposal, User
from orchestration import documents, managers, publishing_rules, readiness, rights, workflows
from orchestration.documents import BadDocument, laid
from orchestration.dry import cases
from orchestration.models import Version, Workflow
from orchestration.policies.asking import Asked
from orchestration.readiness import NotReady
from orchestration.states import VersionStatus

ACT = "version.publish"


class CannotPublish(Exception):
    """Nothing was published: a sentence that says why."""


class RuleSaysNo(CannotPublish):
    """A rule forbids it: its sentence."""

    def __init__(self, said: Asked, told: str = "") -> None:
        super().__init__(told or said.verdict.why)
        self.said = said


def publish(pk: int, *, revision: int, by: User, acknowledged: Collection[str] = ()) -> Version | Proposal:
    """Publish a draft as it stood at `revision`, its test cases run; or put it to a second person, where one is wanted.

    `acknowledged` are the keys of the warnings that `by` has read. Raises `NotReady` with what is missing,
    `CannotPublish` for whoever may not or came too late.
    """
    drafted = Version.objects.select_related("workflow").filter(pk=pk, status=VersionStatus.DRAFT).first()
    cases.run_all(_refuse_unless_allowed(drafted, by), by=by)  # these results stay, whatever comes of the rest
    try:
        return _publish(pk, revision, by, acknowledged)
    except RuleSaysNo as error:
        publishing_rules.keep(error.said)  # nothing is published, and that a rule said so is kept
        raise


@transaction.atomic
def _publish(pk: int, revision: int, by: User, acknowledged: Collection[str]) -> Version | Proposal:
    draft = _refuse_unless_allowed(_held(pk), by)
    if draft.revision != revision:
        raise CannotPublish(_("The draft was changed meanwhile. Look at it again, then publish."))
    report = readiness.check(draft)
    readiness.refuse_unless_ready(report, acknowledged)
    draft.readiness = report.as_json(acknowledged)
    draft.save(update_fields=["readiness"])
    document = documents.read(draft.source)
    said = publishing_rules.ask(draft, document, by)
    verdict = said.verdict
    if verdict.denies:
        raise RuleSaysNo(said)
    if told := publishing_rules.too_many(verdict):
        raise RuleSaysNo(said, told)
    publishing_rules.keep(said)
    if proposals.wants_second(str(document["risk"])) or verdict.asks:
        managers.let_managers_in(draft.workflow, document, actor=person(by))
        name = draft.workflow.name
        labels = {"workflow": name}
        return proposals.propose(
            ACT,
            draft.pk,
            told=lambda: _("Publish %s as its newest version.") % name,
            by=by,
            workflow_id=draft.workflow_id,
            labels=labels,
        )
    return workflows.publish(draft.source, actor=person(by), by=by, draft=draft)


def _refuse_unless_allowed(draft: Version | None, by: User) -> Version:
    if draft is None:
        raise CannotPublish(_("This draft was published or put away meanwhile."))
    if "manage" not in rights.afresh(by.pk, draft.workflow_id).may:
        raise CannotPublish(_("You may see this workflow, and you may not publish it."))
    return draft


def _ask_again(draft: Version, proposal: Proposal, signer: User) -> None:
    """The rules once more, just before it is published: they may be others by now, and name who has to sign."""
    said = publishing_rules.ask(draft, documents.read(draft.source), proposal.proposer)
    told = said.verdict.why if said.verdict.denies else publishing_rules.unmet(said.verdict, signer)
    if told:
        raise proposals.CannotCarryOut(told, lambda: publishing_rules.keep(said))
    publishing_rules.keep(said)


def wants_second(draft: Version) -> bool:
    """Whether publishing this draft takes a second person."""
    return proposals.wants_second(str(documents.sketch(draft.source).document["risk"]))


def _held(pk: int) -> Version | None:
    """A draft, locked until the end of the transaction."""
    found = Version.objects.select_for_update(of=("self",)).select_related("workflow__current")
    return found.filter(pk=pk, status=VersionStatus.DRAFT).first()


@acts.register
class PublishVersion(acts.Act):
    """A second person's word for a new version."""

    name = ACT
    object_type = "version"

    def called(self) -> str:
        """The act in a few words."""
        return _("A new version of a workflow")

    def follows(self) -> str:
        """What it comes to."""
        return _("New runs follow this version at once. Runs that are under way stay on theirs.")

    def stands(self, object_id: str, *, hold: bool = False) -> acts.Standing | None:
        """The draft's text; whoever edited it last is not the second person."""
        found = Version.objects.select_related("workflow__current", "edited_by")
        found = found.select_for_update(of=("self",)) if hold else found
        draft = found.filter(pk=object_id, status=VersionStatus.DRAFT).first() if object_id.isdecimal() else None
        if draft is None:
            return None
        facts = [
            (_("Workflow"), draft.workflow.name),
            (_("Follows version"), str(draft.workflow.current.number) if draft.workflow.current else _("none")),
            (_("Last edited by"), str(draft.edited_by or draft.created_by or "")),
            (_("Warnings acknowledged"), ", ".join((draft.readiness or {}).get("acknowledged", [])) or _("none")),
        ]
        barred = frozenset({draft.edited_by_id or draft.created_by_id} - {None})
        content: dict[str, Any] = {"source": draft.source}
        if pinned := laid.pins(draft.source):
            content["agents"] = pinned  # what is signed holds no newer version of an agent
            facts.append((_("Agents"), ", ".join(pinned)))
        return acts.Standing(digest(content), facts, barred)  # type: ignore[arg-type]

    def may_sign(self, user: User, proposal: Proposal) -> bool:
        """Those who manage the workflow."""
        return proposal.workflow_id is not None and "manage" in rights.afresh(user.pk, proposal.workflow_id).may

    def signable_by(self, user: User) -> Q | None:
        """Those of the workflows that one manages and whose draft somebody else edited last."""
        managed = Workflow.objects.ids_allowed(user, "manage")
        if not managed:
            return None
        own = Version.objects.filter(workflow__in=managed, status=VersionStatus.DRAFT, edited_by=user)
        return Q(workflow_id__in=managed) & ~Q(workflow_id__in=own.order_by().values("workflow_id"))

    def carry_out(self, proposal: Proposal, *, by: User) -> None:
        """Publish it for whoever proposed it, if it is still ready with the warnings that were acknowledged."""
        draft = _held(int(proposal.object_id))
        assert draft is not None  # it was held when its hash was compared
        known: dict[str, Any] = draft.readiness or {}
        cases.run_all(draft, by=by, afresh=False)
        try:
            readiness.refuse_unless_ready(readiness.check(draft), known.get("acknowledged", ()))
            _ask_again(draft, proposal, by)
            actor = person(by).acting_for("person", proposal.proposer_id)
            workflows.publish(draft.source, actor=actor, by=proposal.proposer, draft=draft)
        except (NotReady, BadDocument) as error:
            raise proposals.CannotCarryOut(_("It is not ready any more: %s") % error) from error

    def address(self, proposal: Proposal) -> str:
        """The workflow's page."""
        drafted = Version.objects.filter(pk=int(proposal.object_id)).values_list("workflow__slug", flat=True).first()
        return reverse("workflow", args=[drafted]) if drafted else ""
