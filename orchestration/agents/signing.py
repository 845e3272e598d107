"""A version of an agent: one person proposes its text as it stands, another one signs exactly that."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import acts, proposals
from audit.actors import person
from audit.canonical import digest
from audit.ledger import record
from audit.models import Proposal, User
from audit.moves import move
from audit.states import ProposalStatus
from orchestration import documents
from orchestration.agents import text
from orchestration.agents.keeping import held
from orchestration.catalog.changing import CHANGE, CannotChange, may_change, refuse_others
from orchestration.catalog.looking import forget
from orchestration.catalog.tooling import as_text
from orchestration.documents import BadDocument
from orchestration.explain import watched
from orchestration.models import Agent, AgentVersion
from orchestration.sights import may_see_agents
from orchestration.states import AgentStatus

ACT = "agent.approve"
LABELS: dict[str, str | Promise] = {
    "model": gettext_lazy("Model"),
    "routing": gettext_lazy("Routing"),
    "prompt": gettext_lazy("What it is told"),
    "tools": gettext_lazy("May call"),
    "workers": gettext_lazy("Agents that work for it"),
    "call_review": gettext_lazy("Who looks at its calls"),
    "asks": gettext_lazy("Whom it may ask"),
    "talks": gettext_lazy("It talks with people"),
    "output": gettext_lazy("What it gives"),
    "confidence": gettext_lazy("How sure it is"),
    "limits": gettext_lazy("Limits"),
    "ceiling": gettext_lazy("May be given, at the most"),
    "metrics": gettext_lazy("Success metrics"),
}
SAYS: dict[str, Callable[[Any], str]] = {"call_review": watched.calls}  # in sentences; the others as they stand


@transaction.atomic
def propose(pk: int, *, by: User) -> Proposal:
    """Put its text to a second person, as the next version.

    Raises `CannotChange` with what is wrong, `NotAllowed`, `proposals.CannotPropose`.
    """
    refuse_others(by)
    row = held(pk)
    if found := text.problems(row.source):
        raise CannotChange([("source", _told(one)) for one in found])
    if row.current is not None and row.current.hash == documents.fingerprint(text.read(row.source)):
        raise CannotChange([("", _("It says what version %d says, which is signed.") % row.current.number)])
    words = {"name": row.name, "number": _next(row)}
    return proposals.propose(
        ACT,
        row.pk,
        told=lambda: _("Let steps use the agent %(name)s in its version %(number)d") % words,
        by=by,
        labels={"name": row.name},
    )


def facts_of(said: Mapping[str, Any]) -> acts.Facts:
    """What a version says, in the reader's words."""
    return [(str(label), SAYS.get(name, _said)(said[name])) for name, label in LABELS.items() if name in said]


def open_proposal(row: Agent) -> Proposal | None:
    """What waits for a signature."""
    found = Proposal.objects.filter(act=ACT, object_id=str(row.pk), status=ProposalStatus.OPEN)
    return found.select_related("proposer").first()


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(value) or _("none")
    if isinstance(value, dict) and all(isinstance(one, str | int | float) for one in value.values()):
        return ", ".join(f"{name}: {one}" for name, one in value.items())
    return str(value) if isinstance(value, str) else as_text(value)


def _told(problem: documents.Problem) -> str:
    return _("Line %(line)d: %(told)s") % {"line": max(problem.line, 1), "told": str(problem)}


def _next(row: Agent) -> int:
    return row.current.number + 1 if row.current is not None else 1


@acts.register
class ApproveAgent(acts.Act):
    """A second person's word for a version of an agent."""

    name = ACT
    object_type = "agent"

    def called(self) -> str:
        """The act in a few words."""
        return _("A version of an agent")

    def follows(self) -> str:
        """What it comes to."""
        return _("Steps may use this version. Workflows that are published already keep the version that they have.")

    def stands(self, object_id: str, *, hold: bool = False) -> acts.Standing | None:
        """Its text; whoever changed it last is not the second person."""
        row = _found(object_id, hold=hold)
        if row is None:
            return None
        try:
            said = text.read(row.source)
        except BadDocument:
            said = {}
        facts = [(_("Agent"), row.name), (_("Purpose"), row.purpose), (_("Version"), str(_next(row))), *facts_of(said)]
        content = {"agent": row.name, "source": row.source, "number": _next(row)}
        return acts.Standing(digest(content), facts, frozenset({row.edited_by_id} - {None}))  # type: ignore[arg-type]

    def may_sign(self, user: User, proposal: Proposal) -> bool:
        """Admins."""
        return may_change(user.pk)

    def carry_out(self, proposal: Proposal, *, by: User) -> None:
        """The text becomes the newest version. An agent that is off stays off."""
        row = held(int(proposal.object_id))
        try:
            said = text.read(row.source)
        except BadDocument as error:
            raise proposals.CannotCarryOut(_("It cannot be used any more as it is written: %s") % error) from error
        version = AgentVersion.objects.create(
            agent=row,
            number=_next(row),
            source=row.source,
            document=said,
            hash=documents.fingerprint(said),
            proposed_by=proposal.proposer,
            signed_by=by,
        )
        told: dict[str, Any] = {
            "body": {"version": version.number, "proposer": proposal.proposer_id},
            "content_hash": version.hash,
        }
        if row.status == AgentStatus.PROPOSED:
            move(row, AgentStatus.APPROVED, actor=person(by), told=told, current=version)
        else:
            Agent.objects.filter(pk=row.pk).update(current=version)
            record("agent.signed", row, actor=person(by), **told)
        forget()
        transaction.on_commit(forget)

    def seen_by(self, user: User) -> Q:
        """Whoever may look at the agents."""
        return Q() if may_see_agents(user) else Q(pk__in=[])

    def signable_by(self, user: User) -> Q | None:
        """For admins: what they did not change last themselves."""
        if not user.has_perm(CHANGE):
            return None
        own = Agent.objects.filter(edited_by=user).order_by()
        return ~Q(object_id__in=own.annotate(key=Cast("pk", TextField())).values("key"))

    def address(self, proposal: Proposal) -> str:
        """The agent's page."""
        name = Agent.objects.filter(pk=int(proposal.object_id)).values_list("name", flat=True).first()
        return reverse("agent", args=[name]) if name else ""


def _found(object_id: str, *, hold: bool = False) -> Agent | None:
    rows = Agent.objects.select_for_update(of=("self",)) if hold else Agent.objects.all()
    return rows.select_related("current").filter(pk=object_id).first() if object_id.isdecimal() else None
