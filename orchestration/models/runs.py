"""What is being done: runs, their steps, and every try of a step."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from audit.clock_time import HandrailNow
from audit.ledger import Place
from audit.models import User
from orchestration.models.definitions import Step, Trigger, Version, Workflow
from orchestration.states import RUN_LIVE, RUN_MOVES, STEP_MOVES, RunStatus, StepStatus

MONEY = {"max_digits": 14, "decimal_places": 8, "default": 0}


class RunQuerySet(models.QuerySet["Run"]):
    """Runs, in the words of those who look for them."""

    def seen_by(self, user: User) -> "RunQuerySet":
        """Runs of the workflows that `user` may see."""
        return self.filter(workflow__in=Workflow.objects.ids_allowed(user, "view"))

    def live(self) -> "RunQuerySet":
        """Runs that have not ended."""
        return self.filter(status__in=RUN_LIVE)


class Run(models.Model):
    """One execution of a version, from its input to its outcome."""

    MOVES = RUN_MOVES

    workflow = models.ForeignKey(Workflow, on_delete=models.PROTECT, related_name="runs")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="runs")
    trigger = models.ForeignKey(Trigger, null=True, on_delete=models.PROTECT, related_name="runs")
    title = models.CharField(max_length=200)
    status = models.CharField(max_length=10, choices=RunStatus, default=RunStatus.ACCEPTED)
    input = models.JSONField()
    outcome = models.CharField(max_length=120, blank=True)
    succeeded = models.BooleanField(null=True)
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=HandrailNow())
    ended_at = models.DateTimeField(null=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        indexes: ClassVar = [
            models.Index(fields=["workflow", "-id"], name="run_workflow"),
            models.Index(fields=["-id"], condition=Q(status__in=[*RUN_LIVE]), name="run_live"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_live(self) -> bool:
        """Whether it has not ended."""
        return self.status in RUN_LIVE

    def ledger_place(self) -> Place:
        """Where its events belong."""
        labels = {"workflow": self.workflow.name, "version": self.version.number}
        return Place(self.pk, self.workflow_id, labels)


class StepRunQuerySet(models.QuerySet["StepRun"]):
    """Steps of runs, by what is to be done with them."""

    def waiting(self) -> "StepRunQuerySet":
        """Those that wait for a person."""
        return self.filter(status=StepStatus.WAITING)

    def claimable(self) -> "StepRunQuerySet":
        """Those that a worker may take now, oldest first."""
        due = Q(not_before__isnull=True) | Q(not_before__lte=HandrailNow())
        return self.filter(due, status=StepStatus.READY).order_by("id")

    def expired(self) -> "StepRunQuerySet":
        """Those whose worker has not been heard of for the length of its lease."""
        return self.filter(status=StepStatus.RUNNING, lease_until__lt=HandrailNow())


class StepRun(models.Model):
    """A step in a run. Its `fence` counts claims: only the holder of the newest may write."""

    MOVES = STEP_MOVES

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="step_runs")
    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, choices=StepStatus, default=StepStatus.READY)
    fence = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)
    question = models.JSONField(null=True)
    answer = models.JSONField(null=True)
    output = models.JSONField(null=True)
    error = models.TextField(blank=True)
    metrics = models.JSONField(default=list, help_text="Success metrics: name, whether met, target.")
    ready_at = models.DateTimeField(db_default=HandrailNow())
    waiting_since = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = StepRunQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["run", "step"], name="step_once_a_run")]
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=Q(status=StepStatus.READY), name="step_ready"),
            models.Index(fields=["not_before"], condition=Q(status=StepStatus.READY), name="step_not_before"),
            models.Index(fields=["lease_until"], condition=Q(status=StepStatus.RUNNING), name="step_lease"),
            models.Index(fields=["waiting_since"], condition=Q(status=StepStatus.WAITING), name="step_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.step.name}, run {self.run_id}"

    def ledger_place(self) -> Place:
        """Where its events belong."""
        place = self.run.ledger_place()
        return Place(place.run_id, place.workflow_id, {**(place.labels or {}), "step": self.step.name})


class Attempt(models.Model):
    """One try of a step: by which worker, with which model, for how much, and what it came to."""

    step_run = models.ForeignKey(StepRun, on_delete=models.PROTECT, related_name="attempts")
    fence = models.PositiveIntegerField()
    worker = models.CharField(max_length=80)
    started_at = models.DateTimeField(db_default=HandrailNow())
    ended_at = models.DateTimeField(null=True)
    result = models.CharField(max_length=10, blank=True)
    error = models.TextField(blank=True)
    model = models.CharField(max_length=120, blank=True)
    confidence = models.FloatField(null=True)
    tokens_in = models.PositiveIntegerField(default=0)
    tokens_out = models.PositiveIntegerField(default=0)
    cost = models.DecimalField(**MONEY)  # type: ignore[arg-type]  # USD
    prompt = models.JSONField(null=True)
    acting = models.BooleanField(default=False, help_text="Whether the call was begun.")

    class Meta:
        default_permissions = ()
        ordering: ClassVar = ["fence"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["step_run", "fence"], name="attempt_fence")]
        indexes: ClassVar = [models.Index(fields=["started_at"], name="attempt_started")]
