"""What test cases came to when they were run dry."""

from typing import ClassVar

from django.db import models

from audit.clock_time import HandrailNow


class CaseResult(models.Model):
    """What one test case came to on one text. `digest` is of the text, the case and what decides how it goes.

    `told` says why it failed, or is empty; `course` is the path as `orchestration.dry.Course` keeps it.
    """

    digest = models.CharField(max_length=64, unique=True)
    passed = models.BooleanField()
    told = models.TextField(blank=True)
    course = models.JSONField()
    at = models.DateTimeField(db_default=HandrailNow())

    class Meta:
        default_permissions = ()
        indexes: ClassVar = [models.Index(fields=["at"], name="case_result_at")]

    def __str__(self) -> str:
        return self.told or self.digest
