"""What is being done: runs, their steps, and every try of a step."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from audit import sight
from audit.clock_time import HandrailNow
from audit.ledger import Place
from audit.models import User
from orchestration import frames
from orchestration.models.definitions import Step, Trigger, Version, Workflow
from orchestration.states import (
    RUN_LIVE,
    RUN_MOVES,
    STEP_LIVE,
    STEP_MOVES,
    Awaits,
    ConfidenceSource,
    RunStatus,
    StepStatus,
)

MONEY = {"max_digits": 14, "decimal_places": 8, "default": 0}
FIRST, USUAL, LAST = 0, 1, 2  # priorities


class RunQuerySet(models.QuerySet["Run"]):
    """Runs, in the words of those who look for them."""

    def seen_by(self, user: User) -> "RunQuerySet":
        """Runs of the workflows that `user` may see, without those that are hidden from them for now."""
        return self.of_workflows_seen_by(user).filter(sight.unveiled(user, "pk"))

    def of_workflows_seen_by(self, user: User) -> "RunQuerySet":
        """Runs of the workflows that `user` may see: for a page that says by itself why it hides one."""
        return self.filter(workflow__in=Workflow.objects.ids_allowed(user, "view"))

    def live(self) -> "RunQuerySet":
        """Runs that have not ended."""
        return self.filter(status__in=RUN_LIVE)


class Run(models.Model):
    """One execution of a version, from its input to its outcome."""

    MOVES = RUN_MOVES

    workflow = models.ForeignKey(Workflow, db_index=False, on_delete=models.PROTECT, related_name="runs")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="runs")
    trigger = models.ForeignKey(Trigger, null=True, on_delete=models.PROTECT, related_name="runs")
    title = models.CharField(max_length=200)
    status = models.CharField(max_length=10, choices=RunStatus, default=RunStatus.ACCEPTED)
    ending = models.CharField(
        max_length=10, blank=True, help_text="What it will have come to once its last steps ended: failed, cancelled."
    )
    priority = models.PositiveSmallIntegerField(default=USUAL, help_text="0 before 1 before 2.")
    key = models.CharField(max_length=200, blank=True, help_text="Runs of one key take turns: a customer, say.")
    waits_turn = models.BooleanField(default=False, help_text="Too many runs of its workflow or key are under way.")
    input = models.JSONField()
    result = models.JSONField(null=True, help_text="What it hands to whoever started it.")
    outcome = models.CharField(max_length=120, blank=True)
    succeeded = models.BooleanField(null=True)
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    parent = models.ForeignKey(
        "StepRun",
        db_index=False,
        null=True,
        on_delete=models.PROTECT,
        related_name="child_runs",
        help_text="The step that started it.",
    )
    depth = models.PositiveSmallIntegerField(default=0, help_text="How many runs stand above it, or ended before it.")
    sent_back = models.PositiveSmallIntegerField(default=0, help_text="How often something in it was sent back.")
    restarted_from = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="restarts")
    edited = models.JSONField(
        null=True, help_text="What the step that it begins again at reads, if somebody wrote it: step, input."
    )
    created_at = models.DateTimeField(db_default=HandrailNow())
    ended_at = models.DateTimeField(null=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        indexes: ClassVar = [
            models.Index(fields=["workflow", "-id"], name="run_workflow"),
            models.Index(fields=["-id"], condition=Q(status__in=[*RUN_LIVE]), name="run_live"),
            models.Index(
                fields=["workflow", "waits_turn", "priority", "id"],
                condition=Q(status__in=[*RUN_LIVE]),
                name="run_turns",
            ),
            models.Index(fields=["parent"], condition=Q(parent__isnull=False), name="run_parent"),
            models.Index(fields=["id"], condition=~Q(ending="") & Q(status__in=[*RUN_LIVE]), name="run_ending"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_live(self) -> bool:
        """Whether it has not ended."""
        return self.status in RUN_LIVE

    def reads(self, key: str) -> Any:
        """What a step reads by somebody's own hand (as a row holds it), in place of what it would work out; or None."""
        return self.edited["input"] if self.edited and self.edited["step"] == key else None

    def ledger_place(self) -> Place:
        """Where its events belong."""
        labels = {"workflow": self.workflow.name, "version": self.version.number}
        return Place(self.pk, self.workflow_id, labels)


