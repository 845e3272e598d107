"""Waivers: a step may go without a review when a second person signs the reason and the last day.

Those who manage the workflow ask and sign; never the one who asked, and never the last editor of its newest version.
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Func, OuterRef, Q, Subquery, TextField, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce, Concat
from django.urls import reverse
from django.utils.translation import gettext as _

from audit import acts, dates, proposals
from audit.actors import person
from audit.clock_time import now
from audit.ledger import record
from audit.models import Proposal, User
from orchestration import documents, managers, readiness, rights, waived
from orchestration.documents import BadDocument
from orchestration.documents.outline import Spec, walk
from orchestration.models import Step, Version, WaiverSignature, Workflow
from orchestration.waived import Waiver, expired

__all__ = ["ACT", "SOON", "Waiver", "ask", "ending", "expired", "signed"]
ACT = "waiver.sign"
SOON = timedelta(days=7)
MOST = 20  # of those that end soon


class Placed(NamedTuple):
    """A step's waiver as it stands in the newest version of its workflow, which may be a draft."""

    version: Version
    step: Spec
    waiver: Waiver
    key: str  # under which it is signed: the step's, or that of its calls

    @property
    def where(self) -> str:
        """At what nobody is asked."""
        return str(self.step["name"]) if self.key == self.step["key"] else _("Calls of %s") % self.step["name"]


@transaction.atomic
def ask(workflow: Workflow, step_key: str, reason: str, until: date, *, by: User) -> Proposal:
    """Ask a second person to sign the waiver that stands at a step of the newest version, until that day.

    Raises `proposals.NotAllowed`, or `proposals.CannotPropose` with a sentence.
    """
    if "manage" not in rights.afresh(by.pk, workflow.pk).may:
        raise proposals.NotAllowed
    found = _find(workflow.pk, step_key)
    if found is None or found.waiver != (reason, until):
        told = _("The newest version of %(workflow)s holds no such waiver at %(step)s. Save it there, then ask.")
        raise proposals.CannotPropose(told % {"workflow": workflow.name, "step": step_key})
    if found.waiver.is_over(waived.today()):
        raise proposals.CannotPropose(
            _("%s has passed already. Give the waiver an end that lies ahead.") % _said(until)
        )
    if signed(workflow.pk, [found.waiver.content_hash]).get((step_key, found.waiver.content_hash)):
        raise proposals.CannotPropose(_("This waiver is signed already, and holds until %s.") % _said(until))
    names = {"step": found.where, "workflow": workflow.name}
    managers.let_managers_in(workflow, _document(found.version), actor=person(by))
    return proposals.propose(
        ACT,
        f"{workflow.pk}:{step_key}",
        told=lambda: _("No review at %(step)s of %(workflow)s until %(until)s") % {**names, "until": _said(until)},
        by=by,
        workflow_id=workflow.pk,
        labels={**names, "until": until.isoformat()},
    )


def signed(workflow_id: int, hashes: Collection[str]) -> dict[tuple[str, str], WaiverSignature]:
    """The signatures of a workflow's waivers with these hashes, by step and hash: one query."""
    rows = WaiverSignature.objects.filter(workflow=workflow_id, content_hash__in=hashes).select_related("signed_by")
    return {(row.step_key, row.content_hash): row for row in rows}


@readiness.reads_signatures
def signatures(slug: str) -> readiness.Signed:
    """Those of a workflow, for readiness: one query."""
    rows = WaiverSignature.objects.filter(workflow__slug=slug).values_list("step_key", "content_hash", "until")
    until = {(step, content_hash): day for step, content_hash, day in rows}
    return lambda workflow, step, content_hash, /: until.get((step, content_hash)) if workflow == slug else None


def ending(user: User, at: datetime | None = None) -> list[WaiverSignature]:
    """The waivers in current versions that have ended or end within seven days, where `user` manages the workflow.

    Each knows the name of its step as `step`.
    """
    managed = Workflow.objects.ids_allowed(user, "manage")
    if not managed:
        return []
    steps = Step.objects.filter(version=OuterRef("workflow__current")).annotate(
        why=KT("spec__review__waiver__reason"),
        last=KT("spec__review__waiver__until"),
        calls=Concat("key", Value("-calls"), output_field=TextField()),
        calls_why=KT("spec__call_review__waiver__reason"),
        calls_last=KT("spec__call_review__waiver__until"),
    )
    day = Func(OuterRef("until"), Value("YYYY-MM-DD"), function="to_char", output_field=TextField())
    key, why = OuterRef("step_key"), OuterRef("reason")
    stands = steps.filter(Q(key=key, why=why, last=day) | Q(calls=key, calls_why=why, calls_last=day))
    soon = WaiverSignature.objects.filter(workflow__in=managed, until__lte=waived.today(at or now()) + SOON)
    named = soon.annotate(step=Subquery(stands.values("name")[:1])).filter(step__isnull=False)
    return list(named.select_related("workflow").order_by("until", "pk")[:MOST])


