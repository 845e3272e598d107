"""Why a model was asked: what the catalog was at that moment, the decision, and how steps do on models."""

from typing import Any, ClassVar

from django.db import models

from audit import guards
from audit.clock_time import HandrailNow
from orchestration.models.definitions import Workflow
from orchestration.models.runs import MONEY, StepRun

guards.append_only("orchestration_routingdecision")
guards.append_only("orchestration_catalogstate")


class CatalogState(models.Model):
    """The whole catalog as decisions saw it, kept once under its hash. It is never changed."""

    hash = models.CharField(max_length=64, unique=True)
    facts = models.JSONField(help_text="Every model with its facts, in the order of the names.")
    seen_at = models.DateTimeField(db_default=HandrailNow())

    class Meta:
        default_permissions = ()


class RoutingDecision(models.Model):
    """Which model a try of a step was to ask, why, who else could have been asked, and what became of the calls.

    It is written once, with the try it belongs to, and never changed. `asked` is what the call needed with the sources
    of its data class, `seen` how things stood, `ranked` and `fell` every model that was looked at.
    """

    step_run = models.ForeignKey(StepRun, db_index=False, on_delete=models.PROTECT, related_name="routings")
    fence = models.PositiveIntegerField()
    at = models.DateTimeField(db_default=HandrailNow())
    mode = models.CharField(max_length=10, help_text="named, routed, override or replay.")
    chosen = models.CharField(max_length=120, blank=True, help_text="Who came first; empty where nobody was left.")
    answered = models.CharField(max_length=120, blank=True, help_text="Who answered in the end.")
    why = models.TextField()
    catalog = models.CharField(max_length=64, help_text="The hash of the catalog's state.")
    rules = models.JSONField(default=dict, help_text="Number and hash of the rule set, and the rules that matched.")
    asked = models.JSONField()
    seen = models.JSONField()
    ranked = models.JSONField()
    fell = models.JSONField()
    calls = models.JSONField(default=list)
    hash = models.CharField(max_length=64, help_text="Over all of it: what the ledger's event names.")

    class Meta:
        default_permissions = ()
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["step_run", "fence"], name="routing_fence")]
        indexes: ClassVar = [models.Index(fields=["-at"], name="routing_at")]

    def __str__(self) -> str:
        return self.why

    def told(self) -> dict[str, Any]:
        """All that its hash is over."""
        names = ("fence", "mode", "chosen", "answered", "why", "catalog", "rules", "asked", "seen", "ranked", "fell")
        return {"step_run": self.step_run_id, **{name: getattr(self, name) for name in names}, "calls": self.calls}


class ModelFigure(models.Model):
    """How a step did on a model, worked out from what the ledger says: a projection that can be made anew.

    `recent` holds the last tries, each as milliseconds, tokens of the answer, USD, and whether its metrics were met
    (null: none was measured).
    """

    workflow = models.ForeignKey(Workflow, on_delete=models.CASCADE, related_name="+")
    step = models.CharField(max_length=60)
    model = models.CharField(max_length=120)
    recent = models.JSONField(default=list)
    runs = models.PositiveIntegerField(default=0)
    measured = models.PositiveIntegerField(default=0)
    met = models.PositiveIntegerField(default=0)
    p50 = models.FloatField(null=True, help_text="Seconds.")
    p95 = models.FloatField(null=True)
    tokens_out = models.FloatField(null=True, help_text="At the mean.")
    cost = models.DecimalField(**MONEY)  # type: ignore[arg-type]  # USD at the mean
    counted_at = models.DateTimeField(db_default=HandrailNow())

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [models.UniqueConstraint(fields=["workflow", "step", "model"], name="figure_once")]


class FigureMark(models.Model):
    """How far the ledger has been read for figures: one row."""

    leaf = models.BigIntegerField(default=0)

    class Meta:
        default_permissions = ()


class Spending(models.Model):
    """What was spent of one budget: `run:7`, `step:7:12`, `workflow:3:2026-11`, `model:NAME:2026-11`, `all:2026-11`."""

    key = models.CharField(max_length=200, primary_key=True)
    spent = models.DecimalField(**MONEY)  # type: ignore[arg-type]  # USD

    class Meta:
        default_permissions = ()


class Reservation(models.Model):
    """What a call under way may cost at the most, held back from a budget until the try has ended."""

    step_run = models.ForeignKey(StepRun, db_index=False, on_delete=models.CASCADE, related_name="+")
    fence = models.PositiveIntegerField()
    key = models.CharField(max_length=200)
    amount = models.DecimalField(**MONEY)  # type: ignore[arg-type]  # USD

    class Meta:
        default_permissions = ()
        indexes: ClassVar = [
            models.Index(fields=["key"], name="reservation_key"),
            models.Index(fields=["step_run"], name="reservation_step"),
        ]
