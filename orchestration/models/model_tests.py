"""Tests of models: one real call each, asked for by somebody, made by a worker."""

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import Q

from audit.clock_time import HandrailNow
from audit.ledger import Place
from audit.models import User
from orchestration.models.catalog import Model
from orchestration.states import MODEL_TEST_MOVES, ModelTestStatus


class ModelTest(models.Model):
    """What one call came to: how long it took, its tokens and its cost, or why there was no answer."""

    MOVES = MODEL_TEST_MOVES

    model = models.ForeignKey(Model, on_delete=models.PROTECT, related_name="tests")
    status = models.CharField(max_length=10, choices=ModelTestStatus, default=ModelTestStatus.ASKED)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=HandrailNow())
    taken_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)
    milliseconds = models.PositiveIntegerField(null=True)
    tokens_in = models.PositiveIntegerField(null=True)
    tokens_out = models.PositiveIntegerField(null=True)
    cost = models.DecimalField(max_digits=14, decimal_places=8, default=Decimal(0))

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["model"], condition=Q(status="asked"), name="model_tested_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["model", "-id"], name="model_tests"),
            models.Index(fields=["id"], condition=Q(status="asked"), name="model_tests_asked"),
        ]

    def __str__(self) -> str:
        return f"{self.model}: {self.status}"

    @property
    def ok(self) -> bool:
        """Whether there was an answer."""
        return self.status == ModelTestStatus.DONE

    def ledger_place(self) -> Place:
        """It belongs to no workflow."""
        return Place(labels={"name": self.model.name})
