"""What people want to know of another system: what it offers, or what a call of a tool comes to. A worker asks."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from audit.clock_time import HandrailNow
from audit.ledger import Place
from audit.models import User
from orchestration.models.tools import Connection, Tool
from orchestration.states import MODEL_TEST_MOVES, ModelTestStatus


class Inquiry(models.Model):
    """One question to the system behind a connection: without a tool, what it offers; else one call of the tool."""

    MOVES = MODEL_TEST_MOVES

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="inquiries")
    tool = models.ForeignKey(Tool, null=True, on_delete=models.PROTECT, related_name="inquiries")
    arguments = models.JSONField(default=dict)
    status = models.CharField(max_length=10, choices=ModelTestStatus, default=ModelTestStatus.ASKED)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=HandrailNow())
    taken_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    milliseconds = models.PositiveIntegerField(null=True)
    result = models.TextField(blank=True, help_text="What came back, as text, cut where it is long.")
    error = models.TextField(blank=True)

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection"], condition=Q(status="asked"), name="inquiry_one_at_a_time"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["connection", "-id"], name="inquiries"),
            models.Index(fields=["tool", "-id"], name="inquiries_of_tool"),
            models.Index(fields=["id"], condition=Q(status="asked"), name="inquiries_asked"),
        ]

    def __str__(self) -> str:
        return f"{self.tool or self.connection}: {self.status}"

    def ledger_place(self) -> Place:
        """It belongs to no workflow."""
        return Place(labels={"name": self.tool.name if self.tool is not None else self.connection.name})
