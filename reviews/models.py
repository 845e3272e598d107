"""The tables of review: questions put to people. Their answers are in `answers`, and are known from here too."""

from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.models import Group
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.fields.tuple_lookups import TupleGreaterThan, TupleLessThan

from audit import sight
from audit.clock_time import HandrailNow
from audit.ledger import Place
from audit.models import User
from orchestration.models import Run, StepRun, Workflow
from orchestration.ways import ANSWERS
from reviews import reaching  # noqa: F401  (its tables)
from reviews.answers import Decision, DecisionQuerySet, Draft
from reviews.beside import Comment, CommentFile, Findable, View, Watch
from reviews.states import ANSWERED, REVIEW_MOVES, ReviewKind, ReviewStatus
from reviews.when.tables import CONSTRAINTS, INDEXES, Calendar, Lapse, Timed
from reviews.who import mine
from reviews.who.models import Absence, Opinion, Turn

__all__ = [
    "Absence",
    "Calendar",
    "Comment",
    "CommentFile",
    "Decision",
    "DecisionQuerySet",
    "Draft",
    "Findable",
    "Lapse",
    "Opinion",
    "Review",
    "ReviewQuerySet",
    "Turn",
    "View",
    "Watch",
]

UNSURE = 0.65  # a confidence under it is low
IN_ORDER = (F("priority"), F("due_at"), F("id"))  # compared as one row, which an index can follow


class ReviewQuerySet(models.QuerySet["Review"]):
    """Reviews, in the words of those who decide them."""

    def seen_by(self, user: User) -> "ReviewQuerySet":
        """Those of workflows that `user` may see."""
        return self.filter(workflow__in=Workflow.objects.ids_allowed(user, "view"))

    def unveiled(self, user: User) -> "ReviewQuerySet":
        """Those that tell `user` nothing that a veil hides from them; and the blind ones that they are to answer."""
        return self.filter(sight.unveiled(user, "run") | Q(kind=ReviewKind.BLIND, chosen=user))

    def open(self) -> "ReviewQuerySet":
        """Those that still want an answer."""
        return self.filter(status=ReviewStatus.OPEN)

    def open_for(self, user: User) -> "ReviewQuerySet":
        """Those that `user` may decide now: asked of them, or of somebody who is away and for whom they act.

        Nothing that is work of either, and nothing that either has approved already at another place; nor of anybody
        beside whom they are too new.
        """
        own = Decision.objects.standing().filter(review=OuterRef("pk"))
        found: Any = Q(pk__in=[])
        for whom in mine.acts_for(user):
            apart = sorted(whom.able.apart)
            filled = own.filter(Q(by__in=apart) | Q(stands_for__in=apart))
            mind = Q(filled=0) | ~Exists(filled)  # asked only of those few of which a place is filled
            found |= whom.asked & ~Q(not_by__overlap=apart) & mind
        return self.open().filter(workflow__in=mine.workflows(user)).filter(found).unveiled(user)

    def named(self, user: User) -> "ReviewQuerySet":
        """Those that are assigned to `user`, or that `user` holds at this moment."""
        return self.filter(Q(assigned_to=user) | Q(claimed_by=user, claimed_until__gt=HandrailNow()))

    def in_order(self) -> "ReviewQuerySet":
        """What is urgent first, then what is due first."""
        return self.order_by("priority", "due_at", "id")

    def after(self, priority: int, due_at: datetime, pk: int) -> "ReviewQuerySet":
        """Those that stand behind a given place in that order."""
        return self.filter(TupleGreaterThan(IN_ORDER, (priority, due_at, pk)))

    def before(self, priority: int, due_at: datetime, pk: int) -> "ReviewQuerySet":
        """Those that stand in front of that place."""
        return self.filter(TupleLessThan(IN_ORDER, (priority, due_at, pk)))

    def deciding(self) -> "ReviewQuerySet":
        """Without blind second ones, which release nothing."""
        return self.filter(kind=ReviewKind.DECIDES)

    def overdue(self) -> "ReviewQuerySet":
        """Open ones whose time is over."""
        return self.open().filter(due_at__lt=HandrailNow())

    def decided_by(self, user: User, *, since: datetime) -> "ReviewQuerySet":
        """Those that `user` decided since then, newest first."""
        return self.filter(decided_by=user, status__in=ANSWERED, decided_at__gte=since).order_by("-decided_at", "-id")


