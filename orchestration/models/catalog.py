"""The catalog: which models and tools steps may use."""

import re
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from audit.clock_time import HandrailNow
from audit.ledger import Place
from audit.models import User
from orchestration.states import CATALOG_MOVES, CatalogStatus

# The name of an environment variable: words of capital letters and digits, none as long as a key is.
REFERENCE = r"^env:[A-Z][A-Z0-9]{0,17}(_[A-Z0-9]{1,18}){0,11}$"


def refuse_values(secret: str) -> None:
    """A secret is named, never kept: whatever may be one itself is refused, and not repeated."""
    if secret and not re.fullmatch(REFERENCE, secret):
        raise ValidationError(
            _("A secret is never kept here. Put it into the environment, and give its name: env:OPENAI_API_KEY, say."),
            code="secret",
        )


class Entry(models.Model):
    """What a model and a tool have in common. `secret` names an environment variable as `env:NAME`."""

    MOVES = CATALOG_MOVES

    name = models.CharField(max_length=120, unique=True)
    title = models.CharField(max_length=120)
    status = models.CharField(max_length=10, choices=CatalogStatus, default=CatalogStatus.APPROVED)
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    secret = models.CharField(max_length=250, blank=True, validators=[refuse_values])
    created_at = models.DateTimeField(db_default=HandrailNow())

    class Meta:
        abstract = True
        default_permissions = ()
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.title or self.name

    @property
    def is_approved(self) -> bool:
        """Whether steps may use it."""
        return self.status == CatalogStatus.APPROVED

    @property
    def variable(self) -> str:
        """The environment variable that holds its secret, or ""."""
        return self.secret.removeprefix("env:")

    def ledger_place(self) -> Place:
        """It belongs to no workflow."""
        return Place(labels={"name": self.name})


class Model(Entry):
    """A model that steps may ask, by its litellm name."""

    class Meta(Entry.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(secret="") | Q(secret__regex=REFERENCE), name="model_secret_named"),
        ]


class Tool(Entry):
    """A tool that steps may call: what its code says of itself, and whether it may be used."""

    version = models.PositiveIntegerField(default=1)
    effect = models.CharField(max_length=12, help_text="read, write or destructive")
    leaves_house = models.BooleanField(default=False, help_text="Whether others see what it does.")

    class Meta(Entry.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(secret="") | Q(secret__regex=REFERENCE), name="tool_secret_named"),
        ]
