"""The list of runs: searched, filtered by state, in pages that begin behind an id."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from audit.models import User
from orchestration.models import Run, StepRun, Workflow
from orchestration.models.runs import RunQuerySet
from orchestration.states import RunStatus
from reviews.course import Course, follow
from reviews.standing import Standing, standing

PAGE = 50
FILTERS = ("state", "q", "workflow", "version")


@dataclass(frozen=True, slots=True)
class Line:
    """One run in the list."""

    run: Run
    course: Course
    standing: Standing
    took: timedelta


@dataclass(frozen=True, slots=True)
class Page:
    """One page of runs, newest first, with the addresses of its neighbours."""

    lines: list[Line]
    newer: str
    older: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks for."""

    state: str
    q: str
    workflow: str
    version: str
    before: int | None
    after: int | None

    @classmethod
    def read(cls, given: Mapping[str, str]) -> "Wanted":
        """From the query string; what makes no sense is left out."""
        before, after = (int(text) if _is_id(text) else None for text in (given.get("before"), given.get("after")))
        state = given.get("state", "")
        return cls(
            state=state if state in dict(states()) else "",
            q=given.get("q", "").strip().replace("\0", "")[:200],
            workflow=given.get("workflow", "")[:80],
            version=given.get("version", "") if _is_id(given.get("version")) else "",
            before=before,
            after=after,
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
        ("done", _("Done")),
        ("failed", _("Failed")),
    ]


def page(user: User, wanted: Wanted, now: datetime) -> Page:
    """One page of what `user` may see: seven queries, whatever its length."""
    found = _filtered(user, wanted)
    runs, more = _slice(found, wanted)
    courses = follow(runs, now)
    lines = [
        Line(run, courses[run.pk], standing(courses[run.pk]), (run.ended_at or now) - run.created_at) for run in runs
    ]
    return Page(lines, *_neighbours(wanted, runs, more))


def _filtered(user: User, wanted: Wanted) -> RunQuerySet:
    workflows = Workflow.objects.allowed(user, "view")
    if wanted.workflow:
        workflows = workflows.filter(slug=wanted.workflow)
    found = Run.objects.filter(workflow__in=list(workflows.values_list("pk", flat=True)))
    if wanted.version:
        found = found.filter(version__number=int(wanted.version))
    if wanted.q:
        found = found.filter(title__icontains=wanted.q)
    match wanted.state:
        case "live":
            return found.live()
        case "waiting":
            return found.live().filter(Exists(StepRun.objects.waiting().filter(run=OuterRef("pk"))))
        case "done" | "failed" as status:
            return found.filter(status=RunStatus(status))
    return found


def _slice(found: RunQuerySet, wanted: Wanted) -> tuple[list[Run], bool]:
    """The runs of the page, newest first, and whether more lie in the direction one goes."""
    found = found.select_related("workflow", "version", "started_by", "trigger")
    found = found.defer("input", "version__document", "version__source", "workflow__purpose")
    if wanted.after is not None:
        rows = list(found.filter(pk__gt=wanted.after).order_by("pk")[: PAGE + 1])
        return rows[:PAGE][::-1], len(rows) > PAGE
    if wanted.before is not None:
        found = found.filter(pk__lt=wanted.before)
    rows = list(found.order_by("-pk")[: PAGE + 1])
    return rows[:PAGE], len(rows) > PAGE


def _neighbours(wanted: Wanted, runs: list[Run], more: bool) -> tuple[str, str]:
    newer = runs and (wanted.before is not None or (wanted.after is not None and more))
    older = runs and (wanted.after is not None or more)
    return (
        wanted.address(after=runs[0].pk) if newer else "",
        wanted.address(before=runs[-1].pk) if older else "",
    )


def _is_id(text: str | None) -> bool:
    return bool(text) and str(text).isascii() and str(text).isdigit() and int(str(text)) < 2**63
