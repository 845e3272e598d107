"""Tokens of the API: what a program shows in place of a person."""

from typing import ClassVar

from django.db import models

from audit.clock_time import HandrailNow
from audit.ledger import Place
from audit.models import User
from orchestration.models.definitions import Workflow
from orchestration.states import TOKEN_MOVES, TokenStatus


class ApiToken(models.Model):
    """A token: it may what its owner may at that moment, within its scopes, until it ends. Only its hash is kept."""

    MOVES = TOKEN_MOVES

    name = models.CharField(max_length=120)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, choices=TokenStatus, default=TokenStatus.ACTIVE)
    scopes = models.JSONField(default=list)
    every_workflow = models.BooleanField(default=False, help_text="Not only those named in `workflows`.")
    workflows = models.ManyToManyField(Workflow, related_name="+")
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the token.")
    prefix = models.CharField(max_length=16, help_text="How it begins, so that people know it again.")
    ends_at = models.DateTimeField()
    created_at = models.DateTimeField(db_default=HandrailNow())
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        indexes: ClassVar = [models.Index(fields=["owner", "-id"], name="token_owner")]

    def __str__(self) -> str:
        return self.name

    def ledger_place(self) -> Place:
        """It belongs to no single workflow."""
        return Place(labels={"token": self.prefix})
