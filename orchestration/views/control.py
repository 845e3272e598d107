"""Holding work back and letting it go on: each address is one verb, asked by POST alone."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from audit.actors import Actor, person
from audit.canonical import clean
from audit.models import User
from audit.moves import IllegalMove, LostRace
from orchestration import control
from orchestration.control import CannotControl
from orchestration.explain.at_work import known_lanes
from orchestration.models import Limit, Run, StepRun, Workflow
from orchestration.sights import may_see_engine

LONGEST = 500  # characters of a reason
MOST = 10_000  # calls at once
CONFLICT, UNPROCESSABLE = 409, 422
STOP, LIMIT = "orchestration.stop_everything", "audit.change_choices"


class SeeOther(HttpResponseRedirect):
    """What was sent is done: go and look."""

    status_code = 303


@require_POST
def pause_run(request: HttpRequest, pk: int) -> HttpResponse:
    """Let no further step of a run begin."""
    run = _run(request, pk)
    done = _("Run %d is paused. What is running now ends, and nothing follows until it goes on.") % pk
    return _carry_out(request, control.pause_run, run, done, _of_run(run), why=_why(request))


@require_POST
def release_run(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a paused run go on."""
    run = _run(request, pk)
    return _carry_out(request, control.release_run, run, _("Run %d goes on.") % pk, _of_run(run))


@require_POST
def cancel_run(request: HttpRequest, pk: int) -> HttpResponse:
    """End a run, for a reason."""
    run = _run(request, pk)
    if not (why := _why(request)):
        return _ask_why(request, _("Cancel run %d") % pk, _of_run(run))
    done = _("Run %d is cancelled. What is running now is told to stop.") % pk
    return _carry_out(request, control.cancel_run, run, done, _of_run(run), why=why)


@require_POST
def cancel_step(request: HttpRequest, pk: int) -> HttpResponse:
    """End one step of a run, for a reason."""
    user = _user(request)
    step_run = get_object_or_404(StepRun.objects.open_to(user).select_related("run__workflow", "step"), pk=pk)
    _must_manage(user, step_run.run.workflow)
    back = reverse("run", args=[step_run.run_id], query={"step": step_run.step.key})
    if not (why := _why(request)):
        return _ask_why(request, _("Cancel %s") % step_run.step.name, back)
    done = _("%s is cancelled.") % step_run.step.name
    return _carry_out(request, control.cancel_step, step_run, done, back, why=why)


@require_POST
def pause_workflow(request: HttpRequest, slug: str) -> HttpResponse:
    """Let no step of a workflow's runs begin."""
    workflow = _workflow(request, slug)
    done = _("%s is paused. Runs are still accepted, and wait.") % workflow.name
    return _carry_out(request, control.pause_workflow, workflow, done, reverse("engine"), why=_why(request))


@require_POST
def release_workflow(request: HttpRequest, slug: str) -> HttpResponse:
    """Let the runs of a paused workflow go on."""
    workflow = _workflow(request, slug)
    return _carry_out(request, control.release_workflow, workflow, _("%s goes on.") % workflow.name, reverse("engine"))


@require_POST
def stop_everything(request: HttpRequest) -> HttpResponse:
    """Pull the brake, for a reason."""
    user = _must_hold(request, STOP)
    if not (why := _why(request)):
        return _ask_why(request, _("Stop everything"), reverse("engine"))
    done = _("Everything is stopped. No step begins until somebody lets it go on.")
    return _pull(request, user, control.stop_everything, done, why)


@require_POST
def let_go(request: HttpRequest) -> HttpResponse:
    """Release the brake, for a reason."""
    user = _must_hold(request, STOP)
    if not (why := _why(request)):
        return _ask_why(request, _("Let it go on"), reverse("engine"))
    return _pull(request, user, control.let_go, _("Everything goes on."), why)