class Review(Timed):
    """One question put to people. What they see is `content`, and `content_hash` is what they approve.

    A step asks again when its run was moved to a version in which it does something else: the newest of its reviews
    counts, and no other is open.

    `places` are those that may be filled (`reviews.who.seating`), of which so many are `needed`. `place` is the one
    that is asked now, or the first of those that are asked side by side; so many are `filled`. `asked_groups`,
    `asked_people` and `asked_skilled` are whom all of them ask that are asked now, and `not_by` those whose own work
    it is, with why in `own_work`. `group` is the one that it is listed under. `written` is the content as it was
    before one of them changed it.
    """

    MOVES = REVIEW_MOVES

    step_run = models.ForeignKey(StepRun, on_delete=models.PROTECT, related_name="+")
    run = models.ForeignKey(Run, db_index=False, on_delete=models.PROTECT, related_name="+")
    workflow = models.ForeignKey(Workflow, db_index=False, on_delete=models.PROTECT, related_name="+")
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
    needed = models.PositiveSmallIntegerField(default=1)
    side_by_side = models.BooleanField(default=False)
    asked_groups = ArrayField(models.BigIntegerField(), default=list)
    asked_people = ArrayField(models.BigIntegerField(), default=list)
    asked_skilled = ArrayField(models.CharField(max_length=100), default=list)
    not_by = ArrayField(models.BigIntegerField(), default=list)
    own_work = models.JSONField(default=dict)
    assigned_to = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    claimed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    claimed_until = models.DateTimeField(null=True)
    nobody_since = models.DateTimeField(null=True, help_text="Since when nobody may decide it, as far as it was found.")
    rule = models.CharField(max_length=80)
    why = models.TextField()
    evidence = models.JSONField(default=dict)
    confidence = models.FloatField(null=True)
    priority = models.PositiveSmallIntegerField(default=1)
    asked_at = models.DateTimeField(db_default=HandrailNow())
    due_at = models.DateTimeField()
    undo_seconds = models.PositiveIntegerField(default=0)
    signs = models.TextField(blank=True)  # what a signature means here; "" where none is asked for
    decided_by = models.ForeignKey(User, db_index=False, null=True, on_delete=models.PROTECT, related_name="+")
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
            GinIndex(
                fields=["asked_groups", "asked_people", "asked_skilled"],
                condition=Q(status=ReviewStatus.OPEN),
                fastupdate=False,
                name="review_asked",
            ),
            models.Index(fields=["due_at", "id"], condition=Q(status=ReviewStatus.OPEN), name="review_due"),
            models.Index(
                fields=["assigned_to", "due_at", "id"],
                condition=Q(status=ReviewStatus.OPEN, assigned_to__isnull=False),
                name="review_assigned",
            ),
            models.Index(
                fields=["workflow", "id"],
                condition=Q(status=ReviewStatus.OPEN, nobody_since__isnull=False),
                name="review_nobody",
            ),
            *INDEXES,
            GinIndex(fields=["not_by"], condition=Q(status=ReviewStatus.OPEN), fastupdate=False, name="review_own"),
            models.Index(fields=["id"], condition=Q(status=ReviewStatus.OPEN, filled__gt=0), name="review_part_filled"),
            models.Index(
                fields=["priority", "due_at", "id"],
                condition=Q(status=ReviewStatus.OPEN, confidence__lt=UNSURE),
                name="review_unsure",
            ),
            models.Index(fields=["workflow", "rule", "-decided_at", "-id"], name="review_like"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["step_run"],
                condition=Q(status=ReviewStatus.OPEN, kind=ReviewKind.DECIDES),
                name="review_one_open_a_step",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("started_by")),
                name="review_not_own_work",
            ),
            *CONSTRAINTS,
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
        if "arguments" in self.content:
            return dict(self.content["arguments"])
        return {name: value for name, value in self.content.items() if self._is_own(name)}

    def _is_own(self, name: str) -> bool:
        """Whether the step put that part of the content, and nobody who answered at an earlier place."""
        return self.written is None or name not in ANSWERS or name in self.written

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
