"""The page of an upload: its first rows and mapping, then how it goes on."""

import json
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.models import User
from audit.pages import page
from orchestration import control
from orchestration.batches import mapping, progress, reading, receiving
from orchestration.models import Upload, UploadRow
from orchestration.starts import BadInput, CannotStart, current_version
from orchestration.states import BrakeStatus, TriggerStatus, UploadStatus, WorkflowStatus
from orchestration.views.control import LONGEST
from orchestration.views.mapping_form import MappingForm

PREVIEWED = 20  # rows
SHOWN = 160  # characters of a cell
LAST = 10**12  # the pages of rows go forward: their keys are counted down from here
DELIMITERS = {
    ",": gettext_lazy("comma"),
    ";": gettext_lazy("semicolon"),
    "\t": gettext_lazy("tab"),
    "|": gettext_lazy("bar"),
}
ENCODINGS = {reading.PLAIN: "UTF-8", reading.WESTERN: "Windows-1252", reading.LATIN: "Latin-1"}
EDITED = (UploadStatus.DRAFT, UploadStatus.CHECKED)


def show(
    request: HttpRequest, upload: Upload, status: int = 200, *, form: MappingForm | None = None, refused: str = ""
) -> HttpResponse:
    """An upload: its first rows and mapping, then how it goes on."""
    user = cast(User, request.user)
    mine = upload.by_id == user.pk and user.has_perm("start_workflow", upload.workflow)
    counted = progress.of(upload)
    shown = form or (mapping_of(upload) if mine else None)
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


def mapping_of(upload: Upload, data: Any = None) -> MappingForm | None:
    """The mapping, where it can still be changed and the workflow takes rows."""
    if upload.status not in EDITED or receiving.hindrance(upload.workflow):
        return None
    return MappingForm(upload, current_version(upload.workflow).document["input"], data)


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
