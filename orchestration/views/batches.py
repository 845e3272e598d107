"""Uploads: a file is sent, its columns are mapped, its rows looked through, and their runs started and stopped."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit.actors import person
from audit.canonical import clean
from audit.ledger import record
from audit.models import User
from audit.pages import page
from audit.reading import exports
from orchestration.batches import keeping, mapping, pieces, reading, receiving, results
from orchestration.batches.keeping import BadMapping, CannotUpload
from orchestration.files import LARGEST
from orchestration.models import Upload, Workflow
from orchestration.once import once, token
from orchestration.starts import current_version
from orchestration.uploads import Sent, takes_files
from orchestration.views import upload_page
from orchestration.views.control import CONFLICT, LONGEST, UNPROCESSABLE, SeeOther

TOO_LARGE = 413
AT_ONCE = 1.0  # seconds for which rows are looked through before the page answers


@require_safe
def every(request: HttpRequest, slug: str) -> HttpResponse:
    """The uploads for a workflow that one may see, newest first."""
    user, workflow = _workflow(request, slug, "start", "manage")
    seen = Upload.objects.seen_by(user).filter(workflow=workflow).select_related("by")

    def part(before: int | None, after: int | None, most: int) -> list[Upload]:
        if after is not None:
            return list(seen.filter(pk__gt=after).order_by("pk")[:most])
        return list((seen.filter(pk__lt=before) if before is not None else seen).order_by("-pk")[:most])

    shown = page(request.GET, part, lambda upload: upload.pk)
    may_start = user.has_perm("start_workflow", workflow)
    context = {"workflow": workflow, "uploads": shown, "may_start": may_start}
    return render(request, "orchestration/uploads.html", context)


@takes_files
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, slug: str) -> HttpResponse:
    """The form on GET; on POST the file, kept with all its rows. Nothing starts."""
    user, workflow = _workflow(request, slug, "start")
    if told := receiving.hindrance(workflow):
        return _asked(request, workflow, status=CONFLICT if request.method == "POST" else 200, closed=told)
    if request.method != "POST":
        return _asked(request, workflow)
    sent = cast(Sent | None, request.FILES.get("file"))
    if sent is None or not sent.size:
        return _asked(request, workflow, status=UNPROCESSABLE, refused=_("Choose a file that is not empty."))
    if getattr(sent, "too_large", False) or sent.size > LARGEST:
        told = _("The file is larger than %s, so nothing of it was kept. Send it in parts.")
        return _asked(request, workflow, status=TOO_LARGE, refused=told % filesizeformat(LARGEST))
    delimiter = request.POST.get("delimiter", "")
    known = delimiter if delimiter in upload_page.DELIMITERS else ""

    def receive() -> int:
        return receiving.receive(workflow, sent.name or "", sent.read(), by=user, delimiter=known).pk

    try:
        made = once(request.session, request.POST.get("token", "")[:64], receive)
    except reading.Unreadable as error:
        return _asked(request, workflow, status=UNPROCESSABLE, refused=str(error))
    except receiving.Refused as error:
        return _asked(request, workflow, status=CONFLICT, closed=str(error))
    return SeeOther(reverse("upload", args=[made]))


@require_safe
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """An upload: its first rows and mapping, then how it goes on."""
    return upload_page.show(request, _seen(request, pk))


@require_POST
def look_through(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the mapping, and look through all rows by it."""
    upload = _own(request, pk)
    form = upload_page.mapping_of(upload, request.POST)
    if form is None:
        return upload_page.show(request, upload, CONFLICT, refused=receiving.hindrance(upload.workflow))
    if not form.is_valid():
        return upload_page.show(request, upload, UNPROCESSABLE, form=form)
    try:
        keeping.look_through(pk, clean(form.mapping)[0], by=upload.by)
    except BadMapping as error:
        form.tell(error.problems)
        return upload_page.show(request, upload, UNPROCESSABLE, form=form)
    except CannotUpload as error:
        return upload_page.show(request, _seen(request, pk), CONFLICT, refused=str(error))
    pieces.go_on_with(pk, AT_ONCE)
    return SeeOther(reverse("upload", args=[pk]))


