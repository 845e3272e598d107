"""The tables of what people answer a review with, and of what they have typed and not sent."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from audit.clock_time import HandrailNow
from audit.models import User
from reviews.states import Verdict

STANDING = Q(undone_at__isnull=True, emptied_at__isnull=True)


class DecisionQuerySet(models.QuerySet["Decision"]):
    """Decisions, in the words of those who count them."""

    def standing(self) -> "DecisionQuerySet":
        """Those that nobody took back, and whose place nobody emptied."""
        return self.filter(undone_at__isnull=True, emptied_at__isnull=True)


class Decision(models.Model):
    """One person's answer: what was shown, what was approved, why, and the receipt of its entry in the ledger.

    It fills a `place`, for the person that it `stands_for` where that one is away; when somebody who approves
    at another one changes the content, that place is empty again.
    """

    review = models.ForeignKey("reviews.Review", on_delete=models.PROTECT, related_name="decisions")
    verdict = models.CharField(max_length=10, choices=Verdict)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=HandrailNow())
    reason = models.TextField(blank=True)
    content = models.JSONField()
    content_hash = models.CharField(max_length=64)
    shown_hash = models.CharField(max_length=64)
    edited = models.BooleanField()
    changes = models.JSONField(default=list, help_text="Which parts of the content they changed: at, before, after.")
    outcome = models.CharField(max_length=40, blank=True, help_text="The own outcome that they chose.")
    sent_to = models.CharField(max_length=80, blank=True, help_text="The step to which they sent it back.")
    undo_until = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    place = models.PositiveSmallIntegerField(default=1)
    emptied_at = models.DateTimeField(null=True)
    stands_for = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    signature = models.JSONField(null=True)  # how it was signed, when, with which meaning, over which hash
    receipt = models.UUIDField(unique=True)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["review", "place"], condition=STANDING, name="one_deciding_vote"),
            models.UniqueConstraint(fields=["review", "by"], condition=STANDING, name="one_place_each"),
            models.UniqueConstraint(
                fields=["review", "stands_for"],
                condition=STANDING & Q(stands_for__isnull=False),
                name="one_place_for_each",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["by", "undo_until"], name="decision_undo"),
            models.Index(fields=["at"], name="decision_at"),
        ]

    @property
    def is_standing(self) -> bool:
        """Whether it fills its place."""
        return self.undone_at is None and self.emptied_at is None

    @property
    def can_be_undone(self) -> bool:
        """Whether its undo window was still open when it was read (the database decides when it is used)."""
        return self.is_standing and self.undo_until is not None and self.undo_until > timezone.now()


class Draft(models.Model):
    """What somebody has typed on a review and not sent: their edit and their reason."""

    review = models.ForeignKey("reviews.Review", on_delete=models.CASCADE, related_name="drafts")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    arguments = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    form = models.JSONField(default=dict, help_text="The form as it was typed.")
    updated_at = models.DateTimeField(db_default=HandrailNow())

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [models.UniqueConstraint(fields=["review", "user"], name="one_draft_each")]
