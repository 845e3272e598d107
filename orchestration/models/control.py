"""What holds work back: the brake over everything, and limits on models and tools."""

from typing import ClassVar

from django.db import models

from audit.clock_time import HandrailNow
from audit.ledger import Place
from audit.models import User
from orchestration.states import BRAKE_MOVES, BrakeStatus


class Brake(models.Model):
    """The stop button: one row. While it is pulled no step begins anywhere."""

    MOVES = BRAKE_MOVES

    status = models.CharField(max_length=10, choices=BrakeStatus, default=BrakeStatus.RELEASED)
    why = models.TextField(blank=True)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        permissions: ClassVar = [("stop_everything", "May stop everything, and let it go on")]

    def __str__(self) -> str:
        return self.get_status_display()

    def ledger_place(self) -> Place:
        """It belongs to no workflow."""
        return Place()


class Limit(models.Model):
    """How many steps may call one model or tool at once. `lane` is `model:NAME` or `tool:NAME`."""

    lane = models.CharField(max_length=140, unique=True)
    at_once = models.PositiveIntegerField()
    changed_at = models.DateTimeField(db_default=HandrailNow())

    class Meta:
        default_permissions = ()
        ordering: ClassVar = ["lane"]

    def __str__(self) -> str:
        return f"{self.lane}: {self.at_once}"

    def ledger_place(self) -> Place:
        """It belongs to no workflow."""
        return Place(labels={"lane": self.lane})
