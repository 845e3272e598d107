"""Something small to be signed by a second person: what colour a wall gets. And Olga, who may sign it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db.models import Q

from audit import acts, people, proposals
from audit.actors import COMMAND, person
from audit.ledger import record
from audit.models import Proposal, User
from orchestration import rights
from orchestration.models import Workflow
from tests.cast import PASSWORD, Cast

WALL = "7"


class Paint(acts.Act):
    """Those who manage the workflow sign what colour a wall gets."""

    name = "test.paint"
    object_type = "wall"

    def __init__(self) -> None:
        self.colours, self.editors, self.painted = {WALL: "teal"}, frozenset[int](), list[str]()
        self.refuses = ""

    def called(self) -> str:
        """The act in a few words."""
        return "The colour of a wall"

    def stands(self, object_id: str, *, hold: bool = False) -> acts.Standing | None:
        """The colour as it is planned now."""
        colour = self.colours.get(object_id)
        return None if colour is None else acts.Standing(colour.ljust(64, "0"), [("Colour", colour)], self.editors)

    def may_sign(self, user: User, proposal: Proposal) -> bool:
        """Those who manage the workflow."""
        return "manage" in rights.afresh(user.pk, proposal.workflow_id or 0).may

    def carry_out(self, proposal: Proposal, *, by: User) -> None:
        """Paint it, and say so."""
        record("group.joined", "wall", actor=person(by), body={"group": "painted"})
        if self.refuses:
            raise proposals.CannotCarryOut(self.refuses)
        self.painted.append(self.colours[proposal.object_id])

    def signable_by(self, user: User) -> Q | None:
        """Of the workflows that one manages."""
        managed = Workflow.objects.ids_allowed(user, "manage")
        return Q(workflow_id__in=managed) if managed else None


@contextmanager
def painting() -> Iterator[Paint]:
    """The act is registered as long as the block."""
    with pytest.MonkeyPatch.context() as patch:
        act = Paint()
        patch.setitem(acts._acts, act.name, act)
        yield act


def olga(cast: Cast, login: str = "olga") -> User:
    """Somebody else who manages the workflow; she may be there already."""
    if (known := User.objects.filter(username=login).first()) is not None:
        return known
    made = people.welcome(login, "Olga Brandt", f"{login}@northwind-bank.example", PASSWORD, actor=COMMAND)
    people.join(made, cast.groups["owner"], actor=COMMAND)
    return made


def proposed(cast: Cast, wall: str = WALL, by: User | None = None) -> Proposal:
    """Adam proposes the colour of a wall."""
    return proposals.propose(
        "test.paint",
        wall,
        told=f"Wall {wall} becomes teal",
        by=by or cast.adam,
        workflow_id=cast.workflow.pk,
        labels={"workflow": cast.workflow.name},
    )
