"""Connections to other systems: the list, one with what it offers, and the verbs of those who may change it."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit.actors import person
from audit.models import Event, User
from audit.proposals import CannotPropose
from orchestration import credentials
from orchestration.catalog import CannotChange, connecting, declaring, inquiring, signing, tooling, warning
from orchestration.catalog.changing import CHANGE
from orchestration.models import Connection, Tool
from orchestration.models.catalog import WHY_NOT
from orchestration.once import token
from orchestration.states import ConnectionStatus, ToolStatus
from orchestration.views.connection_form import ConnectionForm, OfferForm
from orchestration.views.control import CONFLICT, LONGEST, UNPROCESSABLE, SeeOther
from orchestration.views.entering import changing, seeing
from orchestration.views.filing import NotFiled, file, file_once
from orchestration.views.pressing import press

MOST = 200  # connections, and tools of one, that a page shows
INQUIRIES, EVENTS = 5, 12
MOST_TOLD = 10  # tools that were left out


@require_safe
def every(request: HttpRequest) -> HttpResponse:
    """The connections, by their names."""
    user = seeing(request)
    rows = Connection.objects.select_related("owner").order_by("name")[:MOST]
    return render(request, "orchestration/connections.html", {"rows": rows, "may_change": user.has_perm(CHANGE)})


@require_safe
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of one connection."""
    return _shown(request, seeing(request), pk)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The form of a connection that is not there yet; on POST it is proposed."""
    user = changing(request)
    if request.method != "POST":
        return _form(request, ConnectionForm())
    sent = ConnectionForm(request.POST)
    try:
        made = file_once(request, sent, lambda: connecting.add(sent.cleaned_data["name"], sent.wanted, by=user).pk)
    except NotFiled as error:
        return _form(request, sent, status=error.code)
    messages.success(request, _("The connection is written down. Propose it: nothing is sent before it is signed."))
    return SeeOther(reverse("connection", args=[made]))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of a connection; on POST what was changed."""
    user = changing(request)
    row = get_object_or_404(Connection, pk=pk)
    if request.method != "POST":
        return _form(request, ConnectionForm(row=row), row)
    sent = ConnectionForm(request.POST, row=row)
    try:
        file(sent, lambda: connecting.change(pk, sent.wanted, by=user, seen=request.POST.get("seen", "")[:64]))
    except NotFiled as error:
        return _form(request, sent, get_object_or_404(Connection, pk=pk), error.code)
    messages.success(request, _("The connection is changed."))
    return SeeOther(reverse("connection", args=[pk]))


@require_POST
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose it; a second person signs."""
    user = changing(request)
    get_object_or_404(Connection, pk=pk)
    try:
        proposal = connecting.propose(pk, by=user)
    except (CannotChange, CannotPropose) as error:
        return _shown(request, user, pk, CONFLICT, refused=str(error))
    messages.success(request, _("It is proposed, and waits for somebody else's signature."))
    return SeeOther(reverse("proposal", args=[proposal.pk]))


@require_POST
def look(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the server what it offers."""
    done = _("A worker asks it now. What it offers stands below.")
    return _carry_out(request, pk, lambda row, user, _why: inquiring.ask_offers(row, by=user), done)


@require_POST
def declare(request: HttpRequest, pk: int) -> HttpResponse:
    """Take in tools that were written down, or those of an OpenAPI document."""
    user = changing(request)
    row = get_object_or_404(Connection, pk=pk)
    source = request.POST.get("source", "").replace("\r\n", "\n")
    try:
        taken = declaring.declare(row, source, by=user)
    except CannotChange as error:
        return _shown(request, user, pk, CONFLICT, refused=str(error), source=source)
    told = _("%(new)d tools are taken in, and %(changed)d are declared otherwise now. None is on before it is signed.")
    messages.success(request, told % {"new": len(taken.new), "changed": len(taken.changed)})
    for name, why in taken.refused[:MOST_TOLD]:
        messages.warning(request, f"{name[:80]}: {why}")
    return SeeOther(reverse("connection", args=[pk]))


