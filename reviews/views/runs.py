"""Runs: the list, and the page of one run."""

from typing import Any, cast

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from audit.clock_time import now
from audit.models import Event, User
from orchestration.explain import graph
from orchestration.explain.blocks import Block
from orchestration.models import Run, Step, Workflow
from orchestration.models.definitions import StepRole
from reviews import decisions
from reviews.runpages import actors, called, inspector, picture, runlist, selection, telling, timeline, watching
from reviews.runpages.course import Course, follow, see_progress
from reviews.runpages.path import find
from reviews.runpages.split import split
from reviews.runpages.standing import standing
from reviews.views.blind import blinded
from reviews.when import veil

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
    run = get_object_or_404(_whole(Run.objects.of_workflows_seen_by(user)), pk=pk)
    if (first := veil.hides(user, pk)) is not None:
        return blinded(request, first)
    course = follow([run], now())[run.pk]
    see_progress(course)
    steps = list(run.version.steps.exclude(role=StepRole.CALL).select_related("owner", "owner_group"))
    return render(request, "reviews/run.html", _page(course, steps, request, user))


def _whole(seen: QuerySet[Run]) -> QuerySet[Run]:
    """With all that its page names, and nothing that is large."""
    found = seen.select_related("workflow", "version", "trigger", "started_by", "parent__run__workflow", "parent__step")
    large = [f"parent__{name}" for name in ("question", "answer", "output", "step__spec", "run__input", "run__result")]
    return found.defer("version__document", "version__source", *large)


def _page(course: Course, steps: list[Step], request: HttpRequest, user: User) -> dict[str, Any]:
    run, path, spans = course.run, find(course, steps), course.spans()
    drawn = picture.nodes(course, steps, path, user)
    selected = selection.select(course, steps, path, user, request.GET.dict())
    may = {
        f"may_{act}": run.workflow_id in Workflow.objects.ids_allowed(user, act)
        for act in ("manage", "start", "decide")
    }
    return {
        "now": course.now,
        "run": run,
        "course": course,
        "standing": standing(course),
        "parts": split(spans, {step.key for step in steps if graph.mark(step.kind) == graph.AI}),
        "took": (run.ended_at or course.now) - run.created_at,
        "step_count": path.counted,
        "done": sum(held.status == "done" for held in course.steps),
        **_drawings(run, drawn, calls=request.GET.get(called.VIEW) == called.CALLED),
        "timeline": timeline.draw(course, picture.rows(drawn)),
        "selected": selected.marked,
        "tab": selected.tab,
        "tabs": inspector.tabs(selected.shown),
        "shown": selected.shown,
        "parent": run.parent if run.parent and picture.may_see(user, run.parent.run) else None,
        "restarted_at": next((held.step for held in course.steps if held.shared_from_id is None), None),
        "can_decide": _may_decide(course, user),
        "can_take_over": user.pk != run.started_by_id and may["may_decide"],
        "watch": watching.pass_for(user, run, steps),
        **may,
        **_events(run, request.GET.get("events") == "all"),
    }


def _drawings(run: Run, drawn: list[Block], *, calls: bool) -> dict[str, Any]:
    """The steps as a graph; or who called whom, where that is asked for."""
    if not calls:
        return {"drawings": [graph.across(drawn), graph.down(drawn)], "calls": None}
    found = actors.find(run)
    told = called.sentences(found)
    return {"drawings": [called.across(found), called.down(found)], "calls": found, "sentences": told}


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
