"""Rules that hold together, and what each of their checks came to."""

from typing import Any, ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from audit import guards
from audit.canonical import digest
from audit.clock_time import HandrailNow
from audit.ledger import Place
from audit.models import User
from orchestration.states import RULESET_MOVES, Effect, Point, RuleSetStatus

guards.append_only("orchestration_rulecheck")


class RuleSet(models.Model):
    """Rules with their test cases. The draft is edited; one set holds; those before it are kept as they were.

    A set gets its number and its hash when it comes into force. `why` says what it changes and what for.
    """

    MOVES = RULESET_MOVES

    number = models.PositiveIntegerField(null=True, unique=True)
    status = models.CharField(max_length=10, choices=RuleSetStatus, default=RuleSetStatus.DRAFT)
    rules = models.JSONField(default=list)
    checks = models.JSONField(default=list)
    hash = models.CharField(max_length=64, blank=True)
    why = models.TextField(blank=True)
    base = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    revision = models.PositiveIntegerField(default=0)
    made_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=HandrailNow())
    edited_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    edited_at = models.DateTimeField(null=True)
    proposed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    signed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    activated_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["status"], condition=Q(status=RuleSetStatus.ACTIVE), name="ruleset_active_once"
            ),
            models.UniqueConstraint(
                fields=["status"], condition=Q(status=RuleSetStatus.DRAFT), name="ruleset_draft_once"
            ),
            models.CheckConstraint(
                condition=Q(status=RuleSetStatus.DRAFT, number=None)
                | (~Q(status=RuleSetStatus.DRAFT) & Q(number__isnull=False) & ~Q(hash="")),
                name="ruleset_numbered",
            ),
        ]

    def __str__(self) -> str:
        return f"set {self.number}" if self.number else "draft"

    @property
    def content_hash(self) -> str:
        """The hash of what stands in it now: what a second person signs."""
        return digest({"rules": self.rules, "checks": self.checks})

    @property
    def on(self) -> list[dict[str, Any]]:
        """Its rules that are on."""
        return [rule for rule in self.rules if rule.get("enabled")]

    def ledger_place(self) -> Place:
        """It belongs to no workflow."""
        return Place(labels={"number": self.number} if self.number else {})


class RuleCheck(models.Model):
    """One time that rules were asked: which set, about what, and what it came to. Never changed, never removed.

    `facts` holds plain values, and what the point is about as a keyed hash alone. `matched` is each rule that held,
    with what it saw; `keys` are theirs; `conditions`, by fingerprint, what conditions came to that read what is not
    kept.
    """

    point = models.CharField(max_length=10, choices=Point)
    effect = models.CharField(max_length=10, choices=Effect)
    error = models.BooleanField(default=False)
    why = models.TextField(blank=True)
    facts = models.JSONField()
    matched = models.JSONField()
    keys = models.JSONField()
    conditions = models.JSONField()
    obligations = models.JSONField()
    set_number = models.PositiveIntegerField()
    set_hash = models.CharField(max_length=64, blank=True)
    workflow_id = models.BigIntegerField(null=True)
    run_id = models.BigIntegerField(null=True)
    step_run_id = models.BigIntegerField(null=True)
    at = models.DateTimeField(db_default=HandrailNow())

    class Meta:
        default_permissions = ()
        indexes: ClassVar = [
            models.Index(fields=["point", "id"], name="rulecheck_point"),
            models.Index(fields=["effect", "id"], name="rulecheck_effect"),
            models.Index(fields=["run_id", "id"], condition=Q(run_id__isnull=False), name="rulecheck_run"),
            models.Index(fields=["step_run_id"], condition=Q(step_run_id__isnull=False), name="rulecheck_step"),
            models.Index(fields=["at"], condition=~Q(keys=[]), name="rulecheck_matched"),
            GinIndex(fields=["keys"], opclasses=["jsonb_path_ops"], condition=~Q(keys=[]), name="rulecheck_keys"),
        ]

    def __str__(self) -> str:
        return f"{self.point}: {self.effect}"
