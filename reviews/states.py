"""The states of a review, with its legal moves beside them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ReviewStatus(models.TextChoices):
    """One question put to people."""

    OPEN = "open", _("waiting")
    APPROVED = "approved", _("approved")
    REJECTED = "rejected", _("rejected")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Verdict(models.TextChoices):
    """What a person may answer."""

    APPROVED = "approved", _("approved")
    REJECTED = "rejected", _("rejected")


DECIDED = {ReviewStatus.APPROVED, ReviewStatus.REJECTED}
# Decided to open: the decision was taken back in its undo window.
REVIEW_MOVES = {
    ReviewStatus.OPEN: {ReviewStatus.APPROVED, ReviewStatus.REJECTED, ReviewStatus.WITHDRAWN},
    ReviewStatus.APPROVED: {ReviewStatus.OPEN},
    ReviewStatus.REJECTED: {ReviewStatus.OPEN},
}
