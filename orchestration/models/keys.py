"""Keys that are kept here, encrypted: for whoever has neither an environment nor a file for them."""

from typing import ClassVar

from django.db import models

from audit.clock_time import HandrailNow
from audit.ledger import Place
from audit.models import User


class KeptKey(models.Model):
    """A key that models name as `kept:NAME`. It is never shown again; another may take its place."""

    name = models.CharField(max_length=60, unique=True)
    closed = models.TextField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(db_default=HandrailNow())

    class Meta:
        default_permissions = ()
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        """How models name it."""
        return f"kept:{self.name}"

    def ledger_place(self) -> Place:
        """It belongs to no workflow."""
        return Place(labels={"name": self.name})