@require_POST
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the rows that fit start their runs: as many as the page has named."""
    upload = _own(request, pk)
    named = request.POST.get("rows", "")
    rows = int(named) if named.isascii() and named.isdecimal() and len(named) < 10 else 0
    done = _("The rows start their runs now, one each. You can leave this page.")
    return _carry_out(request, pk, lambda: keeping.start(pk, rows, by=upload.by), done)


@require_POST
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Start no further row."""
    user = _keeper(request, pk)
    why = clean(request.POST.get("why", "").strip()[:LONGEST])[0]
    done = _("No further row starts a run. The runs that were started go on.")
    return _carry_out(request, pk, lambda: keeping.stop(pk, by=user, why=why), done)


@require_POST
def go_on(request: HttpRequest, pk: int) -> HttpResponse:
    """Start the rows that are left."""
    user = _keeper(request, pk)
    return _carry_out(request, pk, lambda: keeping.go_on(pk, by=user), _("The rows that are left start their runs."))


@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw away what has started nothing."""
    upload = _own(request, pk)
    done = _("The upload is thrown away, with its rows.")
    back = reverse("uploads", args=[upload.workflow.slug])
    return _carry_out(request, pk, lambda: keeping.drop(pk, by=upload.by), done, back)


@require_safe
def taken(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The rows with what became of them, as CSV."""
    upload, user = _seen(request, pk), cast(User, request.user)
    if request.method == "GET":
        _say(upload, user)
    response = StreamingHttpResponse(exports.stream(results.of(upload, user)), content_type=exports.TYPES["csv"])
    name = f"{upload.name.rpartition('.')[0] or upload.name}-results.csv"
    response["Content-Disposition"] = str(content_disposition_header(True, name))
    response["Cache-Control"] = "private, no-store"
    return response


@transaction.atomic
def _say(upload: Upload, user: User) -> None:
    """Taking results away is an event, written before the first line leaves."""
    record("upload.exported", upload, actor=person(user), personal={"title": upload.name})


def _workflow(request: HttpRequest, slug: str, *may: str) -> tuple[User, Workflow]:
    """A workflow that one may see; 403 for who may do none of that with it."""
    user = cast(User, request.user)
    seen = Workflow.objects.allowed(user, "view").select_related("current")
    workflow = get_object_or_404(seen, slug=slug)
    if not any(user.has_perm(f"{one}_workflow", workflow) for one in may):
        raise PermissionDenied
    return user, workflow


def _seen(request: HttpRequest, pk: int) -> Upload:
    seen = Upload.objects.seen_by(cast(User, request.user))
    return get_object_or_404(seen.select_related("workflow__current", "version", "by", "trigger"), pk=pk)


def _own(request: HttpRequest, pk: int) -> Upload:
    """One's own upload, of a workflow of which one may start runs."""
    upload = _seen(request, pk)
    user = cast(User, request.user)
    if upload.by_id != user.pk or not user.has_perm("start_workflow", upload.workflow):
        raise PermissionDenied
    return upload


def _keeper(request: HttpRequest, pk: int) -> User:
    """Who may stop an upload and let it go on: who sent it, and who manages the workflow. Nobody else sees it."""
    _seen(request, pk)
    return cast(User, request.user)


def _carry_out(request: HttpRequest, pk: int, act: Any, done: str, back: str = "") -> HttpResponse:
    try:
        act()
    except CannotUpload as error:
        return upload_page.show(request, _seen(request, pk), CONFLICT, refused=str(error))
    messages.success(request, done)
    return SeeOther(back or reverse("upload", args=[pk]))


def _asked(
    request: HttpRequest, workflow: Workflow, *, status: int = 200, refused: str = "", closed: str = ""
) -> HttpResponse:
    context = {
        "workflow": workflow,
        "token": request.POST.get("token", "")[:64] or token(),
        "delimiters": upload_page.DELIMITERS.items(),
        "delimiter": request.POST.get("delimiter", ""),
        "fields": [] if closed else _fields(workflow),
        "largest": LARGEST,
        "most": reading.MOST_ROWS,
        "refused": refused,
        "closed": closed,
    }
    return render(request, "orchestration/upload_new.html", context, status=status)


def _fields(workflow: Workflow) -> list[tuple[str, bool]]:
    """What a row can give, and whether it must."""
    schema = current_version(workflow).document["input"]
    required = schema.get("required", [])
    return [(name, name in required) for name in mapping.fields(schema)]
