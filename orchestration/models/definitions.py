"""What may be done: workflows, their immutable versions, the steps of a version, and what starts runs."""

from typing import Any, ClassVar

from django.contrib.auth.models import Group
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _

from audit import hot
from audit.clock_time import HandrailNow
from audit.ledger import Place
from audit.models import User
from orchestration.states import (
    TRIGGER_MOVES,
    VERSION_MOVES,
    WORKFLOW_MOVES,
    TriggerStatus,
    VersionStatus,
    WorkflowStatus,
)

# What somebody may do with each workflow, oneself or by a group: every page asks.
RIGHTS = """
SELECT o.content_object_id, p.codename FROM orchestration_workflowuserpermission o
JOIN auth_permission p ON p.id = o.permission_id WHERE o.user_id = %s::bigint
UNION
SELECT o.content_object_id, p.codename FROM orchestration_workflowgrouppermission o
JOIN auth_permission p ON p.id = o.permission_id
JOIN audit_user_groups g ON g.group_id = o.group_id WHERE g.user_id = %s::bigint
"""


class WorkflowQuerySet(models.QuerySet["Workflow"]):
    """Workflows, by what a person may do with them."""

    def allowed(self, user: User, may: str) -> "WorkflowQuerySet":
        """Those on which `user` holds `may` (view, start, decide or manage), oneself or by a group."""
        return self.filter(pk__in=self.ids_allowed(user, may))

    @staticmethod
    def ids_allowed(user: User, may: str) -> list[int]:
        """Their ids. Asked once for each `User` in memory, which is once a request: for lists, not for acts."""
        if not hasattr(user, "_workflow_rights"):
            user._workflow_rights = _rights(user) if user.is_active else {}  # type: ignore[attr-defined]
        rights: dict[int, set[str]] = user._workflow_rights  # type: ignore[attr-defined]
        return [pk for pk, held in rights.items() if f"{may}_workflow" in held]


def _rights(user: User) -> dict[int, set[str]]:
    """What `user` may do with each workflow, oneself or by a group, in one query."""
    held: dict[int, set[str]] = {}
    for pk, codename in hot.rows(RIGHTS, [user.pk, user.pk]):
        held.setdefault(pk, set()).add(codename)
    return held


class Workflow(models.Model):
    """A named process, with an owner."""

    MOVES = WORKFLOW_MOVES

    slug = models.SlugField(unique=True, max_length=80)
    name = models.CharField(max_length=120)
    purpose = models.TextField()
    risk = models.CharField(max_length=20)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, choices=WorkflowStatus, default=WorkflowStatus.ACTIVE)
    current = models.ForeignKey("Version", null=True, on_delete=models.PROTECT, related_name="+")
    runs_at_once = models.PositiveIntegerField(null=True, help_text="Runs under way, or no limit.")
    steps_at_once = models.PositiveIntegerField(null=True, help_text="Steps in flight, or no limit.")
    runs_per_key = models.PositiveIntegerField(null=True, help_text="Runs under way of one key, or no limit.")
    created_at = models.DateTimeField(db_default=HandrailNow())

    objects = WorkflowQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering: ClassVar = ["name"]
        permissions: ClassVar = [
            ("view_workflow", "May see it, its runs and their record"),
            ("start_workflow", "May start runs"),
            ("decide_workflow", "May decide its reviews"),
            ("manage_workflow", "May change and publish it"),
            ("make_workflow", "May make new ones"),
        ]

    def __str__(self) -> str:
        return self.name

    def ledger_place(self) -> Place:
        """Where its events belong."""
        return Place(workflow_id=self.pk, labels={"workflow": self.name})


class Version(models.Model):
    """One definition of a workflow: a draft that people edit, then numbered and published, and never changed again.

    A draft's `source` may be broken; its `document` and `hash` are empty until it is published. `revision` counts its
    saves. `readiness` is what publishing looked at, kept as it was then.
    """

    MOVES = VERSION_MOVES

    workflow = models.ForeignKey(Workflow, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(null=True, help_text="None while it is a draft.")
    status = models.CharField(max_length=10, choices=VersionStatus, default=VersionStatus.DRAFT)
    source = models.TextField()
    document = models.JSONField(default=dict)
    hash = models.CharField(max_length=64, blank=True)
    base = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    revision = models.PositiveIntegerField(default=0)
    edited_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    edited_at = models.DateTimeField(null=True)
    readiness = models.JSONField(null=True)
    created_at = models.DateTimeField(db_default=HandrailNow())
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        default_permissions = ()
        ordering: ClassVar = [F("number").desc(nulls_last=True)]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workflow", "number"], name="version_number"),
            models.UniqueConstraint(
                fields=["workflow"], condition=Q(status=VersionStatus.DRAFT), name="version_one_draft"
            ),
            models.CheckConstraint(
                condition=Q(status=VersionStatus.DRAFT) | Q(number__isnull=False), name="version_has_number"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.workflow.name} {self.number or _('draft')}"

    def ledger_place(self) -> Place:
        """Where its events belong."""
        labels = {"workflow": self.workflow.name, "version": self.number or 0}
        return Place(workflow_id=self.workflow_id, labels=labels)


class Aside(models.Model):
    """A text of a draft that was not saved, because somebody else had saved meanwhile: kept until it is taken."""

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="asides")
    source = models.TextField()
    revision = models.PositiveIntegerField(help_text="The save that it was written on.")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=HandrailNow())
    closed_at = models.DateTimeField(null=True, help_text="When it was taken, or dropped.")

    class Meta:
        default_permissions = ()
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.version} ({self.by})"


