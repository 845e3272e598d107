"""What the signatures in the catalog have in common: a row that one person proposes and another one signs as it is."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import Q, TextField
from django.db.models.functions import Cast

from audit import acts, proposals
from audit.actors import Actor, person
from audit.ledger import record
from audit.models import Proposal, User
from audit.moves import move
from audit.states import ProposalStatus
from orchestration.catalog.changing import CHANGE, may_change
from orchestration.catalog.looking import forget
from orchestration.models import Connection, Tool
from orchestration.models.catalog import Signed

RETIRED = "retired"
PROPOSED, APPROVED = "proposed", "approved"


class SignedRow[R: Signed](acts.Act):
    """A second person's word for a row of the catalog."""

    model: ClassVar[type[Signed]]

    def hash_of(self, row: R) -> str:
        """The hash of what is signed."""
        return row.content_hash

    def facts_of(self, row: R) -> acts.Facts:
        """What is signed, in the reader's words."""
        raise NotImplementedError

    def seen(self, user: User) -> bool:
        """Whether somebody may look at such rows."""
        raise NotImplementedError

    def stands(self, object_id: str, *, hold: bool = False) -> acts.Standing | None:
        """All of it that decides; whoever changed it since it was signed is not the second person."""
        found = self.found(object_id, hold=hold)
        if found is None or found.status == RETIRED:
            return None
        barred = frozenset(set() if found.stands_as_signed else {found.edited_by_id} - {None})
        return acts.Standing(self.hash_of(found), self.facts_of(found), barred)  # type: ignore[arg-type]

    def may_sign(self, user: User, proposal: Proposal) -> bool:
        """Admins."""
        return may_change(user.pk)

    def carry_out(self, proposal: Proposal, *, by: User) -> None:
        """Approve it as it stands."""
        row = self.found(proposal.object_id)
        assert row is not None  # it was held when its hash was compared
        told = {"body": {"proposer": proposal.proposer_id}, "content_hash": proposal.content_hash}
        self.approve(row, by, told, **signature(row, by))

    def approve(self, row: R, by: User, told: dict[str, Any], **signed: Any) -> None:
        """Move it to approved; where it is so already, its signature alone is another."""
        if row.status == APPROVED:
            type(row)._base_manager.filter(pk=row.pk).update(**signed)
            record(
                "tool.renewed"
                if isinstance(row, Tool)
                else "connection.renewed"
                if isinstance(row, Connection)
                else "model.renewed",
                row,
                actor=person(by),
                **told,
            )
        else:
            move(row, APPROVED, actor=person(by), told=told, **signed)
        forget()
        transaction.on_commit(forget)

    def seen_by(self, user: User) -> Q:
        """Whoever may look at the catalog."""
        return Q() if self.seen(user) else Q(pk__in=[])

    def signable_by(self, user: User) -> Q | None:
        """For admins: what they did not change last themselves."""
        if not user.has_perm(CHANGE):
            return None
        own = self.model._base_manager.filter(edited_by=user, approved_hash="").order_by()
        return ~Q(object_id__in=own.annotate(as_text=Cast("pk", TextField())).values("as_text"))

    def found(self, object_id: str, *, hold: bool = False) -> R | None:
        """The row, held until the end of the transaction where that is wanted."""
        rows = self.model._base_manager.select_for_update(of=("self",)) if hold else self.model._base_manager.all()
        return rows.filter(pk=object_id).first() if object_id.isdecimal() else None  # type: ignore[return-value]


def signature(row: Signed, by: User) -> dict[str, Any]:
    """What a signature leaves on a row."""
    return {"approved_by": by, "approved_hash": row.content_hash}


UNSIGNED: dict[str, Any] = {"approved_by": None, "approved_hash": ""}


def ask(act: str, row: Signed, told: Callable[[], str], *, by: User) -> Proposal:
    """Put a row to a second person, one that was put away too. Raises `proposals.CannotPropose`."""
    if row.status == RETIRED:
        move(row, PROPOSED, actor=person(by))
    forget()
    transaction.on_commit(forget)
    return proposals.propose(act, row.pk, told=told, by=by, labels={"name": row.name})


def open_proposal(act: str, row: Signed) -> Proposal | None:
    """What waits for a signature."""
    found = Proposal.objects.filter(act=act, object_id=str(row.pk), status=ProposalStatus.OPEN)
    return found.select_related("proposer").first()


def moved(row: Signed, to: str, *, actor: Actor, why: str = "", **fields: Any) -> None:
    """Move a row, for a reason that stands in the record. It is in force within a second."""
    told = {"personal": {"reason": why}} if why else {}
    move(row, to, actor=actor, told=told, **fields)
    forget()
    transaction.on_commit(forget)
