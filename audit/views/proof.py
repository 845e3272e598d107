"""What proves the record: its health, receipts, checkpoints, evidence packs, and the program that checks them."""

from typing import cast
from uuid import UUID

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audit import ledger, sight
from audit.access import need
from audit.actors import person
from audit.models import Event, User
from audit.proof import checkpoints, health, packing, receipts
from audit.proof.folder import Folder, NoKey
from audit.proof.program import NAME, verifier
from audit.proof_models import Checkpoint
from audit.reading import entries, evidence
from audit.reading.entries import Sought

PLAIN = "text/plain; charset=utf-8"
CONFLICT, UNAVAILABLE = 409, 503


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """How the proof stands, in plain words."""
    need(request, "view_record")
    return render(request, "audit/proof.html", {"health": health.look()})


@require_safe
def receipt(request: HttpRequest, event_id: UUID) -> HttpResponse:
    """What its holder can check an entry with, as a text."""
    events = Event.objects.select_related("leaf").filter(entries.seen(cast(User, request.user)))
    event = get_object_or_404(events, event_id=event_id)
    try:
        text = str(receipts.of(event, getattr(event, "leaf", None)))
    except receipts.NotYet:
        told = _("It waits for its number and a checkpoint, which takes less than a second while the clock runs.")
        return HttpResponse(told, PLAIN, status=CONFLICT)
    return _file(text, f"handrail-receipt-{event_id}.txt", PLAIN)


@require_safe
def checkpoint(request: HttpRequest) -> HttpResponse:
    """The newest signed checkpoint, for whoever keeps it elsewhere."""
    need(request, "view_record")
    if (newest := checkpoints.newest()) is None:
        raise Http404
    return _file(newest.note, f"handrail-checkpoint-{newest.tree_size}.txt", PLAIN)


@require_safe
def program(request: HttpRequest) -> HttpResponse:
    """The offline verifier."""
    return _file(verifier(), NAME, "application/octet-stream")


@require_safe
def key(request: HttpRequest) -> HttpResponse:
    """The public keys of the record, the newest first."""
    try:
        text = "".join(f"{one}\n" for one in Folder.here().publics())
    except NoKey:
        raise Http404 from None
    return _file(text, "signer.pub", PLAIN)


@require_safe
def pack(request: HttpRequest) -> HttpResponseBase:
    """Entries with all that belongs to them, and their proof, as a ZIP that is written while it is sent."""
    user, sought = need(request, "export_record"), Sought.read(request.GET)
    newest = checkpoints.newest()
    if newest is None:
        return HttpResponse(_("No checkpoint is signed yet, so nothing could be proven."), PLAIN, status=UNAVAILABLE)
    wanted = _wanted(user, sought, newest, without="without" in request.GET)
    with transaction.atomic():  # taking it away is an event too, written before the first byte leaves
        rows = wanted.leaves.filter(leaf_index__lt=newest.tree_size).count()
        body = {"rows": rows, "up_to": newest.tree_size, "filters": sought.address, "without_personal": wanted.without}
        ledger.record("record.packed", "record", actor=person(user), body=body)
    response = StreamingHttpResponse(packing.stream(wanted), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{wanted.name}"'
    return response


def _wanted(user: User, sought: Sought, newest: Checkpoint, *, without: bool) -> packing.Wanted:
    whole = not sought.address and entries.may_see_all(user) and not sight.reach(user).hidden
    name = f"handrail-evidence-{'run-' + str(sought.run) if sought.run else newest.tree_size}.zip"
    title = _("Evidence for run %(run)s") % {"run": sought.run} if sought.run else _("Evidence from the record")
    return packing.Wanted(
        leaves=entries.numbered(user, sought),
        checkpoint=newest,
        form="whole" if whole else "picked",
        name=name,
        read=evidence.Writer(title, without=without),
        end=newest.tree_size,
        without=without,
        filters=sought.address,
    )


def _file(content: str | bytes, name: str, kind: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
