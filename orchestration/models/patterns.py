"""What the people of a workspace look for in texts, beside what is looked for everywhere."""

from typing import ClassVar

from django.db import models

from audit.clock_time import HandrailNow
from audit.ledger import Place
from audit.models import User
from orchestration.states import PATTERN_MOVES, DataClass, PatternStatus


class Pattern(models.Model):
    """A pattern in RE2's words, and the data class of what it finds. It raises a text, and lowers none."""

    MOVES = PATTERN_MOVES

    name = models.SlugField(max_length=60, unique=True)
    pattern = models.CharField(max_length=500)
    data = models.CharField(max_length=12, choices=DataClass)
    status = models.CharField(max_length=10, choices=PatternStatus, default=PatternStatus.ON)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=HandrailNow())
    changed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(db_default=HandrailNow())

    class Meta:
        default_permissions = ()
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def said(self) -> dict[str, str]:
        """What people said of it."""
        return {"pattern": self.pattern, "data": self.data}

    def ledger_place(self) -> Place:
        """It belongs to no workflow."""
        return Place(labels={"name": self.name})
