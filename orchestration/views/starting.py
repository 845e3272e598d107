"""The form that starts a run, and what somebody began to write into it."""

from typing import cast

from django.contrib import messages
from django.forms import Field
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit.actors import person
from audit.models import User
from orchestration import engine, files
from orchestration.forms import FileField, InputForm
from orchestration.models import Begun, Workflow
from orchestration.once import once, token, was_sent
from orchestration.starts import BadInput, CannotStart, check_waivers, current_version
from orchestration.triggers import begun
from orchestration.uploads import takes_files
from orchestration.views.control import SeeOther


@takes_files
@require_http_methods(["GET", "HEAD", "POST"])
def form(request: HttpRequest, slug: str) -> HttpResponse:
    """The form on GET, a run on POST. 404 for a workflow that one may not see, 403 for one that one may not start."""
    user = cast(User, request.user)
    workflow = get_object_or_404(Workflow.objects.allowed(user, "view").select_related("current"), slug=slug)
    if not user.has_perm("start_workflow", workflow):
        told = _("You may see %s, and you may not start runs of it. Its owner or an admin can grant that.")
        return render(request, "403.html", {"told": told % workflow.name}, status=403)
    try:
        version = current_version(workflow)
        check_waivers(version)
    except CannotStart as error:
        return _shown(request, workflow, None, status=409 if request.method == "POST" else 200, refused=str(error))
    schema = version.document["input"]
    if request.method == "POST":
        sent = InputForm(schema, request.POST, request.FILES, user=user)
        if "keep" in request.POST or "drop" in request.POST:
            return _kept(request, workflow, sent, user)
        return _sent(request, workflow, sent, user)
    texts, kept = begun.of(user, workflow, schema["properties"])
    return _shown(request, workflow, InputForm(schema, user=user, initial=texts), begun=kept)


def _kept(request: HttpRequest, workflow: Workflow, sent: InputForm, user: User) -> HttpResponse:
    """Keep the form for later as far as it is filled in, or forget what was kept."""
    if was_sent(request.session, request.POST.get("token", "")[:64]):
        return HttpResponse(status=204)  # the page kept it while the run was starting
    if "drop" in request.POST:
        begun.drop(user, workflow)
    elif begun.keep(user, workflow, _texts(sent)) and not request.headers.get("HX-Request"):
        messages.success(request, _("What you wrote is kept for you. Files are not: choose them again."))
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204)
    return SeeOther(reverse("start", args=[workflow.slug]))


def _texts(sent: InputForm) -> dict[str, str]:
    """What was typed, as it was typed, without files."""
    typed = {name: sent.data.get(sent.add_prefix(name), "") for name, made in sent.fields.items() if _is_typed(made)}
    return {name: text for name, text in typed.items() if isinstance(text, str)}


def _is_typed(made: Field) -> bool:
    return not isinstance(made, FileField)


def _sent(request: HttpRequest, workflow: Workflow, sent: InputForm, user: User) -> HttpResponse:
    """Start the run and go to it; or show the form again with what is wrong, everything kept."""
    if not sent.is_valid():
        return _refused(request, workflow, sent, user)

    def start() -> int:
        run = engine.start(workflow, sent.given, actor=person(user), started_by=user)
        files.attach(run, sent.store())
        begun.drop(user, workflow)
        return run.pk

    try:
        run = once(request.session, request.POST.get("token", "")[:64], start)
    except BadInput as error:
        sent.tell(error.problems)
        return _refused(request, workflow, sent, user)
    except CannotStart as error:
        return _shown(request, workflow, None, status=409, refused=str(error))
    messages.success(request, _("Run %d has been accepted. It goes on by itself.") % run)
    return SeeOther(reverse("run", args=[run]))


def _refused(request: HttpRequest, workflow: Workflow, sent: InputForm, user: User) -> HttpResponse:
    sent.hold(user)
    begun.keep(user, workflow, _texts(sent))
    return _shown(request, workflow, sent, status=413 if sent.too_large else 422)


def _shown(
    request: HttpRequest,
    workflow: Workflow,
    shown: InputForm | None,
    status: int = 200,
    refused: str = "",
    *,
    begun: Begun | None = None,
) -> HttpResponse:
    kept = request.POST.get("token", "")[:64] or token()
    context = {"workflow": workflow, "form": shown, "token": kept, "refused": refused, "begun": begun}
    return render(request, "orchestration/start.html", context, status=status)
