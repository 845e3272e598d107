"""A second person: one proposes an act, another one signs exactly what was proposed, and only then is it done.

Who may is asked here, below every view, and what is signed is compared with what stands there at that moment. The
database itself refuses that both are one person. Signature, act and events commit together or not at all.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import acts, choices, newcomers
from audit.actors import CLOCK, person
from audit.acts import Act, Facts, Standing
from audit.canonical import clean
from audit.clock_time import now
from audit.models import Proposal, User
from audit.moves import Batch, begin, move
from audit.states import ProposalStatus
from audit.ticks import tick

DAYS = 14  # how long a proposal stays open where nobody says otherwise
BATCH = 500
LOWER_RISKS = ("minimal", "limited")
SECOND_PERSON, ALWAYS, HIGH_RISK, NEVER = "second-person", "always", "high-risk", "never"

choices.declare(
    SECOND_PERSON,
    gettext_lazy("Publishing wants a second person"),
    gettext_lazy(
        "A version is published only when somebody else signs it: never whoever proposes it or last edited it."
    ),
    HIGH_RISK,
    options=(
        (ALWAYS, gettext_lazy("Always")),
        (HIGH_RISK, gettext_lazy("For high risk")),
        (NEVER, gettext_lazy("Never")),
    ),
)


class CannotSign(Exception):
    """It was not signed, refused or withdrawn; nothing was changed."""


class NotAllowed(CannotSign):
    """This person may look at the proposal, and may not do this with it."""


class OwnProposal(NotAllowed):
    """Nobody signs what they proposed: that is what the second person is for."""


class Barred(NotAllowed):
    """Nobody signs what they were the last to edit."""


class TooNew(NotAllowed):
    """Nobody signs for those through whom they have just come in, nor for those who came in through them."""


class Closed(CannotSign):
    """It is open no longer; `proposal` says who closed it, when and how."""

    def __init__(self, proposal: Proposal) -> None:
        super().__init__(f"Proposal {proposal.pk} is {proposal.status}.")
        self.proposal = proposal


class Lapsed(Closed):
    """Its time was over before anybody signed."""


class Stale(CannotSign):
    """What stands there now is not what was proposed or not what was shown. `changed`: name, was, now."""

    def __init__(self, changed: list[tuple[str, str, str]]) -> None:
        super().__init__("; ".join(f"{name}: {was} -> {is_now}" for name, was, is_now in changed))
        self.changed = changed


class ReasonNeeded(CannotSign):
    """A refusal needs a reason."""


class CannotCarryOut(CannotSign):
    """What was to be signed cannot be done as things stand: a sentence that says why. An act raises it.

    `afterwards` keeps what has to be kept although nothing was done.
    """

    def __init__(self, told: str, afterwards: Callable[[], object] | None = None) -> None:
        super().__init__(told)
        self.afterwards = afterwards


class CannotPropose(Exception):
    """It was not proposed: a sentence that says why."""


class AlreadyProposed(CannotPropose):
    """The same act is proposed already; `proposal` is the open one."""

    def __init__(self, proposal: Proposal | None) -> None:
        super().__init__(
            _("This is proposed already, and waits for a second person: sign, refuse or withdraw that first.")
        )
        self.proposal = proposal


def wants_second(risk: str) -> bool:
    """Whether publishing a workflow of this risk takes a second person. A choice or risk that nobody knows: it does."""
    chosen = choices.read(SECOND_PERSON, HIGH_RISK)
    return risk not in LOWER_RISKS if chosen == HIGH_RISK else chosen != NEVER


def stands(act: Act, object_id: str, *, hold: bool = False) -> Standing | None:
    """What would be signed, as it is now, in the language in which it is kept: whoever signs may read another."""
    with translation.override(settings.LANGUAGE_CODE):
        return act.stands(object_id, hold=hold)


def _said(told: str | Callable[[], str]) -> str:
    with translation.override(settings.LANGUAGE_CODE):
        return told if isinstance(told, str) else told()


@transaction.atomic
def propose(
    act: str,
    object_id: object,
    *,
    told: str | Callable[[], str],
    by: User,
    workflow_id: int | None = None,
    labels: dict[str, Any] | None = None,
    until: datetime | None = None,
) -> Proposal:
    """Put an act to a second person, with the content that stands there now. Whether `by` may is the caller's to ask.

    `labels` are for the ledger and hold nothing personal. `told` is called where gettext says it: it is kept in one
    language. Raises `AlreadyProposed`, or `CannotPropose`.
    """
    kind, moment = acts.get(act), now()
    standing = stands(kind, str(object_id), hold=True)
    if standing is None:
        raise CannotPropose(_("What was to be signed is not there any more. Nothing was proposed."))
    proposal = Proposal(
        act=act,
        object_type=kind.object_type,
        object_id=str(object_id),
        workflow_id=workflow_id,
        labels=labels or {},
        content_hash=standing.content_hash,
        told=clean(_said(told))[0],
        facts=[list(pair) for pair in clean(standing.facts)[0]],
        proposer=by,
        proposed_at=moment,
        until=until or moment + timedelta(days=DAYS),
    )
    same = Proposal.objects.filter(act=act, object_type=kind.object_type, object_id=proposal.object_id)
    _let_lapse(same.filter(until__lte=moment), moment)
    try:
        with transaction.atomic():
            begin(proposal, actor=person(by), **_told(proposal), exhibits={"facts": proposal.facts})
    except IntegrityError as error:
        raise AlreadyProposed(same.filter(status=ProposalStatus.OPEN).first()) from error
    return proposal


def countersign(pk: int, *, by: User, shown_hash: str, reason: str = "") -> Proposal:
    """Sign it as the second person, and do it. `shown_hash` is of what the page showed."""
    try:
        return _countersign(pk, by, shown_hash, reason)
    except CannotCarryOut as error:
        if error.afterwards is not None:
            error.afterwards()
        raise


@transaction.atomic
def _countersign(pk: int, by: User, shown_hash: str, reason: str) -> Proposal:
    proposal, act, standing = _held(pk, by)
    _must_be_open(proposal)
    check(proposal, by, act, standing)
    changed = changes(proposal, standing)
    if not changed and shown_hash != proposal.content_hash:
        changed = [(_("What your page showed"), shown_hash, proposal.content_hash)]
    if changed:
        raise Stale(changed)
    _close(proposal, ProposalStatus.SIGNED, by, reason, signer=by)
    act.carry_out(proposal, by=by)
    return proposal


@transaction.atomic
def refuse(pk: int, *, by: User, reason: str) -> Proposal:
    """Say no as the second person, for a reason. Nothing is done."""
    proposal, act, standing = _held(pk, by)
    _must_be_open(proposal)
    check(proposal, by, act, standing)
    if not reason.strip():
        raise ReasonNeeded
    _close(proposal, ProposalStatus.REFUSED, by, reason, signer=by)
    return proposal


@transaction.atomic
def withdraw(pk: int, *, by: User, reason: str = "") -> Proposal:
    """Take one's own proposal back."""
    proposal = Proposal.objects.select_for_update(of=("self",)).get(pk=pk)
    if proposal.proposer_id != by.pk:
        raise NotAllowed
    _must_be_open(proposal)
    _close(proposal, ProposalStatus.WITHDRAWN, by, reason)
    return proposal


