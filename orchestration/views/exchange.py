"""A workflow as one file: the page that takes one over, in two steps, and the download."""

import base64
import binascii
from typing import cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from audit.models import User
from orchestration import beginnings
from orchestration.beginnings import CannotBegin
from orchestration.documents import BadDocument, Problem
from orchestration.exchange import form, giving, taking
from orchestration.exchange.form import Sent
from orchestration.exchange.giving import NoSuchVersion
from orchestration.exchange.taking import CannotTake
from orchestration.models import Version, Workflow
from orchestration.once import once, token
from orchestration.uploads import takes_files
from orchestration.views.control import CONFLICT, UNPROCESSABLE, SeeOther

PAGE = "orchestration/import.html"
INTO = "into"  # taken over as the draft of the workflow that is here


@require_safe
@never_cache
def give(request: HttpRequest, slug: str) -> HttpResponse:
    """The file of a version (`version=3`), of the draft (`version=draft`), or of what is current."""
    user = cast(User, request.user)
    seen = Workflow.objects.allowed(user, "view").select_related("current__workflow")
    workflow = get_object_or_404(seen, slug=slug)
    if not user.has_perm("manage_workflow", workflow):
        raise PermissionDenied
    try:
        version = giving.chosen(workflow, request.GET.get("version", ""))
    except NoSuchVersion as error:
        raise Http404 from error
    answer = HttpResponse(giving.written(version), content_type="application/yaml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{giving.file_name(version)}"'
    return answer


@takes_files
@require_http_methods(["GET", "HEAD", "POST"])
def take(request: HttpRequest) -> HttpResponse:
    """The form on GET; on POST what a file would come to here, then, confirmed, the draft that it becomes."""
    user = cast(User, request.user)
    if not taking.may_take(user):
        raise PermissionDenied
    if request.method != "POST":
        return render(request, PAGE, {"longest": form.LARGEST_FILE // 1024})
    try:
        raw = _sent_again(request) if request.POST.get("act") == "take" else _sent(request)
        sent = taking.check(form.read(raw))
    except BadDocument as error:
        return _broken(request, error.problems)
    if request.POST.get("act") == "take":
        return _taken(request, sent, raw, user)
    return _previewed(request, sent, raw, user)


def _sent(request: HttpRequest) -> bytes:
    """The file that was chosen, or the text that was pasted: browsers send its lines with another end."""
    chosen = request.FILES.get("file")
    if chosen is not None:
        if getattr(chosen, "too_large", False) or (chosen.size or 0) > form.LARGEST_FILE:
            raise BadDocument([Problem(_("The file is larger than %d kB.") % (form.LARGEST_FILE // 1024), line=1)])
        return bytes(chosen.read())
    text = request.POST.get("text", "").replace("\r\n", "\n")
    if not text.strip():
        raise BadDocument([Problem(_("Choose a file, or paste its text."))])
    return text.encode("utf-8", "replace")


def _sent_again(request: HttpRequest) -> bytes:
    """What the preview was of, as it came: a form would change the ends of its lines."""
    try:
        return base64.b64decode(request.POST.get("raw", ""), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadDocument([Problem(_("What was sent cannot be read. Choose the file again."))]) from error


def _broken(request: HttpRequest, problems: list[Problem]) -> HttpResponse:
    context = {
        "problems": sorted(problems, key=lambda problem: problem.line),
        "text": request.POST.get("text", "")[: form.LARGEST_FILE],
        "longest": form.LARGEST_FILE // 1024,
    }
    return render(request, PAGE, context, status=UNPROCESSABLE)


def _previewed(
    request: HttpRequest, sent: Sent, raw: bytes, user: User, *, status: int = 200, refused: str = ""
) -> HttpResponse:
    preview = taking.preview(sent, by=user)
    context = {
        "preview": preview,
        "sent": sent,
        "risk": sent.document["risk"],
        "purpose": sent.document["purpose"],
        "may_make": beginnings.may_make(user),
        "raw": base64.b64encode(raw).decode("ascii"),
        "slug": request.POST.get("slug") or preview.slug,
        "where": request.POST.get("where") or ("new" if beginnings.may_make(user) else INTO),
        "refused": refused,
        "token": request.POST.get("token", "")[:64] or token(),
    }
    return render(request, "orchestration/import_preview.html", context, status=status)


def _taken(request: HttpRequest, sent: Sent, raw: bytes, user: User) -> HttpResponse:
    """Make the draft and go to its workflow; or show the preview again with what is in the way."""
    slug, into = request.POST.get("slug", "").strip(), request.POST.get("where") == INTO

    def made() -> int:
        draft = taking.take_as_draft(sent, by=user) if into else taking.take(sent, by=user, slug=slug)
        return draft.pk

    try:
        pk = once(request.session, request.POST.get("token", "")[:64], made)
    except (CannotBegin, CannotTake, BadDocument) as error:
        return _previewed(request, sent, raw, user, status=CONFLICT, refused=str(error))
    workflow = Version.objects.select_related("workflow").get(pk=pk).workflow
    messages.success(request, _done(workflow, 0 if into else len(sent.triggers)))
    return SeeOther(reverse("workflow", args=[workflow.slug]))


def _done(workflow: Workflow, triggers: int) -> str:
    told = _("%s is here as a draft. Nothing of it runs until somebody publishes it.") % workflow.name
    if not triggers:
        return told
    paused = ngettext("Its trigger is paused.", "Its %d triggers are paused.", triggers)
    return f"{told} {paused % triggers if '%d' in paused else paused}"
