"""Who lets a model be used: one person proposes, another one signs exactly that; anybody of them stops it at once."""

from datetime import date
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from audit import acts, dates, proposals
from audit.actors import Actor, person
from audit.canonical import digest
from audit.models import Proposal, User
from audit.moves import move
from orchestration import waived
from orchestration.catalog import signing
from orchestration.catalog.changing import UNSIGNED, CannotChange, plain, refuse_others
from orchestration.catalog.looking import forget
from orchestration.catalog.signing import SignedRow, moved, signature
from orchestration.models import Model
from orchestration.models.catalog import DECIDING
from orchestration.sights import may_see_models
from orchestration.states import Capability, DataClass, ModelStatus, RiskTier

ACT = "model.approve"
LABELS: dict[str, str | Promise] = {
    "route": gettext_lazy("Called by litellm"),
    "endpoint": gettext_lazy("Address"),
    "private_endpoint": gettext_lazy("May lie inside the house"),
    "secret": pgettext_lazy("secret", "Key"),
    "region": gettext_lazy("Region"),
    "retention_days": gettext_lazy("Days that the provider keeps texts"),
    "ceiling": gettext_lazy("May be given, at the most"),
    "capabilities": gettext_lazy("Can do"),
    "languages": gettext_lazy("Languages"),
    "context": gettext_lazy("Reads, in tokens"),
    "most_output": gettext_lazy("Writes at the most, in tokens"),
    "tiers": gettext_lazy("Serves risks"),
}
WORDS = {
    "ceiling": dict(DataClass.choices),
    "capabilities": dict(Capability.choices),
    "tiers": dict(RiskTier.choices),
}


@transaction.atomic
def approve_until(pk: int, until: date | None, *, by: User) -> Proposal:
    """Propose that steps may use a model as it stands, until that day or without end; somebody else signs.

    Also for a model whose time runs out. Raises `CannotChange`, `NotAllowed`, `proposals.CannotPropose`.
    """
    refuse_others(by)
    row = Model.objects.select_for_update(of=("self",)).get(pk=pk)
    if until is not None and until < waived.today():
        raise CannotChange([("until", _("This day has passed. Give one that lies ahead."))])
    if row.status == ModelStatus.RETIRED:
        move(row, ModelStatus.PROPOSED, actor=person(by))
    Model.objects.filter(pk=row.pk).update(asked_until=until)
    labels = {"name": row.name, "until": until.isoformat() if until else ""}
    forget()
    transaction.on_commit(forget)
    return proposals.propose(ACT, row.pk, told=lambda: _told(row, until), by=by, labels=labels)


def _told(row: Model, until: date | None) -> str:
    told = _("Let steps use the model %(name)s, for data up to %(ceiling)s, %(until)s")
    return told % {"name": row.name, "ceiling": str(DataClass(row.ceiling).label).lower(), "until": _until(until)}


@transaction.atomic
def suspend(model: Model, *, actor: Actor, why: str = "") -> None:
    """Let no further call of it begin, anywhere. It is in force within a second."""
    moved(model, ModelStatus.SUSPENDED, actor=actor, why=why)


@transaction.atomic
def resume(model: Model, *, actor: Actor) -> None:
    """Let steps use a suspended model again, as it was signed. Raises `CannotChange` where that must be signed anew."""
    row = Model.objects.select_for_update(of=("self",)).get(pk=model.pk)
    if row.status == ModelStatus.SUSPENDED and not row.stands_as_signed:
        told = _("What stands here is not what was signed. Have it approved again.")
        raise CannotChange([("", told)])
    if row.approved_until and row.approved_until < waived.today():
        raise CannotChange([("", _("Its approval has ended meanwhile. Have it approved again."))])
    moved(model, ModelStatus.APPROVED, actor=actor)


@transaction.atomic
def retire(model: Model, *, actor: Actor, why: str = "") -> None:
    """Put a model away: it is used no more, and stands in the record. It may be proposed again."""
    moved(model, ModelStatus.RETIRED, actor=actor, why=why, **UNSIGNED)


def open_proposal(model: Model) -> Proposal | None:
    """What waits for a signature."""
    return signing.open_proposal(ACT, model)


def facts_of(row: Model, until: date | None) -> acts.Facts:
    """What is signed, in the reader's words."""
    facts = [(_("Model"), row.name)]
    facts += [(str(LABELS[name]), _said(name, getattr(row, name))) for name in DECIDING]
    return [*facts, (_("Approved"), _until(until))]


def _until(day: date | None) -> str:
    return _("until %s") % dates.of_year(day) if day else _("without end")


def _said(name: str, value: Any) -> str:
    if name in WORDS and isinstance(value, list):
        return ", ".join(str(WORDS[name].get(one, one)) for one in value) or _("none")
    if name in WORDS:
        return str(WORDS[name].get(value, value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list):
        return ", ".join(value) or _("any")
    if name == "secret":
        return value or _("none")
    if name == "endpoint":
        return value or _("the provider's own")
    if name == "route":
        return value or _("as it is named here")
    return _("unknown") if value in (None, "") else str(plain(value))


@acts.register
class ApproveModel(SignedRow[Model]):
    """A second person's word for a model."""

    name = ACT
    object_type = "model"
    model = Model

    def called(self) -> str:
        """The act in a few words."""
        return _("A model that steps may use")

    def follows(self) -> str:
        """What it comes to."""
        return _("Steps may ask this model at once, with data up to its class, until that day is over.")

    def hash_of(self, row: Model) -> str:
        """With the day until which it is asked for."""
        return digest({"model": row.content, "until": row.asked_until.isoformat() if row.asked_until else ""})

    def facts_of(self, row: Model) -> acts.Facts:
        """What is signed, in the reader's words."""
        return facts_of(row, row.asked_until)

    def seen(self, user: User) -> bool:
        """Whoever may look at the catalog of models."""
        return may_see_models(user)

    def carry_out(self, proposal: Proposal, *, by: User) -> None:
        """Approve it as it stands, until the day that was signed."""
        row = self.found(proposal.object_id)
        assert row is not None  # it was held when its hash was compared
        if row.asked_until is not None and row.asked_until < waived.today():
            raise proposals.CannotCarryOut(_("The day until which it was to be approved has passed."))
        signed = {**signature(row, by), "approved_until": row.asked_until, "asked_until": None}
        body = {"until": row.asked_until.isoformat() if row.asked_until else "", "proposer": proposal.proposer_id}
        self.approve(row, by, {"body": body, "content_hash": proposal.content_hash}, **signed)

    def address(self, proposal: Proposal) -> str:
        """The model's page."""
        return reverse("model", args=[proposal.object_id])
