"""The tables of who decides: absences with deputies, whose turn it was last, and colleagues who are asked."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from audit.clock_time import HandrailNow
from audit.models import User
from audit.places import Place
from orchestration.models import Workflow


class Absence(models.Model):
    """Days on which somebody is away, and who acts for them meanwhile. Where several hold, the newest does."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="absences")
    deputy = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    from_day = models.DateField()
    to_day = models.DateField()
    made_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=HandrailNow())
    ended_at = models.DateTimeField(null=True, help_text="When it was called off.")

    class Meta:
        default_permissions = ()
        indexes: ClassVar = [
            models.Index(fields=["to_day", "user"], condition=Q(ended_at__isnull=True), name="absence_days"),
            models.Index(fields=["user", "-id"], name="absence_user"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(to_day__gte=F("from_day")), name="absence_days_in_order"),
            models.CheckConstraint(condition=Q(deputy=None) | ~Q(deputy=F("user")), name="absence_other_deputy"),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.from_day} to {self.to_day}"

    def ledger_place(self) -> Place:
        """It belongs to no run."""
        return Place()


class Turn(models.Model):
    """When somebody was last named at a step, counted over all who were: the one who waits longest is next."""

    workflow = models.ForeignKey(Workflow, db_index=False, on_delete=models.CASCADE, related_name="+")
    step_key = models.CharField(max_length=60)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    last = models.BigIntegerField()

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [models.UniqueConstraint(fields=["workflow", "step_key", "user"], name="turn_once")]


class Opinion(models.Model):
    """What one who may decide asks a colleague, and the answer. It decides nothing."""

    review = models.ForeignKey("reviews.Review", on_delete=models.PROTECT, related_name="opinions")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    question = models.TextField(blank=True)
    at = models.DateTimeField(db_default=HandrailNow())
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["review", "asked"], condition=Q(answered_at__isnull=True), name="opinion_asked_once"
            ),
            models.CheckConstraint(condition=~Q(by=F("asked")), name="opinion_of_another"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["asked", "id"], condition=Q(answered_at__isnull=True), name="opinion_open"),
        ]
