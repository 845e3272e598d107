"""The tables of time: calendars, what the clock has to do about a review, and what it has ended."""

from collections.abc import Iterable
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from audit import guards
from audit.clock_time import HandrailNow
from audit.ledger import Place
from audit.models import User
from reviews.states import ReviewKind
from reviews.when.hours import Hours, Span

if TYPE_CHECKING:
    from reviews.models import Review

guards.append_only("reviews_lapse")


class Calendar(models.Model):
    """When a place works: its zone, its hours by weekday, its holidays, and days of its own.

    `hours` holds seven lists of spans, Monday first, each two numbers: minutes from midnight. `off` maps days to what
    they are called, `working` maps days to spans; none there stands for the usual hours.
    """

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=80)
    zone = models.CharField(max_length=64)
    hours = models.JSONField()
    country = models.CharField(max_length=2, blank=True)
    region = models.CharField(max_length=10, blank=True)
    off = models.JSONField(default=dict)
    working = models.JSONField(default=dict)
    changed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(db_default=HandrailNow())

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.name

    def ledger_place(self) -> Place:
        """Where its events belong: to the workspace."""
        return Place(None, None, {"calendar": self.slug})

    @cached_property
    def opening(self) -> Hours:
        """Its hours, to reckon with."""
        return Hours(
            zone=ZoneInfo(self.zone),
            weekdays=tuple(_spans(spans) for spans in self.hours),
            country=self.country,
            region=self.region,
            off=frozenset(date.fromisoformat(day) for day in self.off),
            working={date.fromisoformat(day): _spans(spans) for day, spans in self.working.items()},
        )


def _spans(held: Iterable[Iterable[int]]) -> tuple[Span, ...]:
    return tuple((opens, closes) for opens, closes in held)


class Timed(models.Model):
    """What a review knows of time, beside when it is due.

    `course` is what the clock does about it, in its order: each a moment, what, and with what; `timer_at` is the moment
    of the first that is not done, `timers_done` how many are. `escalated` are the groups that were asked later.

    A blind second review (`kind`) releases nothing: it is `second_of` another, for `chosen` alone. `second_at` says
    when one is to be opened of a review that is decided.
    """

    kind = models.CharField(max_length=8, choices=ReviewKind, default=ReviewKind.DECIDES, blank=True)
    calendar = models.ForeignKey(Calendar, null=True, on_delete=models.PROTECT, related_name="+")
    course = models.JSONField(default=list)
    timer_at = models.DateTimeField(null=True)
    timers_done = models.PositiveSmallIntegerField(default=0)
    escalated = ArrayField(models.BigIntegerField(), default=list)
    sampled = models.BooleanField(default=False)
    second_at = models.DateTimeField(null=True)
    second_of = models.ForeignKey("reviews.Review", null=True, on_delete=models.PROTECT, related_name="seconds")
    chosen = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True

    @property
    def is_blind(self) -> bool:
        """Whether it only tells how far two people agree."""
        return self.kind == ReviewKind.BLIND


INDEXES = (
    models.Index(fields=["timer_at", "id"], condition=Q(status="open", timer_at__isnull=False), name="review_timer"),
    models.Index(fields=["second_at"], condition=Q(second_at__isnull=False), name="review_second_due"),
    models.Index(fields=["chosen"], condition=Q(status="open", kind=ReviewKind.BLIND), name="review_blind_open"),
)
CONSTRAINTS = (
    models.UniqueConstraint(
        fields=["second_of"], condition=Q(kind=ReviewKind.BLIND) & ~Q(status="withdrawn"), name="review_one_second"
    ),
    models.CheckConstraint(
        condition=Q(kind=ReviewKind.DECIDES, second_of__isnull=True, chosen__isnull=True)
        | Q(kind=ReviewKind.BLIND, second_of__isnull=False, chosen__isnull=False),
        name="review_blind_or_not",
    ),
)


class Lapse(models.Model):
    """What came of a question that nobody answered in time: the clock's default outcome. No decision of anybody."""

    review = models.OneToOneField("reviews.Review", on_delete=models.PROTECT, related_name="lapse")
    outcome = models.CharField(max_length=80)
    at = models.DateTimeField(db_default=HandrailNow())
    receipt = models.UUIDField(unique=True)

    class Meta:
        default_permissions = ()
        indexes: ClassVar = [models.Index(fields=["at"], name="lapse_at")]


def entry(review: "Review") -> dict[str, Any] | None:
    """What the clock has to do next about a review."""
    return dict(review.course[review.timers_done]) if review.timers_done < len(review.course) else None