class StepRunQuerySet(models.QuerySet["StepRun"]):
    """Steps of runs, by what is to be done with them."""

    def open_to(self, user: User, may: str = "view") -> "StepRunQuerySet":
        """Those of workflows on which `user` holds `may`, without those of runs that are hidden from them for now."""
        return self.filter(sight.unveiled(user, "run"), workflow__in=Workflow.objects.ids_allowed(user, may))

    def waiting(self) -> "StepRunQuerySet":
        """Those that wait, for whatever it is."""
        return self.filter(status=StepStatus.WAITING)

    def waiting_for_people(self) -> "StepRunQuerySet":
        """Those that wait for a person."""
        return self.filter(status=StepStatus.WAITING, awaits=Awaits.PERSON)

    def unsettled(self) -> "StepRunQuerySet":
        """Those whose outcome is unknown, until somebody says what happened."""
        return self.filter(status=StepStatus.WAITING, awaits=Awaits.OUTCOME)

    def claimable(self) -> "StepRunQuerySet":
        """Those that a worker may take now, oldest first, as far as their own row tells."""
        due = Q(not_before__isnull=True) | Q(not_before__lte=HandrailNow())
        return self.filter(due, status=StepStatus.READY).order_by("id")

    def due(self) -> "StepRunQuerySet":
        """Those whose moment has come: ready since then, or to be woken."""
        return self.filter(status=StepStatus.WAITING, wake_at__lte=HandrailNow())

    def expired(self) -> "StepRunQuerySet":
        """Those whose worker has not been heard of for the length of its lease."""
        return self.filter(status=StepStatus.RUNNING, lease_until__lt=HandrailNow())

    def live(self) -> "StepRunQuerySet":
        """Those that have not ended."""
        return self.filter(status__in=STEP_LIVE)

    def standing(self) -> "StepRunQuerySet":
        """Those that count: not those in whose place others came when something was sent back."""
        return self.filter(superseded_at__isnull=True)


