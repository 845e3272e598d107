"""Agents that have a name: the list, one with what it did, its text, and the verbs of those who may change it."""

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

from audit.models import User
from audit.pages import page
from audit.proposals import CannotPropose
from orchestration.agents import keeping, signing, text
from orchestration.catalog.changing import CHANGE, CannotChange, ChangedMeanwhile
from orchestration.explain import agents as told
from orchestration.models import Agent
from orchestration.states import AgentStatus
from orchestration.views.agent_form import AgentForm
from orchestration.views.control import CONFLICT, LONGEST, UNPROCESSABLE, SeeOther
from orchestration.views.entering import changing, seeing
from orchestration.views.pressing import press

STATES = {
    "": gettext_lazy("All"),
    AgentStatus.PROPOSED: gettext_lazy("Proposed"),
    AgentStatus.APPROVED: gettext_lazy("Approved"),
    AgentStatus.OFF: gettext_lazy("Off"),
}
CHECK = "check"


@require_safe
def every(request: HttpRequest) -> HttpResponse:
    """The agents, newest first, narrowed by their state."""
    user = seeing(request)
    state = request.GET.get("state", "")
    state = state if state in STATES else ""
    rows = Agent.objects.select_related("current", "owner")
    rows = rows.filter(status=state) if state else rows
    found = page(request.GET, lambda *place: _part(rows, *place), lambda row: int(row.pk))
    context = {
        "page": found,
        "lines": told.lines(found.rows),
        "state": state,
        "states": STATES.items(),
        "may_change": user.has_perm(CHANGE),
        "most": told.MOST,
    }
    return render(request, "orchestration/agents.html", context)


def _part(rows: QuerySet[Agent], before: int | None, after: int | None, most: int) -> list[Agent]:
    if after is not None:
        return list(rows.filter(pk__gt=after).order_by("pk")[:most])
    return list((rows.filter(pk__lt=before) if before is not None else rows).order_by("-pk")[:most])


@require_safe
def one(request: HttpRequest, name: str) -> HttpResponse:
    """The page of one agent."""
    return _shown(request, seeing(request), name)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The form that draws one up."""
    user = changing(request)
    if request.method != "POST":
        return _form(request, AgentForm(None, None, user), None)
    sent = AgentForm(request.POST, None, user)
    if not sent.is_valid():
        return _form(request, sent, None, UNPROCESSABLE)
    if request.POST.get("act") == CHECK:
        return _form(request, sent, None, problems=text.problems(sent.cleaned_data["source"]), checked=True)
    try:
        row = keeping.add(sent.cleaned_data["name"], sent.wanted, by=user)
    except CannotChange as error:
        sent.tell(error.problems)
        return _form(request, sent, None, UNPROCESSABLE)
    messages.success(request, _("It is drawn up. No step may use it before somebody else has signed it."))
    return SeeOther(reverse("agent", args=[row.name]))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, name: str) -> HttpResponse:
    """The form of an agent; on POST what was changed, or only looked at."""
    user = changing(request)
    row = get_object_or_404(Agent.objects.select_related("owner", "current"), name=name)
    if request.method != "POST":
        return _form(request, AgentForm(None, row, user), row, problems=text.problems(row.source))
    sent, seen = AgentForm(request.POST, row, user), request.POST.get("seen", "")[:64]
    if not sent.is_valid():
        return _form(request, sent, row, UNPROCESSABLE, seen=seen)
    wrong = text.problems(sent.cleaned_data["source"].replace("\r\n", "\n"))
    if request.POST.get("act") == CHECK:
        return _form(request, sent, row, problems=wrong, checked=True, seen=seen)
    try:
        keeping.change(row.pk, sent.wanted, by=user, seen=seen)
    except ChangedMeanwhile:
        sent.add_error(None, _("Somebody changed this agent meanwhile. Look at what stands there now, then save."))
        return _form(request, sent, row, CONFLICT, theirs=row.source)
    except CannotChange as error:
        sent.tell(error.problems)
        return _form(request, sent, row, UNPROCESSABLE, seen=seen)
    if wrong:
        messages.warning(request, _("It is kept as you wrote it. Before it can be signed, something has to be mended."))
    else:
        messages.success(request, _("The agent is changed."))
    return SeeOther(reverse("agent", args=[name]))


@require_POST
def ask(request: HttpRequest, name: str) -> HttpResponse:
    """Propose its text as the next version; a second person signs."""
    user = changing(request)
    row = get_object_or_404(Agent, name=name)
    try:
        proposal = signing.propose(row.pk, by=user)
    except (CannotChange, CannotPropose) as error:
        return _shown(request, user, name, CONFLICT, refused=str(error))
    messages.success(request, _("It is proposed, and waits for somebody else's signature."))
    return SeeOther(reverse("proposal", args=[proposal.pk]))


@require_POST
def off(request: HttpRequest, name: str) -> HttpResponse:
    """Let it do nothing more, in any run."""
    done = _("The agent is off. No further turn or call of it begins, in any run.")
    return _carry_out(request, name, lambda row, user, why: keeping.switch_off(row.pk, by=user, why=why), done)


@require_POST
def on(request: HttpRequest, name: str) -> HttpResponse:
    """Let it work again."""
    done = _("The agent may work again, as it was signed.")
    return _carry_out(request, name, lambda row, user, _why: keeping.switch_on(row.pk, by=user), done)


def _carry_out(request: HttpRequest, name: str, act: Callable[[Agent, User, str], object], done: str) -> HttpResponse:
    user = changing(request)
    shown = partial(_shown, request, user, name)
    return press(
        request, get_object_or_404(Agent, name=name), user, act, shown, done=done, back=reverse("agent", args=[name])
    )


def _shown(request: HttpRequest, user: User, name: str, status: int = 200, **more: Any) -> HttpResponse:
    row = get_object_or_404(Agent.objects.select_related("owner", "edited_by", "current"), name=name)
    context = {**told.whole(row, user), "may_change": user.has_perm(CHANGE), "longest": LONGEST, **more}
    return render(request, "orchestration/agent.html", context, status=status)


def _form(request: HttpRequest, form: AgentForm, row: Agent | None, status: int = 200, **more: Any) -> HttpResponse:
    context = {"form": form, "row": row, "seen": keeping.state_of(row) if row else "", "check": CHECK, **more}
    return render(request, "orchestration/agent_form.html", context, status=status)
