"""The tables of review: questions put to people, their answers, and the drafts of those."""

from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.fields.tuple_lookups import TupleGreaterThan, TupleLessThan
from django.utils import timezone

from audit.clock_time import HandrailNow
from audit.ledger import Place
from audit.models import User
from orchestration.models import Run, StepRun, Workflow
from reviews.states import DECIDED, REVIEW_MOVES, ReviewStatus, Verdict

STANDING = Q(undone_at__isnull=True, emptied_at__isnull=True)
IN_ORDER = (F("priority"), F("due_at"), F("id"))  # compared as one row, which an index can follow


class ReviewQuerySet(models.QuerySet["Review"]):
    """Reviews, in the words of those who decide them."""

    def seen_by(self, user: User) -> "ReviewQuerySet":
        """Those of workflows that `user` may see."""
        return self.filter(workflow__in=Workflow.objects.ids_allowed(user, "view"))

    def open(self) -> "ReviewQuerySet":
        """Those that still want an answer."""
        return self.filter(status=ReviewStatus.OPEN)

    def open_for(self, user: User) -> "ReviewQuerySet":
        """Those that `user` may decide now: asked of a group of theirs, and not their own work."""
        workflows = Workflow.objects.ids_allowed(user, "decide")
        groups = list(user.group_names)
        found = self.open().filter(workflow__in=workflows, group__in=groups).exclude(started_by=user)
        own = Decision.objects.standing().filter(review=OuterRef("pk"), by=user)
        return found.filter(Q(filled=0) | ~Exists(own))  # asked only of those few of which a place is filled

    def in_order(self) -> "ReviewQuerySet":
        """What is urgent first, then what is due first."""
        return self.order_by("priority", "due_at", "id")

    def after(self, priority: int, due_at: datetime, pk: int) -> "ReviewQuerySet":
        """Those that stand behind a given place in that order."""
        return self.filter(TupleGreaterThan(IN_ORDER, (priority, due_at, pk)))

    def before(self, priority: int, due_at: datetime, pk: int) -> "ReviewQuerySet":
        """Those that stand in front of that place."""
        return self.filter(TupleLessThan(IN_ORDER, (priority, due_at, pk)))

    def overdue(self) -> "ReviewQuerySet":
        """Open ones whose time is over."""
        return self.open().filter(due_at__lt=HandrailNow())

    def decided_by(self, user: User, *, since: datetime) -> "ReviewQuerySet":
        """Those that `user` decided since then, newest first."""
        return self.filter(decided_by=user, status__in=DECIDED, decided_at__gte=since).order_by("-decided_at", "-id")


class Review(models.Model):
    """One question put to people. What they see is `content`, and `content_hash` is what they approve.

    A step asks again when its run was moved to a version in which it does something else: the newest of its reviews
    counts, and no other is open.

    `places` are those that are to be filled, each a number and a group: [] or one for most. `place` is the one that is
    asked now, of `group`; so many are `filled`. `written` is the content as it was before one of them changed it.
    """

    MOVES = REVIEW_MOVES

    step_run = models.ForeignKey(StepRun, on_delete=models.PROTECT, related_name="+")
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+")
    workflow = models.ForeignKey(Workflow, on_delete=models.PROTECT, related_name="+")
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="+")
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, choices=ReviewStatus, default=ReviewStatus.OPEN)
    version = models.PositiveIntegerField(default=1)
    title = models.CharField(max_length=200)
    summary = models.CharField(max_length=300)
    content = models.JSONField()
    content_hash = models.CharField(max_length=64)
    places = models.JSONField(default=list)
    place = models.PositiveSmallIntegerField(default=1)
    filled = models.PositiveSmallIntegerField(default=0)
    written = models.JSONField(null=True)
    rule = models.CharField(max_length=80)
    why = models.TextField()
    evidence = models.JSONField(default=dict)
    confidence = models.FloatField(null=True)
    priority = models.PositiveSmallIntegerField(default=1)
    asked_at = models.DateTimeField(db_default=HandrailNow())
    due_at = models.DateTimeField()
    undo_seconds = models.PositiveIntegerField(default=0)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        indexes: ClassVar = [
            models.Index(
                fields=["workflow", "group", "priority", "due_at", "id"],
                condition=Q(status=ReviewStatus.OPEN),
                name="review_waiting",
            ),
            models.Index(
                fields=["priority", "due_at", "id"], condition=Q(status=ReviewStatus.OPEN), name="review_open"
            ),
            models.Index(fields=["decided_by", "-decided_at", "-id"], name="review_decided"),
            models.Index(fields=["run"], name="review_run"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["step_run"], condition=Q(status=ReviewStatus.OPEN), name="review_one_open_a_step"
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("started_by")),
                name="review_not_own_work",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        """Whether it still wants an answer."""
        return self.status == ReviewStatus.OPEN

    @property
    def first_written(self) -> dict[str, Any]:
        """The content as the step put it, before anybody changed it."""
        return dict(self.content if self.written is None else self.written)

    @property
    def arguments(self) -> dict[str, Any]:
        """What is shown field by field and may be edited: a tool's arguments, or a model's output."""
        return dict(self.content.get("arguments", self.content))

    def with_arguments(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """The content with other arguments."""
        return {**self.content, "arguments": arguments} if "arguments" in self.content else dict(arguments)

    def ledger_place(self) -> Place:
        """Where its events belong."""
        place = self.step_run.ledger_place()
        labels = {
            **(place.labels or {}),
            "group": self.group.name,
            "rule": self.rule,
            "confidence": self.confidence,
        }
        return Place(place.run_id, place.workflow_id, labels)


class DecisionQuerySet(models.QuerySet["Decision"]):
    """Decisions, in the words of those who count them."""

    def standing(self) -> "DecisionQuerySet":
        """Those that nobody took back, and whose place nobody emptied."""
        return self.filter(undone_at__isnull=True, emptied_at__isnull=True)


class Decision(models.Model):
    """One person's answer: what was shown, what was approved, why, and the receipt of its entry in the ledger.

    It fills a `place`; when somebody who approves at another one changes the content, that place is empty again.
    """

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="decisions")
    verdict = models.CharField(max_length=10, choices=Verdict)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=HandrailNow())
    reason = models.TextField(blank=True)
    content = models.JSONField()
    content_hash = models.CharField(max_length=64)
    shown_hash = models.CharField(max_length=64)
    edited = models.BooleanField()
    undo_until = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    place = models.PositiveSmallIntegerField(default=1)
    emptied_at = models.DateTimeField(null=True)
    receipt = models.UUIDField(unique=True)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["review", "place"], condition=STANDING, name="one_deciding_vote"),
            models.UniqueConstraint(fields=["review", "by"], condition=STANDING, name="one_place_each"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["by", "undo_until"], name="decision_undo"),
            models.Index(fields=["at"], name="decision_at"),
        ]

    @property
    def is_standing(self) -> bool:
        """Whether it fills its place."""
        return self.undone_at is None and self.emptied_at is None

    @property
    def can_be_undone(self) -> bool:
        """Whether its undo window was still open when it was read (the database decides when it is used)."""
        return self.is_standing and self.undo_until is not None and self.undo_until > timezone.now()


class Draft(models.Model):
    """What somebody has typed on a review and not sent: their edit and their reason."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="drafts")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    arguments = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    updated_at = models.DateTimeField(db_default=HandrailNow())

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [models.UniqueConstraint(fields=["review", "user"], name="one_draft_each")]
