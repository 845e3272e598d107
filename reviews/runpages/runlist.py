"""The list of runs: searched, filtered by state, in pages that begin behind an id."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from audit import pages, sight
from audit.models import User
from audit.pages import Page
from orchestration.models import Run, StepRun, Workflow
from orchestration.models.runs import RunQuerySet
from orchestration.states import RunStatus
from reviews.runpages.course import Course, follow
from reviews.runpages.standing import Standing, standing

FILTERS = ("state", "q", "workflow", "version")


@dataclass(frozen=True, slots=True)
class Line:
    """One run in the list."""

    run: Run
    course: Course
    standing: Standing
    took: timedelta


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks for."""

    state: str
    q: str
    workflow: str
    version: str

    @classmethod
    def read(cls, given: Mapping[str, str]) -> "Wanted":
        """From the query string; what makes no sense is left out."""
        state = given.get("state", "")
        return cls(
            state=state if state in dict(states()) else "",
            q=given.get("q", "").strip().replace("\0", "")[:200],
            workflow=given.get("workflow", "")[:80],
            version=version if _is_number(version := given.get("version", "")) else "",
        )

    def address(self, **changed: object) -> str:
        """The query string with other values; the place in the list is kept only when it is named."""
        values = {name: getattr(self, name) for name in FILTERS} | changed
        return "?" + urlencode({name: value for name, value in values.items() if value})


def states() -> list[tuple[str, str]]:
    """The states that the list can be filtered by, with their names."""
    return [
        ("", _("All")),
        ("live", _("Live")),
        ("waiting", _("Waiting for people")),
        ("paused", _("Paused")),
        ("done", _("Done")),
        ("failed", _("Failed")),
        ("cancelled", _("Cancelled")),
    ]


def page(user: User, given: Mapping[str, str], wanted: Wanted, now: datetime) -> Page[Line]:
    """One page of what `user` may see: six queries, whatever its length."""
    found = _filtered(user, wanted)
    runs = pages.page(given, lambda *place: _rows(found, *place), lambda run: run.pk)
    courses = follow(runs.rows, now)
    lines = [
        Line(run, courses[run.pk], standing(courses[run.pk]), (run.ended_at or now) - run.created_at)
        for run in runs.rows
    ]
    return Page(lines, runs.newer, runs.older)


def _filtered(user: User, wanted: Wanted) -> RunQuerySet:
    workflows = Workflow.objects.allowed(user, "view")
    if wanted.workflow:
        workflows = workflows.filter(slug=wanted.workflow)
    found = Run.objects.filter(sight.unveiled(user, "pk"), workflow__in=list(workflows.values_list("pk", flat=True)))
    if wanted.version:
        found = found.filter(version__number=int(wanted.version))
    if wanted.q:
        found = found.filter(title__icontains=wanted.q)
    match wanted.state:
        case "live":
            return found.live()
        case "waiting":
            return found.live().filter(Exists(StepRun.objects.waiting_for_people().filter(run=OuterRef("pk"))))
        case "paused" | "done" | "failed" | "cancelled" as status:
            return found.filter(status=RunStatus(status))
    return found


def _rows(found: RunQuerySet, before: int | None, after: int | None, limit: int) -> list[Run]:
    found = found.select_related("workflow", "version", "started_by", "trigger", "parent")
    large = [f"parent__{name}" for name in ("question", "answer", "output")]
    found = found.defer("input", "result", "version__document", "version__source", "workflow__purpose", *large)
    if after is not None:
        return list(found.filter(pk__gt=after).order_by("pk")[:limit])
    if before is not None:
        found = found.filter(pk__lt=before)
    return list(found.order_by("-pk")[:limit])


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 9
