"""What came to a trigger and what became of it, and forms that somebody has begun to fill in."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from audit.clock_time import HandrailNow
from audit.models import User
from orchestration.models.definitions import Trigger, Workflow
from orchestration.models.runs import Run
from orchestration.states import FireResult


class TriggerFire(models.Model):
    """One thing that came to a trigger: committed together with the run that it started.

    `key` is what makes it happen once: a moment, an ended run, somebody's idempotency key. `sample` is what came, as
    far as it is short, until it is forgotten; `told` says what became of it in a sentence.
    """

    trigger = models.ForeignKey(Trigger, db_index=False, on_delete=models.PROTECT, related_name="fires")
    at = models.DateTimeField(db_default=HandrailNow())
    result = models.CharField(max_length=10, choices=FireResult)
    key = models.CharField(max_length=300, blank=True)
    digest = models.CharField(max_length=64, blank=True, help_text="SHA-256 of what came.")
    signature = models.CharField(max_length=64, blank=True, help_text="By which a delivery that comes again is known.")
    run = models.ForeignKey(Run, null=True, on_delete=models.PROTECT, related_name="fires")
    told = models.TextField(blank=True)
    sample = models.JSONField(null=True)

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["trigger", "key"], condition=~Q(key=""), name="fire_key"),
            models.UniqueConstraint(fields=["trigger", "signature"], condition=~Q(signature=""), name="fire_signature"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["trigger", "-id"], name="fire_trigger"),
            models.Index(fields=["trigger", "at"], name="fire_at"),
            models.Index(fields=["at"], condition=Q(sample__isnull=False), name="fire_sample"),
        ]

    def __str__(self) -> str:
        return f"{self.get_result_display()}, {self.trigger_id}"


class Begun(models.Model):
    """A form that somebody began to fill in and has not sent yet: the texts of its fields by name."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    workflow = models.ForeignKey(Workflow, on_delete=models.CASCADE, related_name="+")
    fields = models.JSONField()
    at = models.DateTimeField(db_default=HandrailNow())

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "workflow"], name="begun_once")]
