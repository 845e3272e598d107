"""The catalog: which models and tools steps may use, and what is known and signed of them."""

import re
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.canonical import digest
from audit.clock_time import HandrailNow
from audit.ledger import Place
from audit.models import User
from orchestration.states import (
    MODEL_MOVES,
    Capability,
    DataClass,
    ModelStatus,
    RiskTier,
    ToolStatus,
)

# The name of an environment variable: words of capital letters and digits, none as long as a key is.
REFERENCE = r"^env:[A-Z][A-Z0-9]{0,17}(_[A-Z0-9]{1,18}){0,11}$"
FILE = r"^file:/[A-Za-z0-9._/-]{1,200}$"
KEPT = r"^kept:[a-z][a-z0-9]{0,17}(-[a-z0-9]{1,18}){0,5}$"
BUILT_IN = "handrail/"  # how the names of models begin that live in this process
ENDED = "ended"
UNCONNECTED = "unconnected"
WHY_NOT: dict[str, str | Promise] = {
    ToolStatus.OFF: gettext_lazy("switched off"),
    ToolStatus.CHANGED: gettext_lazy("declared otherwise than it was approved"),
    ModelStatus.PROPOSED: gettext_lazy("proposed, not approved"),
    ModelStatus.SUSPENDED: gettext_lazy("suspended"),
    ModelStatus.RETIRED: gettext_lazy("retired"),
    ENDED: gettext_lazy("approved no longer, its time is over"),
    UNCONNECTED: gettext_lazy("behind a connection that is not approved"),
}
# What a second person signs. Whoever changes one of these has it signed again.
DECIDING = (
    "route",
    "endpoint",
    "private_endpoint",
    "secret",
    "region",
    "retention_days",
    "ceiling",
    "capabilities",
    "languages",
    "context",
    "most_output",
    "tiers",
)
# What may change at any time, and is on record.
FREE = (
    "title",
    "price_in",
    "price_out",
    "priced_on",
    "quality",
    "tags",
    "requests_per_minute",
    "tokens_per_minute",
    "calls_at_once",
    "month_budget",
)


def refuse_values(secret: str) -> None:
    """A secret is named, never kept: whatever may be one itself is refused, and not repeated."""
    if secret and not re.fullmatch(REFERENCE, secret):
        raise ValidationError(
            _("A secret is never kept here. Put it into the environment, and give its name: env:OPENAI_API_KEY, say."),
            code="secret",
        )


def refuse_keys(secret: str) -> None:
    """A model's key is named: a variable, a file, or a key that is kept here under a name of its own."""
    if secret and not any(re.fullmatch(pattern, secret) for pattern in (REFERENCE, FILE, KEPT)):
        raise ValidationError(
            _("The key itself never stands here. Say where it is: env:OPENAI_API_KEY, file:/path, or kept:its-name."),
            code="secret",
        )


def _plain(value: Any) -> Any:
    return [str(one) for one in value] if isinstance(value, list) else str(value) if isinstance(value, str) else value


class Entry(models.Model):
    """What a model and a tool have in common. `secret` says where its key is: `env:NAME` is a variable."""

    MOVES: ClassVar[Any]
    status: Any

    name = models.CharField(max_length=120, unique=True)
    title = models.CharField(max_length=120)
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    secret = models.CharField(max_length=250, blank=True, validators=[refuse_values])
    created_at = models.DateTimeField(db_default=HandrailNow())

    class Meta:
        abstract = True
        default_permissions = ()
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.title or self.name

    def why_not(self, today: date) -> str:
        """Why steps may not use it on that day, as a key of `WHY_NOT`; "" where they may."""
        return "" if self.status == ToolStatus.APPROVED else str(self.status)

    @property
    def variable(self) -> str:
        """The environment variable that holds its secret, or ""."""
        return self.secret.removeprefix("env:") if self.secret.startswith("env:") else ""

    def ledger_place(self) -> Place:
        """It belongs to no workflow."""
        return Place(labels={"name": self.name})


