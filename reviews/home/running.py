"""Runs now, as live bars over the last minutes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from audit import sight
from audit.models import User
from audit.templatetags.figures import clock
from orchestration.models import Run, Workflow
from reviews.runpages.course import Course, follow
from reviews.runpages.spans import AROUND, Span
from reviews.runpages.standing import Standing, standing

MOST = 6
NOW = 96.0  # per cent of the width: where now stands
MARKS = 5
THINNEST = 0.75
ROUND = (1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 1440)  # minutes between two marks


@dataclass(frozen=True, slots=True)
class LiveBar:
    """One stretch of one run, in per cent as text for SVG."""

    kind: str
    x: str
    width: str
    going: bool


@dataclass(frozen=True, slots=True)
class LiveRun:
    """One run with its bars."""

    run: Run
    course: Course
    standing: Standing
    bars: list[LiveBar]


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment on the axis."""

    x: str
    said: str


@dataclass(frozen=True, slots=True)
class Running:
    """The newest live runs, and the axis above them."""

    runs: list[LiveRun]
    marks: list[Mark]
    now: str


def live(user: User, workflows: Sequence[Workflow], moment: datetime) -> Running:
    """The newest live runs of `workflows` that `user` may look at, without those that one of the others started.

    Eight queries at the most.
    """
    own = Q(parent__isnull=True) | ~Q(parent__workflow__in=workflows)
    found = (
        Run.objects.live()
        .filter(own, sight.unveiled(user, "pk"), workflow__in=workflows)
        .select_related("workflow", "version")
    )
    runs = list(found.defer("input", "version__document", "version__source").order_by("-pk")[:MOST])
    courses = follow(runs, moment)
    minutes = _minutes(runs, moment)
    begin = moment - timedelta(minutes=minutes * (MARKS + 1))
    drawn = [
        LiveRun(run, courses[run.pk], standing(courses[run.pk]), _bars(courses[run.pk].spans(), begin, moment))
        for run in runs
    ]
    return Running(drawn, _marks(minutes, moment), f"{NOW}%")


def _minutes(runs: list[Run], moment: datetime) -> int:
    """Minutes between two marks, so that the oldest run fits if it can."""
    oldest = min((run.created_at for run in runs), default=moment)
    needed = (moment - oldest).total_seconds() / 60 / (MARKS + 0.5)
    return next((minutes for minutes in ROUND if minutes >= needed), ROUND[-1])


def _bars(spans: list[Span], begin: datetime, moment: datetime) -> list[LiveBar]:
    whole = (moment - begin).total_seconds()
    bars = []
    for span in sorted(spans, key=lambda span: span.start):
        if span.end <= begin or span.kind == AROUND:
            continue
        start = (max(span.start, begin) - begin).total_seconds() / whole * NOW
        width = max((min(span.end, moment) - begin).total_seconds() / whole * NOW - start, THINNEST)
        bars.append(LiveBar(span.kind, f"{min(start, NOW - THINNEST):.2f}%", f"{width:.2f}%", span.going))
    return bars


def _marks(minutes: int, moment: datetime) -> list[Mark]:
    step = NOW / (MARKS + 1)
    return [
        Mark(f"{NOW - number * step:.1f}%", clock(moment - timedelta(minutes=number * minutes)))
        for number in range(MARKS, -1, -1)
    ]
