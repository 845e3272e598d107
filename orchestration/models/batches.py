"""Uploads: files whose rows start runs, one each; and every row of them, with what became of it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from audit.clock_time import HandrailNow
from audit.ledger import Place
from audit.models import User
from orchestration.models.contents import Content
from orchestration.models.definitions import Trigger, Version, Workflow
from orchestration.models.runs import Run
from orchestration.states import UPLOAD_MOVES, FireResult, UploadStatus

AT_WORK = (UploadStatus.CHECKING, UploadStatus.STARTING)


class UploadQuerySet(models.QuerySet["Upload"]):
    """Uploads, by who may see them."""

    def seen_by(self, user: User) -> "UploadQuerySet":
        """One's own, and those of the workflows that one manages; never of a workflow that one may not see."""
        manages = Q(workflow__in=Workflow.objects.ids_allowed(user, "manage"))
        return self.filter(Q(by=user) | manages, workflow__in=Workflow.objects.ids_allowed(user, "view"))


class Upload(models.Model):
    """A file that somebody sent, each row of which is to start a run of a workflow.

    `mapping` says for each field of the input where it comes from; see `orchestration.batches.mapping`. `version` is
    the one that the rows were looked through for. Whoever sent it counts as the starter, and owns the trigger.
    """

    MOVES = UPLOAD_MOVES

    workflow = models.ForeignKey(Workflow, on_delete=models.PROTECT, related_name="uploads")
    trigger = models.ForeignKey(Trigger, null=True, on_delete=models.PROTECT, related_name="uploads")
    version = models.ForeignKey(Version, null=True, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, choices=UploadStatus, default=UploadStatus.DRAFT)
    name = models.CharField(max_length=200)
    file = models.ForeignKey(Content, null=True, on_delete=models.PROTECT, related_name="+")
    form = models.CharField(max_length=10, help_text="csv or jsonl.")
    encoding = models.CharField(max_length=20)
    delimiter = models.CharField(max_length=1, blank=True)
    columns = models.JSONField(help_text="Their names, in order.")
    notes = models.JSONField(default=list, help_text="What was found while it was read, in sentences.")
    total = models.PositiveIntegerField(help_text="Rows.")
    mapping = models.JSONField(default=dict)
    why = models.TextField(blank=True, help_text="Why it was stopped.")
    created_at = models.DateTimeField(db_default=HandrailNow())
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = UploadQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        indexes: ClassVar = [
            models.Index(fields=["workflow", "-id"], name="upload_workflow"),
            models.Index(fields=["id"], condition=Q(status__in=[*AT_WORK]), name="upload_at_work"),
        ]

    def __str__(self) -> str:
        return self.name

    def ledger_place(self) -> Place:
        """Where its events belong."""
        return Place(workflow_id=self.workflow_id, labels={"workflow": self.workflow.name})


class UploadRow(models.Model):
    """One row. `result` is written once, together with the run that it starts; until then the row waits.

    `cells` is a list of texts (CSV) or an object (JSON lines); `problems` are pairs of a column and a sentence.
    """

    upload = models.ForeignKey(Upload, db_index=False, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(help_text="From 1.")
    line = models.PositiveIntegerField(help_text="Where it begins in the file.")
    cells = models.JSONField()
    fits = models.BooleanField(null=True, help_text="None until it was looked at.")
    problems = models.JSONField(null=True)
    result = models.CharField(max_length=10, choices=FireResult, blank=True)
    run = models.OneToOneField(Run, null=True, on_delete=models.PROTECT, related_name="upload_row")

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["upload", "number"], name="upload_row"),
            models.CheckConstraint(
                condition=Q(run__isnull=True) | Q(result=FireResult.STARTED), name="upload_row_started"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["upload", "number"], condition=Q(result=""), name="upload_row_waits"),
            models.Index(fields=["upload", "number"], condition=Q(problems__isnull=False), name="upload_row_wrong"),
        ]

    def __str__(self) -> str:
        return f"{self.upload_id}:{self.number}"
