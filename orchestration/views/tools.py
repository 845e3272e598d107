"""The tools that steps may call: the list, one tool with its calls, and the verbs of those who may change it."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit.actors import person
from audit.models import User
from audit.pages import page
from audit.proposals import CannotPropose
from orchestration import catalog, control
from orchestration.catalog import CannotChange, inquiring, tooling, using
from orchestration.catalog.changing import CHANGE
from orchestration.explain import tools as told
from orchestration.models import Limit, Tool
from orchestration.states import ToolStatus
from orchestration.views.control import CONFLICT, LONGEST, UNPROCESSABLE, SeeOther
from orchestration.views.entering import changing, seeing
from orchestration.views.filing import NotFiled, file
from orchestration.views.pressing import press
from orchestration.views.tool_form import ArgumentsForm, ToolForm, UseForm

STATES = {
    "": gettext_lazy("All"),
    ToolStatus.PROPOSED: gettext_lazy("Proposed"),
    ToolStatus.APPROVED: gettext_lazy("Approved"),
    ToolStatus.CHANGED: gettext_lazy("Changed"),
    ToolStatus.OFF: gettext_lazy("Off"),
    ToolStatus.RETIRED: gettext_lazy("Retired"),
}


@require_safe
def every(request: HttpRequest) -> HttpResponse:
    """The tools, newest first, narrowed by their state."""
    user = seeing(request)
    state = request.GET.get("state", "")
    state = state if state in STATES else ""
    rows = Tool.objects.select_related("connection", "owner")
    rows = rows.filter(status=state) if state else rows
    found = page(request.GET, lambda *place: _part(rows, *place), lambda row: int(row.pk))
    context = {
        "page": found,
        "lines": told.lines(found.rows),
        "state": state,
        "states": STATES.items(),
        "may_change": user.has_perm(CHANGE),
    }
    return render(request, "orchestration/tools.html", context)


def _part(rows: QuerySet[Tool], before: int | None, after: int | None, most: int) -> list[Tool]:
    if after is not None:
        return list(rows.filter(pk__gt=after).order_by("pk")[:most])
    return list((rows.filter(pk__lt=before) if before is not None else rows).order_by("-pk")[:most])


@require_safe
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of one tool."""
    return _shown(request, seeing(request), pk)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of what people say of a tool; on POST what was changed."""
    user = changing(request)
    row = get_object_or_404(Tool.objects.select_related("connection"), pk=pk)
    lane = f"tool:{row.name}"
    at_once = Limit.objects.filter(lane=lane).values_list("at_once", flat=True).first()
    if request.method != "POST":
        return _form(request, ToolForm(None, row, at_once), row)
    sent = ToolForm(request.POST, row, at_once)
    try:
        seen = request.POST.get("seen", "")[:64]
        now_row = file(sent, lambda: tooling.change(pk, sent.wanted, by=user, seen=seen))
    except NotFiled as error:
        return _form(request, sent, get_object_or_404(Tool, pk=pk), error.code)
    if sent.cleaned_data["at_once"] != at_once:
        control.set_limit(lane, sent.cleaned_data["at_once"], actor=person(user))
    if now_row.status != row.status:
        messages.warning(request, _("What was changed must be signed: the tool is proposed, and nobody calls it."))
    else:
        messages.success(request, _("The tool is changed."))
    return SeeOther(reverse("tool", args=[pk]))


@require_POST
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose that steps may call it; a second person signs."""
    user = changing(request)
    get_object_or_404(Tool, pk=pk)
    try:
        proposal = tooling.propose(pk, by=user)
    except (CannotChange, CannotPropose) as error:
        return _shown(request, user, pk, CONFLICT, refused=str(error))
    messages.success(request, _("It is proposed, and waits for somebody else's signature."))
    return SeeOther(reverse("proposal", args=[proposal.pk]))


@require_POST
def take_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Take what its server declares now in the place of what was signed."""
    done = _("What it declares now is taken over. It is called again once two people have signed that.")
    return _carry_out(request, pk, lambda row, user, _why: tooling.take_over(row.pk, by=user), done)


@require_POST
def off(request: HttpRequest, pk: int) -> HttpResponse:
    """Let nobody call it, from the next call on."""
    done = _("The tool is off. No further call of it begins, anywhere.")
    return _carry_out(
        request, pk, lambda row, user, _why: catalog.switch(row, ToolStatus.OFF, actor=person(user)), done
    )


@require_POST
def on(request: HttpRequest, pk: int) -> HttpResponse:
    """Let steps call it again."""
    done = _("Steps may call the tool again.")
    return _carry_out(request, pk, lambda row, user, _why: tooling.resume(row.pk, actor=person(user)), done)


@require_POST
def retire(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a tool away."""
    done = _("The tool is retired.")
    return _carry_out(request, pk, lambda row, user, why: tooling.retire(row.pk, actor=person(user), why=why), done)


@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for one call of a tool that only reads."""
    user = changing(request)
    row = get_object_or_404(Tool.objects.select_related("connection"), pk=pk)
    sent = ArgumentsForm(request.POST)
    if not sent.is_valid():
        return _shown(request, user, pk, UNPROCESSABLE, arguments=sent)
    try:
        inquiring.ask_call(row, sent.cleaned_data["arguments"], by=user)
    except CannotChange as error:
        sent.add_error("arguments", str(error))
        return _shown(request, user, pk, CONFLICT, arguments=sent)
    messages.success(request, _("A worker calls it once now. What comes back stands below."))
    return SeeOther(f"{reverse('tool', args=[pk])}#tests")


@require_POST
def use(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the tool to somebody, or take it back."""
    user = changing(request)
    row = get_object_or_404(Tool, pk=pk)
    sent = UseForm(request.POST)
    if not sent.is_valid():
        return _shown(request, user, pk, UNPROCESSABLE, use=sent)
    act = using.take_back if request.POST.get("act") == "take" else using.give
    try:
        act(row, sent.cleaned_data["sort"], sent.cleaned_data["name"], by=user)
    except CannotChange as error:
        sent.add_error("name", str(error))
        return _shown(request, user, pk, UNPROCESSABLE, use=sent)
    messages.success(request, _("Who may use it is changed."))
    return SeeOther(f"{reverse('tool', args=[pk])}#who")


def _carry_out(request: HttpRequest, pk: int, act: Callable[[Tool, User, str], object], done: str) -> HttpResponse:
    user = changing(request)
    shown = partial(_shown, request, user, pk)
    return press(request, get_object_or_404(Tool, pk=pk), user, act, shown, done=done, back=reverse("tool", args=[pk]))


def _shown(request: HttpRequest, user: User, pk: int, status: int = 200, **more: Any) -> HttpResponse:
    people = ("owner", "approved_by", "edited_by", "connection", "undo")
    row = get_object_or_404(Tool.objects.select_related(*people), pk=pk)
    context = {
        **told.whole(row, user),
        "may_change": user.has_perm(CHANGE),
        "arguments": ArgumentsForm(initial={"arguments": "{}"}),
        "use": UseForm(),
        "longest": LONGEST,
        **more,
    }
    return render(request, "orchestration/tool.html", context, status=status)


def _form(request: HttpRequest, form: ToolForm, row: Tool, status: int = 200) -> HttpResponse:
    context = {"form": form, "row": row, "seen": tooling.state_of(row)}
    return render(request, "orchestration/tool_form.html", context, status=status)