class StepRole(models.TextChoices):
    """Why a step stands in a version."""

    STEP = "step", "in the course of things"
    FALLBACK = "fallback", "when its parent failed"
    COMPENSATION = "compensation", "to undo its parent"
    CALL = "call", "when its parent, an agent, asks for it"


class Step(models.Model):
    """One step of a version. `spec` is its part of the document; owner and groups are real rows.

    `parent` is the decision, parallel or map step that it stands in, and `branch` which of its branches (from 0); or
    the step that it stands in for (role fallback), undoes (role compensation) or may be called by (role call).
    `position` counts the document.
    """

    version = models.ForeignKey(Version, db_index=False, on_delete=models.CASCADE, related_name="steps")
    parent = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="inner")
    branch = models.PositiveSmallIntegerField(default=0)
    role = models.CharField(max_length=12, choices=StepRole, default=StepRole.STEP)
    key = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=20)
    purpose = models.TextField()
    owner = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    owner_group = models.ForeignKey(Group, null=True, on_delete=models.PROTECT, related_name="+")
    spec = models.JSONField()

    class Meta:
        default_permissions = ()
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "key"], name="step_key"),
            models.CheckConstraint(
                condition=Q(owner__isnull=False) | Q(owner_group__isnull=False), name="step_has_owner"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def review(self) -> dict[str, Any]:
        """The review point of the step, or its waiver."""
        return dict(self.spec.get("review") or {})

    @property
    def waiver(self) -> dict[str, str]:
        """Why nobody decides here, and until when: reason, and until where it has an end."""
        said = self.review.get("waiver", "")
        return {"reason": said} if isinstance(said, str) else dict(said)

    @property
    def is_reviewed(self) -> bool:
        """Whether a person decides at this step."""
        return "when" in self.review


class StepGroup(models.Model):
    """A group that may see, run or decide at a step, as resolved when the version was published."""

    step = models.ForeignKey(Step, on_delete=models.CASCADE, related_name="groups")
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="+")
    may = models.CharField(max_length=10)

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [models.UniqueConstraint(fields=["step", "group", "may"], name="step_group")]


class Trigger(models.Model):
    """What starts runs without a person at the form. Its owner counts as the starter of its runs.

    `config` says when and with what, by kind; see `orchestration.triggers.kinds`. Secrets stand here encrypted.
    """

    MOVES = TRIGGER_MOVES

    workflow = models.ForeignKey(Workflow, on_delete=models.PROTECT, related_name="triggers")
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=120)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, choices=TriggerStatus, default=TriggerStatus.ACTIVE)
    place = models.BigIntegerField(default=0, help_text="How far a feed, or the record, has been read.")
    config = models.JSONField(default=dict)
    source = models.ForeignKey(
        Workflow, null=True, on_delete=models.PROTECT, related_name="+", help_text="Whose ended runs it follows."
    )
    public_id = models.CharField(max_length=40, null=True, unique=True)  # noqa: DJ001  (only some have one)
    secret = models.TextField(blank=True)
    old_secret = models.TextField(blank=True, help_text="Good until old_secret_until.")
    old_secret_until = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True, help_text="When a schedule is due next.")
    made_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=HandrailNow())
    changed_at = models.DateTimeField(db_default=HandrailNow())

    class Meta:
        default_permissions = ()
        indexes: ClassVar = [
            models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="trigger_next"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workflow"], condition=Q(kind="api"), name="trigger_one_api"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_on(self) -> bool:
        """Whether it starts runs."""
        return self.status == TriggerStatus.ACTIVE

    def ledger_place(self) -> Place:
        """Where its events belong."""
        return Place(workflow_id=self.workflow_id, labels={"workflow": self.workflow.name, "trigger": self.name})

    def advance(self, by: int = 1) -> None:
        """Remember that `by` more entries of the feed were read."""
        type(self)._base_manager.filter(pk=self.pk).update(place=F("place") + by)