class Signed(Entry):
    """What a second person signs before it is used. `DECIDING` names the fields that are signed."""

    DECIDING: ClassVar[tuple[str, ...]] = ()

    edited_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    approved_hash = models.CharField(max_length=64, blank=True, help_text="Of what was signed.")

    class Meta(Entry.Meta):
        abstract = True

    @property
    def content(self) -> dict[str, Any]:
        """All of it that decides, as values that can be hashed."""
        return {"name": self.name, **{name: _plain(getattr(self, name)) for name in self.DECIDING}}

    @property
    def content_hash(self) -> str:
        """The hash of what decides."""
        return digest(self.content)

    @property
    def stands_as_signed(self) -> bool:
        """Whether what decides is what was signed."""
        return bool(self.approved_hash) and self.approved_hash == self.content_hash


class Model(Signed):
    """A model that steps may ask: how it is reached, what it may be given, what it can do and costs, who signed it."""

    MOVES: ClassVar[Any] = MODEL_MOVES
    DECIDING: ClassVar[tuple[str, ...]] = DECIDING

    status = models.CharField(max_length=10, choices=ModelStatus, default=ModelStatus.PROPOSED)
    secret = models.CharField(max_length=250, blank=True, validators=[refuse_keys])
    route = models.CharField(max_length=200, blank=True, help_text="What litellm calls it; empty: as it is named here.")
    endpoint = models.CharField(max_length=300, blank=True, help_text="Its address; empty: the provider's own.")
    private_endpoint = models.BooleanField(default=False, help_text="Whether that may be an address inside the house.")
    region = models.CharField(max_length=20, blank=True, help_text="Where it works: eu, us, own; empty: unknown.")
    retention_days = models.PositiveIntegerField(null=True, blank=True, help_text="How long the provider keeps texts.")
    ceiling = models.CharField(max_length=12, choices=DataClass, default=DataClass.INTERNAL)
    capabilities = ArrayField(models.CharField(max_length=12, choices=Capability), default=list, blank=True)
    languages = ArrayField(models.CharField(max_length=8), default=list, blank=True, help_text="Empty: any.")
    context = models.PositiveIntegerField(null=True, blank=True, help_text="Tokens that it reads.")
    most_output = models.PositiveIntegerField(null=True, blank=True, help_text="Tokens that it writes at the most.")
    tiers = ArrayField(models.CharField(max_length=8, choices=RiskTier), default=list, blank=True)
    price_in = models.DecimalField(max_digits=12, decimal_places=6, null=True, blank=True)  # USD, a million tokens
    price_out = models.DecimalField(max_digits=12, decimal_places=6, null=True, blank=True)
    priced_on = models.DateField(null=True, blank=True)
    quality = models.DecimalField(max_digits=4, decimal_places=3, default=Decimal("0.5"))
    tags = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    requests_per_minute = models.PositiveIntegerField(null=True, blank=True)
    tokens_per_minute = models.PositiveIntegerField(null=True, blank=True)
    calls_at_once = models.PositiveIntegerField(null=True, blank=True)
    month_budget = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)  # USD
    asked_until = models.DateField(null=True, blank=True, help_text="Until when it is proposed to be approved.")
    approved_until = models.DateField(null=True, blank=True, help_text="The last day; none: without end.")

    class Meta(Signed.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(secret="") | Q(secret__regex=REFERENCE) | Q(secret__regex=FILE) | Q(secret__regex=KEPT),
                name="model_secret_named",
            ),
            models.CheckConstraint(condition=Q(quality__gte=0, quality__lte=1), name="model_quality_share"),
            models.CheckConstraint(condition=Q(ceiling__in=DataClass.values), name="model_ceiling_known"),
            models.CheckConstraint(condition=Q(status__in=ModelStatus.values), name="model_status_known"),
        ]

    def why_not(self, today: date) -> str:
        """Why steps may not use it on that day, as a key of `WHY_NOT`; "" where they may."""
        if self.status != ModelStatus.APPROVED:
            return str(self.status)
        return ENDED if self.approved_until and self.approved_until < today else ""

    @property
    def is_built_in(self) -> bool:
        """Whether it lives in this process."""
        return self.name.startswith(BUILT_IN)

    @property
    def asked(self) -> str:
        """What litellm calls it."""
        return self.route or self.name
