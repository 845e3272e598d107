"""The catalog of models: the list, one model with its tests, and the verbs of those who may change it."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit.actors import person
from audit.clock_time import now
from audit.models import Event, User
from audit.pages import page
from audit.proposals import AlreadyProposed, CannotPropose
from orchestration import catalog, credentials, waived
from orchestration.catalog import CannotChange, approving, testing
from orchestration.catalog.changing import CHANGE
from orchestration.models import Model
from orchestration.models.catalog import ENDED, WHY_NOT
from orchestration.once import token
from orchestration.states import ModelStatus
from orchestration.views.control import CONFLICT, LONGEST, UNPROCESSABLE, SeeOther
from orchestration.views.entering import changing, seeing
from orchestration.views.filing import NotFiled, file, file_once
from orchestration.views.model_form import ModelForm
from orchestration.views.pressing import press

TESTS, EVENTS = 10, 12  # that the page of a model shows
STATES = {
    "": gettext_lazy("All"),
    ModelStatus.PROPOSED: gettext_lazy("Proposed"),
    ModelStatus.APPROVED: gettext_lazy("Approved"),
    ENDED: gettext_lazy("Approval ended"),
    ModelStatus.SUSPENDED: gettext_lazy("Suspended"),
    ModelStatus.RETIRED: gettext_lazy("Retired"),
}


class Until(forms.Form):
    """The day until which a model is proposed to be approved."""

    until = forms.DateField(
        required=False,
        label=gettext_lazy("Until, and with this day"),
        help_text=gettext_lazy("Empty: without end."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


@require_safe
def every(request: HttpRequest) -> HttpResponse:
    """The models, newest first, narrowed by their state."""
    user = seeing(request)
    today = waived.today(now())
    state = request.GET.get("state", "")
    state = state if state in STATES else ""
    rows = _of_state(state, today).select_related("approved_by")
    context = {
        "page": page(request.GET, lambda *place: _part(rows, *place), lambda line: int(line["row"].pk)),
        "state": state,
        "states": STATES.items(),
        "may_change": user.has_perm(CHANGE),
    }
    for line in context["page"].rows:  # type: ignore[attr-defined]
        line["why"] = line["row"].why_not(today)
    return render(request, "orchestration/models.html", context)


def _of_state(state: str, today: date) -> QuerySet[Model]:
    found = Model.objects.all()
    if state in (ModelStatus.APPROVED, ENDED):
        ended = Q(approved_until__lt=today)
        found = found.filter(status=ModelStatus.APPROVED)
        return found.filter(ended) if state == ENDED else found.exclude(ended)
    return found.filter(status=state) if state else found


def _part(rows: QuerySet[Model], before: int | None, after: int | None, most: int) -> list[dict[str, Any]]:
    if after is not None:
        found = rows.filter(pk__gt=after).order_by("pk")
    else:
        found = (rows.filter(pk__lt=before) if before is not None else rows).order_by("-pk")
    return [{"row": row} for row in found[:most]]


@require_safe
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of one model."""
    user = seeing(request)
    return _shown(request, user, pk)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The form of a model that is not there yet; on POST it is proposed."""
    user = changing(request)
    if request.method != "POST":
        return _form(request, ModelForm())
    sent = ModelForm(request.POST)
    try:
        made = file_once(request, sent, lambda: catalog.add(sent.cleaned_data["name"], sent.wanted, by=user).pk)
    except NotFiled as error:
        return _form(request, sent, status=error.code)
    messages.success(request, _("The model is proposed. Steps may use it once somebody else has signed it."))
    return SeeOther(reverse("model", args=[made]))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of a model; on POST what was changed."""
    user = changing(request)
    row = get_object_or_404(Model, pk=pk)
    if request.method != "POST":
        return _form(request, ModelForm(row=row), row)
    sent = ModelForm(request.POST, row=row)
    try:
        seen = request.POST.get("seen", "")[:64]
        now_row = file(sent, lambda: catalog.change(pk, sent.wanted, by=user, seen=seen))
    except NotFiled as error:
        return _form(request, sent, get_object_or_404(Model, pk=pk), error.code)
    if now_row.status != row.status:
        messages.warning(
            request, _("What was changed must be signed again: the model is proposed, and used by nobody.")
        )
    else:
        messages.success(request, _("The model is changed."))
    return SeeOther(reverse("model", args=[pk]))


