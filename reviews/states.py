"""The states of a review, with its legal moves beside them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ReviewStatus(models.TextChoices):
    """One question put to people."""

    OPEN = "open", _("waiting")
    APPROVED = "approved", _("approved")
    REJECTED = "rejected", _("rejected")
    SENT_BACK = "sent_back", _("sent back")
    LAPSED = "lapsed", _("ended by the clock")
    SECONDED = "seconded", _("answered blindly")
    WITHDRAWN = "withdrawn", _("withdrawn")


class ReviewKind(models.TextChoices):
    """What a review is for: to decide, or to tell blindly how far two people agree."""

    DECIDES = "", _("decides")
    BLIND = "blind", _("blind second review")


class Verdict(models.TextChoices):
    """What a person may answer."""

    APPROVED = "approved", _("approved")
    REJECTED = "rejected", _("rejected")
    SENT_BACK = "sent_back", _("sent back")


DECIDED = {ReviewStatus.APPROVED, ReviewStatus.REJECTED, ReviewStatus.SENT_BACK}
ANSWERED = DECIDED | {ReviewStatus.SECONDED}  # by a person, whether anything follows from it or not
# Decided to open: the decision was taken back in its undo window.
REVIEW_MOVES = {
    ReviewStatus.OPEN: {*ANSWERED, ReviewStatus.LAPSED, ReviewStatus.WITHDRAWN},
    ReviewStatus.APPROVED: {ReviewStatus.OPEN},
    ReviewStatus.REJECTED: {ReviewStatus.OPEN},
    ReviewStatus.SENT_BACK: {ReviewStatus.OPEN},
}
