"""Taking an agent's step over: the page on which a person finishes it by hand."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit.models import User
from orchestration import taking_over
from orchestration.control import CannotControl
from orchestration.models import StepRun
from orchestration.starts import BadInput
from orchestration.views.control import CONFLICT, LONGEST, UNPROCESSABLE, SeeOther
from orchestration.views.outcome import of_step, read_output, why_of


@require_http_methods(["GET", "HEAD", "POST"])
def form(request: HttpRequest, pk: int) -> HttpResponse:
    """What the agent was to come to, on GET; the output that ends it, on POST."""
    user = cast(User, request.user)
    seen = StepRun.objects.open_to(user, "decide").filter(step__kind="agent")
    step_run = get_object_or_404(seen.select_related("run__workflow", "step"), pk=pk)
    if not taking_over.may_take_over(user, step_run):
        raise PermissionDenied
    if request.method != "POST":
        late = "" if taking_over.can_be_taken_over(step_run) else _("It waits for no calls any more.")
        return _shown(request, step_run, CONFLICT if late else 200, refused=late)
    try:
        taking_over.take_over(pk, read_output(request.POST.get("output", "")), by=user, why=why_of(request))
    except BadInput as error:
        return _shown(request, step_run, UNPROCESSABLE, problems=error.problems)
    except CannotControl as error:
        return _shown(request, step_run, CONFLICT, refused=str(error))
    messages.success(request, _("%s is done, with what you wrote. The run goes on.") % step_run.step.name)
    return SeeOther(of_step(step_run))


def _shown(request: HttpRequest, step_run: StepRun, status: int = 200, **more: Any) -> HttpResponse:
    wanted = step_run.step.spec.get("output", {})
    context = {
        "step_run": step_run,
        "step": step_run.step,
        "run": step_run.run,
        "back": of_step(step_run),
        "wanted": wanted.get("required", []),
        "longest": LONGEST,
        "output": request.POST.get("output", "{}"),
        "why": request.POST.get("why", ""),
        "ask": status != CONFLICT,
        **more,
    }
    return render(request, "orchestration/take_over.html", context, status=status)