@require_POST
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose that steps may use it; a second person signs."""
    user = changing(request)
    get_object_or_404(Model, pk=pk)
    sent = Until(request.POST)
    if not sent.is_valid():
        return _shown(request, user, pk, UNPROCESSABLE, until=sent)
    try:
        proposal = catalog.approve_until(pk, sent.cleaned_data["until"], by=user)
    except AlreadyProposed as error:
        return _shown(request, user, pk, CONFLICT, refused=str(error))
    except CannotPropose as error:
        return _shown(request, user, pk, CONFLICT, refused=str(error))
    except CannotChange as error:
        sent.add_error("until", str(error))
        return _shown(request, user, pk, UNPROCESSABLE, until=sent)
    messages.success(request, _("It is proposed, and waits for somebody else's signature."))
    return SeeOther(reverse("proposal", args=[proposal.pk]))


@require_POST
def suspend(request: HttpRequest, pk: int) -> HttpResponse:
    """Let no further call of it begin."""
    done = _("The model is suspended. No further call of it begins, anywhere.")
    return _carry_out(request, pk, lambda row, user, why: catalog.suspend(row, actor=person(user), why=why), done)


@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Let steps use a suspended model again."""
    done = _("Steps may use the model again.")
    return _carry_out(request, pk, lambda row, user, _why: catalog.resume(row, actor=person(user)), done)


@require_POST
def retire(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a model away."""
    done = _("The model is retired.")
    return _carry_out(request, pk, lambda row, user, why: catalog.retire(row, actor=person(user), why=why), done)


@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for one real call."""
    done = _("A worker makes one call now. What it comes to stands below.")
    return _carry_out(request, pk, lambda row, user, _why: testing.ask(row, by=user), done)


def _carry_out(request: HttpRequest, pk: int, act: Callable[[Model, User, str], object], done: str) -> HttpResponse:
    user = changing(request)
    shown = partial(_shown, request, user, pk)
    return press(
        request, get_object_or_404(Model, pk=pk), user, act, shown, done=done, back=reverse("model", args=[pk])
    )


def _shown(request: HttpRequest, user: User, pk: int, status: int = 200, **more: Any) -> HttpResponse:
    people = ("owner", "approved_by", "edited_by")
    row = get_object_or_404(Model.objects.select_related(*people), pk=pk)
    why_not = row.why_not(waived.today(now()))
    events = Event.objects.filter(object_type="model", object_id=str(pk)).select_related("personal")
    context = {
        "row": row,
        "why_not": why_not,
        "why": WHY_NOT.get(why_not, ""),
        "facts": approving.facts_of(row, row.asked_until)[1:-1],
        "key_missing": credentials.missing([row.secret]).get(row.secret, ""),
        "proposal": approving.open_proposal(row),
        "tests": row.tests.select_related("asked_by").order_by("-pk")[:TESTS],
        "testing": row.tests.filter(ended_at=None).exists(),
        "untested": testing.why_not(row),
        "events": events.order_by("-pk")[:EVENTS],
        "may_change": user.has_perm(CHANGE),
        "until": Until(initial={"until": row.approved_until}),
        "longest": LONGEST,
        **more,
    }
    return render(request, "orchestration/model.html", context, status=status)


def _form(request: HttpRequest, form: ModelForm, row: Model | None = None, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "row": row,
        "seen": catalog.state_of(row) if row else "",
        "token": request.POST.get("token", "")[:64] or token(),
    }
    return render(request, "orchestration/model_form.html", context, status=status)
