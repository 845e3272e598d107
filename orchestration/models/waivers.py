"""Signatures of waivers: whose word lets a step go without a review, for which reason and how long."""

from typing import ClassVar

from django.db import models

from audit.clock_time import HandrailNow
from audit.ledger import Place
from audit.models import Proposal, User
from orchestration.models.definitions import Workflow


class WaiverSignature(models.Model):
    """A waiver that a second person signed. It holds for every version in which the step says exactly this."""

    workflow = models.ForeignKey(Workflow, on_delete=models.PROTECT, related_name="waivers")
    step_key = models.CharField(max_length=60)
    content_hash = models.CharField(max_length=64)
    until = models.DateField()
    reason = models.TextField()
    proposal = models.OneToOneField(Proposal, on_delete=models.PROTECT, related_name="+")
    signed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(db_default=HandrailNow())

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workflow", "step_key", "content_hash"], name="waiver_signed_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["until"], name="waiver_until")]

    def __str__(self) -> str:
        return f"{self.step_key} until {self.until}"

    def ledger_place(self) -> Place:
        """Where its events belong."""
        return Place(workflow_id=self.workflow_id, labels={"workflow": self.workflow.name})