@tick("proposals", every=5)
@transaction.atomic
def lapse() -> int:
    """Close what nobody signed in its time. The clock signs nothing. Returns how many."""
    moment = now()
    return _let_lapse(Proposal.objects.filter(until__lte=moment), moment)


def check(proposal: Proposal, user: User, act: Act, standing: Standing | None) -> None:
    """Raise when this person may not be the second one."""
    if proposal.proposer_id == user.pk:
        raise OwnProposal
    if not act.may_sign(user, proposal):
        raise NotAllowed
    barred = standing.barred if standing is not None else frozenset()
    if user.pk in barred:
        raise Barred
    if not newcomers.kin(user.pk).isdisjoint({proposal.proposer_id, *barred}):
        raise TooNew


def changes(proposal: Proposal, standing: Standing | None) -> list[tuple[str, str, str]]:
    """What is no longer as it was proposed: name, was, now."""
    if standing is None:
        return [(_("What was proposed"), proposal.told, _("is not there any more"))]
    was, is_now = _by_name(proposal.facts), _by_name(standing.facts)
    differing = [name for name in {**was, **is_now} if was.get(name) != is_now.get(name)]
    found = [(name, was.get(name, ""), is_now.get(name, "")) for name in differing]
    if proposal.content_hash != standing.content_hash:
        found.append((_("Content"), proposal.content_hash, standing.content_hash))
    return found


def _by_name(facts: Facts) -> dict[str, str]:
    return {str(name): str(text) for name, text in facts}


def _held(pk: int, by: User) -> tuple[Proposal, Act, Standing | None]:
    """The proposal and what it is about, both held until the end of the transaction.

    Not the signer: whoever waited for the lock would get the new row joined to what stood there before it.
    """
    proposal = Proposal.objects.select_for_update(of=("self",)).get(pk=pk)
    try:
        act = acts.get(proposal.act)
    except acts.NoSuchAct as error:
        raise NotAllowed from error
    return proposal, act, stands(act, proposal.object_id, hold=True) if proposal.is_open else None


def _must_be_open(proposal: Proposal) -> None:
    if proposal.status == ProposalStatus.LAPSED or (proposal.is_open and proposal.until <= now()):
        raise Lapsed(proposal)
    if not proposal.is_open:
        raise Closed(proposal)


def _close(proposal: Proposal, to: ProposalStatus, by: User, reason: str, **fields: Any) -> None:
    reason = clean(reason.strip())[0]
    told = {**_told(proposal, reason), "wake": True}
    move(proposal, to, actor=person(by), told=told, reason=reason, closed_at=now(), **fields)


def _let_lapse(found: Any, moment: datetime) -> int:
    open_ones = found.filter(status=ProposalStatus.OPEN).order_by("until", "id")
    rows = list(open_ones.select_for_update(of=("self",), skip_locked=True).select_related("proposer")[:BATCH])
    batch = Batch()
    for proposal in rows:
        batch.move(proposal, ProposalStatus.LAPSED, actor=CLOCK, told=_told(proposal), closed_at=moment)
    batch.write()
    return len(rows)


def _told(proposal: Proposal, reason: str = "") -> dict[str, Any]:
    """What the ledger is told: who proposed and what in the erasable part, and the hash of what is signed."""
    personal = {"title": proposal.told, "name": str(proposal.proposer), **({"reason": reason} if reason else {})}
    return {"personal": personal, "content_hash": proposal.content_hash}