@require_POST
def off(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop all that goes over it."""
    done = _("The connection is off. Nothing goes over it any more.")
    return _carry_out(
        request,
        pk,
        lambda row, user, why: connecting.switch(row, ConnectionStatus.OFF, actor=person(user), why=why),
        done,
    )


@require_POST
def on(request: HttpRequest, pk: int) -> HttpResponse:
    """Let it be used again."""
    done = _("The connection may be used again.")
    return _carry_out(
        request,
        pk,
        lambda row, user, _why: connecting.switch(row, ConnectionStatus.APPROVED, actor=person(user)),
        done,
    )


@require_POST
def retire(request: HttpRequest, pk: int) -> HttpResponse:
    """Put it away."""
    done = _("The connection is retired.")
    return _carry_out(request, pk, lambda row, user, why: connecting.retire(row, actor=person(user), why=why), done)


@require_POST
def propose(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose those of its tools that were marked, as they were said to be."""
    user = changing(request)
    row = get_object_or_404(Connection, pk=pk)
    forms = [OfferForm(request.POST, tool) for tool in _offered(row)]
    if not all(form.is_valid() for form in forms):
        return _shown(request, user, pk, UNPROCESSABLE, forms=forms, refused=_("Nothing was proposed. Look below."))
    chosen = [form for form in forms if form.cleaned_data.pop("chosen")]
    proposed, refused = 0, []
    for form in chosen:
        try:
            tooling.change(form.row.pk, form.cleaned_data, by=user, seen=tooling.state_of(form.row))
            tooling.propose(form.row.pk, by=user)
            proposed += 1
        except (CannotChange, CannotPropose) as error:
            refused.append(f"{form.row.name}: {error}")
    if not proposed:
        told = " ".join(refused) or _("Mark those that shall be proposed.")
        return _shown(request, user, pk, CONFLICT, forms=forms, refused=told)
    messages.success(request, _("%d tools are proposed, and wait for somebody else's signature.") % proposed)
    for told in refused:
        messages.warning(request, told)
    return SeeOther(reverse("connection", args=[pk]))


def _offered(row: Connection) -> list[Tool]:
    """Its tools that wait to be proposed."""
    return list(row.tools.filter(status=ToolStatus.PROPOSED).select_related("connection").order_by("name")[:MOST])


def _carry_out(
    request: HttpRequest, pk: int, act: Callable[[Connection, User, str], object], done: str
) -> HttpResponse:
    user = changing(request)
    shown = partial(_shown, request, user, pk)
    return press(
        request,
        get_object_or_404(Connection, pk=pk),
        user,
        act,
        shown,
        done=done,
        back=reverse("connection", args=[pk]),
    )


def _shown(request: HttpRequest, user: User, pk: int, status: int = 200, **more: Any) -> HttpResponse:
    row = get_object_or_404(Connection.objects.select_related("owner", "approved_by", "edited_by"), pk=pk)
    references = [row.secret, *(str(one.get("secret", "")) for one in row.headers)]
    inquiries = row.inquiries.filter(tool=None).select_related("asked_by").order_by("-pk")
    forms = more.pop("forms", None) or [OfferForm(None, tool) for tool in _offered(row)]
    context = {
        "row": row,
        "why": WHY_NOT.get(row.status, ""),
        "facts": connecting.facts_of(row)[1:],
        "keys_missing": credentials.missing(references).values(),
        "proposal": signing.open_proposal(connecting.ACT, row),
        "unlisted": inquiring.why_unlisted(row),
        "inquiries": inquiries[:INQUIRIES],
        "asking": inquiries.filter(ended_at=None).exists(),
        "offers": [(form, form.row, warning.of(form.row.declaration)) for form in forms],
        "tools": row.tools.exclude(status=ToolStatus.PROPOSED).order_by("name")[:MOST],
        "events": Event.objects.filter(object_type="connection", object_id=str(pk))
        .select_related("personal")
        .order_by("-pk")[:EVENTS],
        "may_change": user.has_perm(CHANGE),
        "longest": LONGEST,
        **more,
    }
    return render(request, "orchestration/connection.html", context, status=status)


def _form(request: HttpRequest, form: ConnectionForm, row: Connection | None = None, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "row": row,
        "seen": connecting.state_of(row) if row else "",
        "token": request.POST.get("token", "")[:64] or token(),
    }
    return render(request, "orchestration/connection_form.html", context, status=status)
