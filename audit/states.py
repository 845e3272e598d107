"""The states of what audit keeps, with their legal moves beside them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ProposalStatus(models.TextChoices):
    """An act that one person asked for and another one signs."""

    OPEN = "open", _("open")
    SIGNED = "signed", _("signed")
    REFUSED = "refused", _("refused")
    WITHDRAWN = "withdrawn", _("withdrawn")
    LAPSED = "lapsed", _("lapsed")


BY_THE_SECOND = (ProposalStatus.SIGNED, ProposalStatus.REFUSED)
PROPOSAL_MOVES = {
    ProposalStatus.OPEN: {
        ProposalStatus.SIGNED,
        ProposalStatus.REFUSED,
        ProposalStatus.WITHDRAWN,
        ProposalStatus.LAPSED,
    },
}


class InvitationStatus(models.TextChoices):
    """Somebody who was asked to come in."""

    OPEN = "open", _("open")
    ACCEPTED = "accepted", _("accepted")
    WITHDRAWN = "withdrawn", _("withdrawn")


INVITATION_MOVES = {InvitationStatus.OPEN: {InvitationStatus.ACCEPTED, InvitationStatus.WITHDRAWN}}
