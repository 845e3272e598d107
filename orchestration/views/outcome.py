"""Saying what happened to a step whose outcome is unknown, or how one goes on that no model may do: the answers."""

import json
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit.canonical import clean
from audit.models import User
from audit.moves import IllegalMove, LostRace
from audit.retelling import retold
from orchestration import unsettled
from orchestration.contents import open_up
from orchestration.control import CannotControl
from orchestration.explain.reading import may_read, may_see_routing
from orchestration.models import RoutingDecision, StepRun
from orchestration.routing import sentences
from orchestration.routing.replaying import decided_of
from orchestration.starts import BadInput
from orchestration.states import Awaits, DataClass, StepStatus
from orchestration.views.control import CONFLICT, LONGEST, UNPROCESSABLE, SeeOther


@require_http_methods(["GET", "HEAD", "POST"])
def form(request: HttpRequest, pk: int) -> HttpResponse:
    """What was called, or why no model may, and the answers on GET; one of them on POST."""
    user = cast(User, request.user)
    step_run = get_object_or_404(StepRun.objects.open_to(user).select_related("run__workflow", "step"), pk=pk)
    if not unsettled.may_settle(user, step_run):
        raise PermissionDenied
    if (step_run.status, step_run.awaits) != (StepStatus.WAITING, Awaits.OUTCOME):
        told = _("Nobody is asked what became of this step, or somebody has said it already. Nothing was changed.")
        return _shown(request, step_run, None, CONFLICT, refused=told)
    nobody = unsettled.decision_of(step_run)
    return _sent(request, step_run, nobody, user) if request.method == "POST" else _shown(request, step_run, nobody)


def _sent(request: HttpRequest, step_run: StepRun, nobody: RoutingDecision | None, user: User) -> HttpResponse:
    said = request.POST.get("said", "")
    if said not in (*unsettled.ANSWERS, *([unsettled.LOWERED] if nobody else [])):
        return _shown(request, step_run, nobody, UNPROCESSABLE, refused=_("Choose one of the answers."))
    try:
        output = read_output(request.POST.get("output", "")) if said == unsettled.HAPPENED else None
        lowered = request.POST.get("lowered", "")[:20]
        unsettled.settle(step_run.pk, said, by=user, output=output, why=why_of(request), lowered=lowered)
    except BadInput as error:
        return _shown(request, step_run, nobody, UNPROCESSABLE, problems=error.problems)
    except (CannotControl, IllegalMove, LostRace):
        told = _("Somebody else has just said what became of this step. Nothing was changed by you.")
        return _shown(request, step_run, nobody, CONFLICT, refused=told)
    messages.success(request, _done(step_run, said))
    return SeeOther(of_step(step_run))


def _done(step_run: StepRun, said: str) -> str:
    told = {
        unsettled.HAPPENED: _("%s counts as done, with what you wrote. The run goes on."),
        unsettled.DID_NOT: _("%s is tried again."),
        unsettled.GIVEN_UP: _("%s is given up."),
        unsettled.LOWERED: _("%s is tried again, with its data counting as less sensitive."),
    }
    return told[said] % step_run.step.name


def _lower(nobody: RoutingDecision | None) -> list[tuple[str, str]]:
    """The data classes that a person may let the data fall to, the highest first."""
    names = unsettled.below(nobody.asked["data"]) if nobody else []
    return [(name, str(DataClass(name).label)) for name in reversed(names)]


def why_of(request: HttpRequest) -> str:
    """The reason that was typed."""
    return str(clean(request.POST.get("why", "").strip()[:LONGEST])[0])


def read_output(text: str) -> Any:
    """The output as it was typed."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInput([("", _("This is not JSON: %s") % error)]) from error


def of_step(step_run: StepRun) -> str:
    """The page of its run, with the step selected."""
    item = {"item": step_run.frame} if step_run.frame else {}
    return reverse("run", args=[step_run.run_id], query={"step": step_run.step.key, **item})


def _shown(
    request: HttpRequest, step_run: StepRun, nobody: RoutingDecision | None, status: int = 200, **more: Any
) -> HttpResponse:
    user, said = cast(User, request.user), request.POST.get("said", "")
    readable = may_read(user, step_run.step)
    about_class = {where for where, _told in more.get("problems", [])} if said == unsettled.LOWERED else set()
    asked = open_up(step_run.question) or {}
    context = {
        "step_run": step_run,
        "step": step_run.step,
        "run": step_run.run,
        "back": of_step(step_run),
        "unknown": sentences.nobody(decided_of(nobody)) if nobody else retold(asked.get("unknown", "")),
        "called": asked.get("called") if readable else None,
        "wanted": step_run.step.spec.get("output", {}).get("required", []),
        "longest": LONGEST,
        "nobody": nobody,
        "why_not": nobody is not None and may_see_routing(user, step_run.step, step_run.workflow_id),
        "lower": _lower(nobody),
        "data": DataClass(nobody.asked["data"]).label if nobody else "",
        "sources": sentences.told(nobody.asked["sources"]) if nobody else [],
        "lowered": request.POST.get("lowered", ""),
        "wrong_at": about_class,
        "said": said,
        "output": request.POST.get("output", "{}"),
        "why": request.POST.get("why", ""),
        "ask": "refused" not in more or status != CONFLICT,
        **more,
    }
    return render(request, "orchestration/outcome.html", context, status=status)