@require_POST
def limit(request: HttpRequest) -> HttpResponse:
    """Set or remove how many calls of a model or tool may be in flight at once."""
    user = _must_hold(request, LIMIT)
    lane, sent = request.POST.get("lane", ""), request.POST.get("at_once", "").strip()
    at_once = int(sent) if sent.isascii() and sent.isdecimal() and len(sent) <= len(str(MOST)) else None
    remove = "remove" in request.POST
    if not remove and (at_once is None or at_once > MOST):
        told = _("A limit is a whole number from 0 to %d. Nothing was changed.") % MOST
        return _refuse(request, told, reverse("engine"), UNPROCESSABLE)
    if lane not in known_lanes() and not Limit.objects.filter(lane=lane).exists():
        told = _("No workflow in use calls this model or tool. Nothing was changed.")
        return _refuse(request, told, reverse("engine"), UNPROCESSABLE)
    control.set_limit(lane, None if remove else at_once, actor=person(user))
    name = lane.partition(":")[2]
    kept = _("At most %(n)s calls of %(name)s at once.") % {"n": at_once, "name": name}
    messages.success(request, _("%s has no limit of its own any more.") % name if remove else kept)
    return SeeOther(reverse("engine"))


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)


def _run(request: HttpRequest, pk: int) -> Run:
    """A run that one may see, and must manage."""
    run = get_object_or_404(Run.objects.seen_by(_user(request)).select_related("workflow"), pk=pk)
    _must_manage(_user(request), run.workflow)
    return run


def _of_run(run: Run) -> str:
    return reverse("run", args=[run.pk])


def _workflow(request: HttpRequest, slug: str) -> Workflow:
    """A workflow that one may see, and must manage."""
    workflow = get_object_or_404(Workflow.objects.allowed(_user(request), "view"), slug=slug)
    _must_manage(_user(request), workflow)
    return workflow


def _must_manage(user: User, workflow: Workflow) -> None:
    if not user.has_perm("manage_workflow", workflow):
        raise PermissionDenied


def _must_hold(request: HttpRequest, permission: str) -> User:
    """404 for those who do not even see the engine's page, 403 for those who may not do this there."""
    user = _user(request)
    if not may_see_engine(user):
        raise Http404
    if not user.has_perm(permission):
        raise PermissionDenied
    return user


def _why(request: HttpRequest) -> str:
    return str(clean(request.POST.get("why", "").strip()[:LONGEST])[0])


def _pull(request: HttpRequest, user: User, act: Callable[..., None], done: str, why: str) -> HttpResponse:
    """Move the brake; somebody else may just have done the same."""
    try:
        act(actor=person(user), by=user, why=why)
    except (IllegalMove, LostRace):
        standing = control.brake()
        told = _("%(name)s was first. Nothing was changed by you.") % {"name": standing.by or _("Somebody")}
        return _refuse(request, told, reverse("engine"), CONFLICT, why=why)
    messages.success(request, done)
    return SeeOther(reverse("engine"))


def _carry_out(
    request: HttpRequest, act: Callable[..., None], row: Run | StepRun | Workflow, done: str, back: str, **told: str
) -> HttpResponse:
    """Do it and go back; or say why it cannot be done as things stand."""
    actor: Actor = person(_user(request))
    try:
        act(row, actor=actor, **told)
    except CannotControl as error:
        return _refuse(request, str(error), back, CONFLICT, **told)
    except (IllegalMove, LostRace):
        row.refresh_from_db(fields=["status"])
        said = _("%(name)s is %(status)s now, so this cannot be done. Nothing was changed by you.")
        names = {"name": str(row), "status": row.get_status_display()}
        return _refuse(request, said % names, back, CONFLICT, **told)
    messages.success(request, done)
    return SeeOther(back)


def _ask_why(request: HttpRequest, title: str, back: str) -> HttpResponse:
    """The reason is missing: the same form again, and nothing done."""
    told = _("Say why: the reason stands in the record, beside your name. Nothing was changed.")
    return _refuse(request, told, back, UNPROCESSABLE, title=title)


def _refuse(request: HttpRequest, told: str, back: str, status: int, **more: Any) -> HttpResponse:
    context = {"told": told, "back": back, "longest": LONGEST, **more}
    return render(request, "orchestration/refused.html", context, status=status)
