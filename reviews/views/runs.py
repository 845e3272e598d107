"""Runs: the list, and the page of one run."""

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from audit.clock_time import now
from audit.models import Event, User
from orchestration.explain import graph
from orchestration.models import Run, Step, Workflow
from reviews import decisions
from reviews.runpages import inspector, picture, runlist, telling, timeline
from reviews.runpages.course import Course, follow
from reviews.runpages.split import split
from reviews.runpages.standing import standing

FEW, MANY = 12, 200  # events of a run: at first, and when all are asked for


@require_safe
def every(request: HttpRequest) -> HttpResponse:
    """The list of runs."""
    user, moment = cast(User, request.user), now()
    wanted = runlist.Wanted.read(request.GET)
    context = {
        "now": moment,
        "wanted": wanted,
        "page": runlist.page(user, request.GET.dict(), wanted, moment),
        "filters": [(key, said, wanted.address(state=key)) for key, said in runlist.states()],
        "every_workflow": wanted.address(workflow="", version=""),
        "startable": Workflow.objects.allowed(user, "start").first(),
    }
    return render(request, "reviews/runs.html", context)


@require_safe
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of one run; 404 for one that this person may not see."""
    user = cast(User, request.user)
    seen = Run.objects.seen_by(user).select_related("workflow", "version", "trigger", "started_by")
    run = get_object_or_404(seen.defer("version__document", "version__source"), pk=pk)
    course = follow([run], now())[run.pk]
    steps = list(run.version.steps.select_related("owner", "owner_group"))
    return render(request, "reviews/run.html", _page(course, steps, request, user))


def _page(course: Course, steps: list[Step], request: HttpRequest, user: User) -> dict[str, Any]:
    drawn, spans = picture.nodes(course, steps), course.spans()
    key = inspector.choose(course, steps, request.GET.get("step", ""))
    tab = request.GET.get("tab", "") if request.GET.get("tab", "") in inspector.TABS else "summary"
    chosen = next((step for step in steps if step.key == key), None)
    return {
        "now": course.now,
        "run": course.run,
        "course": course,
        "standing": standing(course),
        "parts": split(spans, {step.key for step in steps if step.kind == "model"}),
        "took": (course.run.ended_at or course.now) - course.run.created_at,
        "steps": steps,
        "done": sum(held.status == "done" for held in course.steps),
        "calls": sum(bool(attempt.model) for attempt in course.attempts),
        "drawings": [graph.across(drawn), graph.down(drawn)],
        "timeline": timeline.draw(course, picture.rows(drawn)),
        "selected": key,
        "tab": tab,
        "tabs": inspector.tabs(),
        "shown": inspector.inspect(course, chosen, tab, user) if chosen else None,
        "can_decide": _may_decide(course, user),
        **_events(course.run, request.GET.get("events") == "all"),
    }


def _may_decide(course: Course, user: User) -> bool:
    if (review := course.asked) is None:
        return False
    review.workflow = course.run.workflow
    try:
        decisions.check_may_decide(review, user)
    except decisions.NotAllowed:
        return False
    return True


def _events(run: Run, every_one: bool) -> dict[str, Any]:
    entries = Event.objects.filter(run_id=run.pk)
    told = telling.latest(entries, MANY if every_one else FEW)
    return {"events": told, "event_count": entries.count(), "every_event": every_one}