def _find(workflow_id: int, step_key: str, *, hold: bool = False) -> Placed | None:
    versions = Version.objects.filter(workflow=workflow_id).select_related("workflow").order_by("-pk")
    version = (versions.select_for_update(of=("self",)) if hold else versions).first()
    document = _document(version) if version else {}
    if version is None or "steps" not in document:
        return None
    for placed in walk(document):
        waiver = waived.read(waived.places(placed.spec).get(step_key, {}))
        if waiver:
            return Placed(version, placed.spec, waiver, step_key)
    return None


def _document(version: Version) -> Spec:
    """The definition; of a draft, as far as its text can be read."""
    if version.document:
        return dict(version.document)
    try:
        return documents.sketch(version.source).document
    except BadDocument:
        return {}


@acts.register
class SignWaiver(acts.Act):
    """A second person's word for a waiver."""

    name = ACT
    object_type = "waiver"

    def called(self) -> str:
        """The act in a few words."""
        return _("A waiver of a review")

    def stands(self, object_id: str, *, hold: bool = False) -> acts.Standing | None:
        """The waiver as the newest version has it."""
        found = self._found(object_id, hold=hold)
        if found is None:
            return None
        facts = [
            (_("Workflow"), found.version.workflow.name),
            (_("Step"), found.where),
            (_("Why no review"), found.waiver.reason),
            (_("Last day"), _said(found.waiver.until)),
        ]
        return acts.Standing(found.waiver.content_hash, facts, _last_editors(found.version))

    def may_sign(self, user: User, proposal: Proposal) -> bool:
        """Those who manage the workflow."""
        return proposal.workflow_id is not None and "manage" in rights.afresh(user.pk, proposal.workflow_id).may

    def follows(self) -> str:
        """What it comes to."""
        return _(
            "A version with this waiver can be published, and nobody is asked at this step until that day is over."
        )

    def carry_out(self, proposal: Proposal, *, by: User) -> None:
        """Keep the signature, which readiness and the pages read."""
        found = self._found(proposal.object_id)
        if found is None or found.waiver.is_over(waived.today()):
            raise proposals.CannotCarryOut(_("The last day of this waiver has passed."))
        signature = WaiverSignature(
            workflow=found.version.workflow,
            step_key=found.key,
            content_hash=proposal.content_hash,
            until=found.waiver.until,
            reason=found.waiver.reason,
            proposal=proposal,
            signed_by=by,
        )
        signature.save(force_insert=True)
        body: dict[str, Any] = {"step": found.where, "until": found.waiver.until.isoformat()}
        told = {"reason": found.waiver.reason}
        record(
            "waiver.signed", signature, actor=person(by), body=body, personal=told, content_hash=proposal.content_hash
        )

    def address(self, proposal: Proposal) -> str:
        """The step on its workflow's page."""
        workflow, _colon, step = proposal.object_id.partition(":")
        slug = Workflow.objects.filter(pk=workflow).values_list("slug", flat=True).first()
        return reverse("workflow", args=[slug], query={"step": step.partition("-")[0]}) if slug else ""

    def signable_by(self, user: User) -> Q | None:
        """Those of the workflows that one manages and was not the last to edit."""
        managed = Workflow.objects.ids_allowed(user, "manage")
        if not managed:
            return None
        editor = Coalesce("edited_by", "created_by")
        newest = Version.objects.filter(workflow=OuterRef("pk")).order_by("-pk").values_list(editor)
        edited = Workflow.objects.filter(pk__in=managed).annotate(editor=Subquery(newest[:1])).filter(editor=user.pk)
        return Q(workflow_id__in=managed) & ~Q(workflow_id__in=edited.order_by().values("pk"))

    @staticmethod
    def _found(object_id: str, *, hold: bool = False) -> Placed | None:
        workflow, _colon, step = object_id.partition(":")
        return _find(int(workflow), step, hold=hold) if workflow.isdecimal() else None


def _said(day: date) -> str:
    return dates.of_year(day)


def _last_editors(version: Version) -> frozenset[int]:
    return frozenset({version.edited_by_id or version.created_by_id} - {None})  # type: ignore[arg-type]