class StepRun(models.Model):
    """A step in a run. Its `fence` counts claims: only the holder of the newest may write.

    `parent` is the parallel or map step that it stands in, and `part` the branch or item (from 0); or the agent that
    asked for it, and which of its calls it is. `frame` is what its expressions can read beside the outputs of the run
    itself, see `orchestration.frames`: "" outside, else items, rounds and calls as `17.3`, `31~0` or `17.3/25:0`.
    `given` is what an agent asked for: the call's id and arguments. `again` tells apart the same step of a run in which
    something was sent back: the earlier one is superseded, and `returned` says why the later one was begun.
    """

    MOVES = STEP_MOVES
    checks: Sequence[Any] = ()  # what the rules were asked in this try: kept with it

    run = models.ForeignKey(Run, db_index=False, on_delete=models.PROTECT, related_name="step_runs")
    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="+")
    workflow = models.ForeignKey(Workflow, on_delete=models.PROTECT, related_name="+")
    parent = models.ForeignKey("self", db_index=False, null=True, on_delete=models.PROTECT, related_name="children")
    part = models.IntegerField(default=0)
    frame = models.CharField(max_length=200, blank=True)
    again = models.PositiveSmallIntegerField(default=0, help_text="How often its run was sent back before it.")
    superseded_at = models.DateTimeField(null=True, help_text="When it was sent back: it no longer counts.")
    returned = models.JSONField(null=True, help_text="Who sent it back, the note, and what it had come to.")
    undoes = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="undone_by")
    shared_from = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, choices=StepStatus, default=StepStatus.READY)
    lane = models.CharField(max_length=140, blank=True, help_text="The model or tool whose limit it counts against.")
    priority = models.PositiveSmallIntegerField(default=USUAL)

    fence = models.PositiveIntegerField(default=0)
    worker = models.CharField(max_length=80, blank=True)
    claimed_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    acting = models.BooleanField(default=False, help_text="Whether this try has begun its call.")
    tries = models.PositiveSmallIntegerField(default=0, help_text="Tries that ended in an answer or a failure.")
    deaths = models.PositiveSmallIntegerField(default=0, help_text="Tries that nobody ended.")
    deaths_alone = models.PositiveSmallIntegerField(default=0, help_text="Those of them with nothing else in flight.")
    alone = models.BooleanField(default=False, help_text="Whether this try has its worker to itself.")
    stop_asked_at = models.DateTimeField(null=True)

    not_before = models.DateTimeField(null=True)
    awaits = models.CharField(max_length=10, choices=Awaits, blank=True)
    awaits_event = models.CharField(max_length=120, blank=True)
    wake_at = models.DateTimeField(null=True)
    parts = models.IntegerField(default=0, help_text="Branches or items in all.")
    parts_begun = models.IntegerField(default=0)
    parts_done = models.IntegerField(default=0)
    parts_failed = models.IntegerField(default=0)

    given = models.JSONField(null=True, help_text="What an agent asked for, where this is a call of one.")
    question = models.JSONField(null=True)
    answer = models.JSONField(null=True)
    output = models.JSONField(null=True)
    error = models.TextField(blank=True)
    broken = models.BooleanField(default=False, help_text="Handrail broke; it was not the work that failed.")
    metrics = models.JSONField(default=list, help_text="Success metrics: name, whether met, target.")
    data_class = models.CharField(max_length=12, blank=True, help_text="Of what it read; its output carries it on.")
    untrusted = models.BooleanField(default=False, help_text="Whether others wrote what it came to.")
    ready_at = models.DateTimeField(db_default=HandrailNow())
    waiting_since = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = StepRunQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "frame", "step", "again"], name="step_once_a_frame")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["workflow", "lane", "priority", "id"], condition=Q(status=StepStatus.READY), name="step_ready"
            ),
            models.Index(
                fields=["not_before"],
                condition=Q(status=StepStatus.READY, not_before__isnull=False),
                name="step_not_before",
            ),
            models.Index(fields=["lease_until"], condition=Q(status=StepStatus.RUNNING), name="step_lease"),
            models.Index(fields=["workflow", "lane"], condition=Q(status=StepStatus.RUNNING), name="step_in_flight"),
            models.Index(
                fields=["waiting_since"],
                condition=Q(status=StepStatus.WAITING, awaits=Awaits.PERSON),
                name="step_waiting",
            ),
            models.Index(
                fields=["wake_at"], condition=Q(status=StepStatus.WAITING, wake_at__isnull=False), name="step_wake"
            ),
            models.Index(
                fields=["awaits_event"],
                condition=Q(status=StepStatus.WAITING, awaits=Awaits.EVENT),
                name="step_event",
            ),
            models.Index(
                fields=["waiting_since"],
                condition=Q(status=StepStatus.WAITING, awaits=Awaits.OUTCOME),
                name="step_unsettled",
            ),
            models.Index(
                fields=["parent", "part"],
                condition=Q(parent__isnull=False),
                name="step_parent",
            ),
            models.Index(fields=["run"], condition=Q(untrusted=True), name="step_untrusted"),
        ]

    def __str__(self) -> str:
        return f"{self.step.name}, run {self.run_id}"

    def ledger_place(self) -> Place:
        """Where its events belong."""
        place = self.run.ledger_place()
        labels = {**(place.labels or {}), "step": self.step.name}
        if (item := frames.innermost_item(self.frame)) is not None:
            labels["item"] = item.number
        if (inside := frames.innermost_round(self.frame)) is not None:
            labels["round"] = inside[0] + 1
        if self.given is not None:
            labels["call"] = self.part
        return Place(place.run_id, place.workflow_id, labels)


class Attempt(models.Model):
    """One try of a step that has ended: by which worker, with which model, for how much, and what it came to.

    `result` is done, failed, waiting, cancelled, lost (nobody ended it) or late (its fence had passed).
    """

    step_run = models.ForeignKey(StepRun, on_delete=models.PROTECT, related_name="attempts")
    fence = models.PositiveIntegerField()
    worker = models.CharField(max_length=80)
    started_at = models.DateTimeField(db_default=HandrailNow())
    ended_at = models.DateTimeField(null=True)
    result = models.CharField(max_length=10, blank=True)
    error = models.TextField(blank=True)
    model = models.CharField(max_length=120, blank=True)
    confidence = models.FloatField(null=True)
    confidence_source = models.CharField(max_length=12, blank=True, choices=ConfidenceSource)
    tokens_in = models.PositiveIntegerField(default=0)
    tokens_out = models.PositiveIntegerField(default=0)
    cost = models.DecimalField(**MONEY)  # type: ignore[arg-type]  # USD
    prompt = models.JSONField(null=True)
    acting = models.BooleanField(default=False, help_text="Whether the call was begun.")

    class Meta:
        default_permissions = ()
        ordering: ClassVar = ["fence"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["step_run", "fence"], condition=~Q(result="late"), name="attempt_fence")
        ]
        indexes: ClassVar = [models.Index(fields=["started_at"], name="attempt_started")]
