"""What a second person can sign: each app says it for its own acts, and what nobody speaks for is refused."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import Q, QuerySet

from audit import newcomers, sight
from audit.models import Proposal, User
from audit.states import ProposalStatus

type Facts = Sequence[tuple[str, str]]  # a name in the reader's words, and what it is


class Standing(NamedTuple):
    """What would be signed, as it is now. `barred` are the ids of those who may not sign it: its last editor, say."""

    content_hash: str
    facts: Facts
    barred: frozenset[int] = frozenset()


class NoSuchAct(LookupError):
    """Nobody has said who may sign this act and what it does, so nobody signs it."""


class Act:
    """One kind of act, registered under its name. `object_type` is what it is done to."""

    name: str
    object_type: str

    def called(self) -> str:
        """The act in a few words, for a list."""
        raise NotImplementedError

    def follows(self) -> str:
        """What comes of a signature, in a sentence for whoever is asked for it."""
        return ""

    def stands(self, object_id: str, *, hold: bool = False) -> Standing | None:
        """What would be signed, as it is now; None when it is gone.

        With `hold`, in a transaction: what is hashed stays as it is until the end of it.
        """
        raise NotImplementedError

    def may_sign(self, user: User, proposal: Proposal) -> bool:
        """Whether `user` may sign it, asked of the database at this moment: rights that are remembered do not count."""
        raise NotImplementedError

    def carry_out(self, proposal: Proposal, *, by: User) -> None:
        """Do it, in the transaction of the signature, with events of its own. An exception gives both up."""
        raise NotImplementedError

    def address(self, proposal: Proposal) -> str:
        """Where the object can be looked at, or ""."""
        return ""

    def seen_by(self, user: User) -> Q:
        """Which proposals of this act `user` may look at: those of workflows that they may see."""
        return Q(workflow_id__in=sight.workflows_seen_by(user))

    def signable_by(self, user: User) -> Q | None:
        """Which of them `user` could sign, as far as a list can tell; None for whoever signs nothing of the kind."""
        return None


_acts: dict[str, Act] = {}


def register[A: Act](act: type[A]) -> type[A]:
    """Register an act."""
    _acts[act.name] = act()
    return act


def get(name: str) -> Act:
    """The act of that name, or `NoSuchAct`."""
    if name not in _acts:
        raise NoSuchAct(name)
    return _acts[name]


def seen_by(user: User) -> QuerySet[Proposal]:
    """The proposals that `user` may look at."""
    if not user.is_active:
        return Proposal.objects.none()
    return _either({name: act.seen_by(user) for name, act in _acts.items()})


def to_sign(user: User) -> QuerySet[Proposal]:
    """The open ones that `user` could sign: for lists and counts. No query for somebody who signs nothing."""
    if not user.is_active:
        return Proposal.objects.none()
    found = _either({name: which for name, act in _acts.items() if (which := act.signable_by(user)) is not None})
    own = found.filter(status=ProposalStatus.OPEN).exclude(proposer=user)
    return own.exclude(proposer__in=newcomers.kin_of(user.pk))


def signs_any(user: User) -> bool:
    """Whether there is an act at all that `user` could be asked to sign."""
    return user.is_active and any(act.signable_by(user) is not None for act in _acts.values())


def _either(which: dict[str, Q]) -> QuerySet[Proposal]:
    if not which:
        return Proposal.objects.none()
    wanted = Q()
    for name, narrowed in which.items():
        wanted |= Q(act=name) & narrowed
    return Proposal.objects.filter(wanted).select_related("proposer", "signer")


@sight.judge("proposal")
def may_see_proposal(user: User, pk: str) -> bool:
    """A proposal that one may look at."""
    return seen_by(user).filter(pk=pk).exists()
