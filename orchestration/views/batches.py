"""Uploads: a file is sent, its columns are mapped, its rows looked through, and their runs started and stopped."""

import json
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
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit.actors import person
from audit.canonical import clean
from audit.ledger import record
from audit.models import User
from audit.pages import page
from audit.reading import exports
from orchestration import control
from orchestration.batches import keeping, mapping, pieces, progress, reading, receiving, results
from orchestration.batches.keeping import BadMapping, CannotUpload
from orchestration.files import LARGEST
from orchestration.models import Upload, UploadRow, Workflow
from orchestration.once import once, token
from orchestration.starts import BadInput, CannotStart, current_version
from orchestration.states import BrakeStatus, TriggerStatus, UploadStatus, WorkflowStatus
from orchestration.uploads import Sent, takes_files
from orchestration.views.control import CONFLICT, LONGEST, UNPROCESSABLE, SeeOther
from orchestration.views.mapping_form import MappingForm

TOO_LARGE = 413
PREVIEWED = 20  # rows
SHOWN = 160  # characters of a cell
AT_ONCE = 1.0  # seconds for which rows are looked through before the page answers
LAST = 10**12  # the pages of rows go forward: their keys are counted down from here
DELIMITERS = {
    ",": gettext_lazy("comma"),
    ";": gettext_lazy("semicolon"),
    "\t": gettext_lazy("tab"),
    "|": gettext_lazy("bar"),
}
ENCODINGS = {reading.PLAIN: "UTF-8", reading.WESTERN: "Windows-1252", reading.LATIN: "Latin-1"}
EDITED = (UploadStatus.DRAFT, UploadStatus.CHECKED)


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
    known = delimiter if delimiter in DELIMITERS else ""

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
    return _page(request, _seen(request, pk))


@require_POST
def look_through(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the mapping, and look through all rows by it."""
    upload = _own(request, pk)
    form = _form(upload, request.POST)
    if form is None:
        return _page(request, upload, CONFLICT, refused=receiving.hindrance(upload.workflow))
    if not form.is_valid():
        return _page(request, upload, UNPROCESSABLE, form=form)
    try:
        keeping.look_through(pk, clean(form.mapping)[0], by=upload.by)
    except BadMapping as error:
        form.tell(error.problems)
        return _page(request, upload, UNPROCESSABLE, form=form)
    except CannotUpload as error:
        return _page(request, _seen(request, pk), CONFLICT, refused=str(error))
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
    upload = _seen(request, pk)
    if request.method == "GET":
        _say(upload, cast(User, request.user))
    response = StreamingHttpResponse(exports.stream(results.of(upload)), content_type=exports.TYPES["csv"])
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
        return _page(request, _seen(request, pk), CONFLICT, refused=str(error))
    messages.success(request, done)
    return SeeOther(back or reverse("upload", args=[pk]))


def _asked(
    request: HttpRequest, workflow: Workflow, *, status: int = 200, refused: str = "", closed: str = ""
) -> HttpResponse:
    context = {
        "workflow": workflow,
        "token": request.POST.get("token", "")[:64] or token(),
        "delimiters": DELIMITERS.items(),
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


def _form(upload: Upload, data: Any = None) -> MappingForm | None:
    """The mapping, where it can still be changed and the workflow takes rows."""
    if upload.status not in EDITED or receiving.hindrance(upload.workflow):
        return None
    return MappingForm(upload, current_version(upload.workflow).document["input"], data)


def _page(
    request: HttpRequest, upload: Upload, status: int = 200, *, form: MappingForm | None = None, refused: str = ""
) -> HttpResponse:
    user = cast(User, request.user)
    mine = upload.by_id == user.pk and user.has_perm("start_workflow", upload.workflow)
    counted = progress.of(upload)
    shown = form or (_form(upload) if mine else None)
    first = list(upload.rows.order_by("number")[:PREVIEWED]) if upload.status in EDITED else []
    context = {
        "upload": upload,
        "workflow": upload.workflow,
        "mine": mine,
        "progress": counted,
        "moves": progress.moves(upload, counted),
        "form": shown,
        "preview": [(row, _cells(upload, row)) for row in first],
        "trial": _trial(upload, first) if upload.status == UploadStatus.CHECKED else None,
        "problems": page(request.GET, lambda *place: _wrong(upload, *place), lambda row: LAST - row.number),
        "same": _same(upload, user) if upload.status in EDITED else None,
        "waits": _waits(upload),
        "delimiter": DELIMITERS.get(upload.delimiter, upload.delimiter),
        "encoding": ENCODINGS.get(upload.encoding, "UTF-16"),
        "newer_version": _newer(upload),
        "refused": refused,
        "longest": LONGEST,
    }
    return render(request, "orchestration/upload.html", context, status=status)


def _cells(upload: Upload, row: UploadRow) -> list[str]:
    values = row.cells if isinstance(row.cells, list) else [row.cells.get(name) for name in upload.columns]
    return [_short(value) for value in [*values, *[""] * len(upload.columns)][: len(upload.columns)]]


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _wrong(upload: Upload, before: int | None, after: int | None, most: int) -> list[UploadRow]:
    """The rows with problems, from the first; see `LAST`."""
    found = upload.rows.filter(problems__isnull=False)
    if after is not None:
        return list(found.filter(number__lt=max(LAST - after, 0)).order_by("-number")[:most])
    if before is not None:
        found = found.filter(number__gt=min(max(LAST - before, 0), 2**31 - 1))
    return list(found.order_by("number")[:most])


def _trial(upload: Upload, first: list[UploadRow]) -> dict[str, Any] | None:
    """What the first of the shown rows that fits starts its run with."""
    row = next((row for row in first if row.fits), None)
    if row is None or upload.version is None:
        return None
    try:
        made = mapping.made(upload.version, upload.mapping, mapping.row_of(upload, row.cells))
    except BadInput:
        return None
    return {"row": row, "given": made}


def _same(upload: Upload, user: User) -> Upload | None:
    """The same file, sent before and started, as far as one may see it."""
    others = Upload.objects.seen_by(user).filter(workflow=upload.workflow, started_at__isnull=False)
    return others.filter(file=upload.file_id).exclude(pk=upload.pk).select_related("by").order_by("-pk").first()


def _waits(upload: Upload) -> str:
    """What holds the rows or their runs back just now."""
    if upload.status != UploadStatus.STARTING:
        return ""
    if control.brake().status == BrakeStatus.PULLED:
        return _("Everything is stopped: no row starts a run until somebody lets everything go on.")
    if upload.trigger is not None and upload.trigger.status == TriggerStatus.PAUSED:
        return _("The trigger “%s” is paused: the rows wait until it goes on.") % upload.trigger.name
    if upload.workflow.status == WorkflowStatus.PAUSED:
        return _("The workflow is paused: runs are accepted, and none of their steps begins.")
    return ""


def _newer(upload: Upload) -> int | None:
    """The version published since the rows were looked through."""
    if upload.status not in (UploadStatus.CHECKED, UploadStatus.STARTING, UploadStatus.STOPPED):
        return None
    try:
        version = current_version(upload.workflow)
    except CannotStart:
        return None
    return version.number if version.pk != upload.version_id else None
