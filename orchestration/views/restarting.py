"""Restarting a run: a new run from one of its steps, with the same input or an edited one, of the run or that step."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit.actors import person
from audit.models import User
from audit.moves import IllegalMove, LostRace
from orchestration import control, files
from orchestration.contents import open_up
from orchestration.control import CannotControl
from orchestration.forms import InputForm
from orchestration.inputs import BadReads
from orchestration.models import Run, Step
from orchestration.models.definitions import StepRole
from orchestration.once import once, token
from orchestration.starts import BadInput, CannotStart
from orchestration.states import StepStatus
from orchestration.uploads import takes_files
from orchestration.views import reads
from orchestration.views.control import SeeOther
from orchestration.views.reads import Reads


@takes_files
@require_http_methods(["GET", "HEAD", "POST"])
def form(request: HttpRequest, pk: int) -> HttpResponse:
    """The run's input and its steps on GET, a new run on POST."""
    user = cast(User, request.user)
    run = get_object_or_404(Run.objects.seen_by(user).select_related("workflow", "version"), pk=pk)
    if not all(user.has_perm(f"{may}_workflow", run.workflow) for may in ("manage", "start")):
        raise PermissionDenied
    steps = _steps(run)
    schema, before = run.version.document["input"], open_up(run.input)
    if request.method != "POST":
        return _shown(request, run, steps, InputForm(schema, user=user, initial=before))
    sent = InputForm(schema, request.POST, request.FILES, user=user, initial=before)
    return _sent(request, run, steps, sent, user)


def _sent(request: HttpRequest, run: Run, steps: list[Step], sent: InputForm, user: User) -> HttpResponse:
    """Start the new run and go to it; or show the form again with what is wrong, everything kept."""
    key = request.POST.get("from", "")
    if "look" in request.POST:
        sent.full_clean()
        sent.hold(user)
        return _shown(request, run, steps, sent)
    written = reads.of(run, steps, request.POST.get("reads-of", ""), user, request.POST)
    try:
        edit = written.edit(key) if written else None
    except BadReads as error:
        return _unread(request, run, steps, sent, user, error)
    if not sent.is_valid() or key not in {step.key for step in steps}:
        return _again(request, run, steps, sent, user)
    given = None if sent.given == sent.initial else sent.given
    own = {"reads": edit} if edit is not None else {}

    def restart() -> int:
        new = control.restart(run, key, actor=person(user), started_by=user, given=given, **own)
        files.attach(new, sent.store())
        return new.pk

    try:
        made = once(request.session, request.POST.get("token", "")[:64], restart)
    except BadReads as error:
        return _unread(request, run, steps, sent, user, error)
    except BadInput as error:
        sent.tell(error.problems)
        return _again(request, run, steps, sent, user)
    except (CannotControl, CannotStart) as error:
        return _shown(request, run, steps, sent, status=409, refused=str(error))
    except (IllegalMove, LostRace):
        told = _("The run has moved on since this page was opened. Nothing was started: look again.")
        return _shown(request, run, steps, sent, status=409, refused=told)
    done = _("Run %(new)d begins again where you said, from run %(old)d.") % {"new": made, "old": run.pk}
    messages.success(request, done)
    return SeeOther(reverse("run", args=[made]))


def _unread(
    request: HttpRequest, run: Run, steps: list[Step], sent: InputForm, user: User, error: BadReads
) -> HttpResponse:
    """What was written for the step does not fit it: told beside it, everything kept."""
    sent.full_clean()
    sent.hold(user)
    key = request.POST.get("reads-of", "")
    written = reads.of(run, steps, key, user, request.POST)
    if written is not None:
        written.problems = error.problems
    return _shown(request, run, steps, sent, status=422, written=written)


def _again(request: HttpRequest, run: Run, steps: list[Step], sent: InputForm, user: User) -> HttpResponse:
    """What did not fit, with everything that was written, and the files."""
    sent.hold(user)
    return _shown(request, run, steps, sent, status=413 if sent.too_large else 422)


def _steps(run: Run) -> list[Step]:
    """Where it may begin again: the steps that it has come to, outside every branch and item."""
    come_to = run.step_runs.standing().filter(frame="", parent__isnull=True, undoes__isnull=True).values("step")
    return list(run.version.steps.filter(pk__in=come_to, role=StepRole.STEP, parent__isnull=True))


def _chosen(request: HttpRequest, run: Run, steps: list[Step]) -> str:
    """The step that was asked for, or the one that failed, or the first."""
    keys = [step.key for step in steps]
    if (wanted := request.POST.get("from") or request.GET.get("step", "")) in keys:
        return str(wanted)
    failed = run.step_runs.standing().filter(frame="", status=StepStatus.FAILED, step__key__in=keys)
    return failed.values_list("step__key", flat=True).first() or (keys[0] if keys else "")


def _shown(
    request: HttpRequest,
    run: Run,
    steps: list[Step],
    shown: InputForm,
    *,
    status: int = 200,
    refused: str = "",
    written: Reads | None = None,
) -> HttpResponse:
    chosen = _chosen(request, run, steps)
    context: dict[str, Any] = {
        "run": run,
        "steps": steps,
        "chosen": chosen,
        "reads": written or reads.of(run, steps, chosen, cast(User, request.user), request.POST),
        "form": shown,
        "refused": refused,
        "token": request.POST.get("token", "")[:64] or token(),
    }
    return render(request, "orchestration/restart.html", context, status=status)
