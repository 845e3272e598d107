"""Undoing a call: the page that says what would be called for it, and asks why."""

from typing import cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit.models import User
from orchestration import undoing
from orchestration.control import CannotControl
from orchestration.models import StepRun
from orchestration.views.control import CONFLICT, LONGEST, UNPROCESSABLE, SeeOther
from orchestration.views.outcome import of_step, why_of


@require_http_methods(["GET", "HEAD", "POST"])
def form(request: HttpRequest, pk: int) -> HttpResponse:
    """What would be called, on GET; it is begun on POST."""
    user = cast(User, request.user)
    seen = StepRun.objects.open_to(user).filter(step__kind="tool")
    done = get_object_or_404(seen.select_related("run__workflow", "run__version", "step"), pk=pk)
    if not undoing.may_undo(user, done):
        raise PermissionDenied
    if refused := undoing.why_not(done):
        return _shown(request, done, CONFLICT, refused)
    if request.method != "POST":
        return _shown(request, done, 200, "")
    if not (why := why_of(request)):
        return _shown(request, done, UNPROCESSABLE, "", unsaid=_("Say why. It goes into the record."))
    try:
        undoing.undo(pk, by=user, why=why)
    except CannotControl as error:
        return _shown(request, done, CONFLICT, str(error))
    messages.success(request, _("%s is being undone.") % done.step.name)
    return SeeOther(of_step(done))


def _shown(request: HttpRequest, done: StepRun, status: int, refused: str, unsaid: str = "") -> HttpResponse:
    context = {
        "step_run": done,
        "step": done.step,
        "run": done.run,
        "back": of_step(done),
        "longest": LONGEST,
        "why": request.POST.get("why", ""),
        "refused": refused,
        "unsaid": unsaid,
        **({} if status == CONFLICT else undoing.told(done)),
    }
    return render(request, "orchestration/undo_call.html", context, status=status)
