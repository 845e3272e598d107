"""Webhooks that go out: the list, one with what was sent, its form, and the verbs of those who may change it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit.models import User
from audit.moves import IllegalMove, LostRace
from audit.proposals import CannotPropose
from orchestration.catalog import CannotChange, signing
from orchestration.catalog.changing import CHANGE
from orchestration.states import ConnectionStatus
from orchestration.views.control import CONFLICT, SeeOther
from orchestration.views.entering import changing, seeing
from orchestration.views.filing import NotFiled, file
from reviews.reaching import Hook, HookAttempt, HookDelivery, Message
from reviews.views.webhook_form import WebhookForm
from reviews.webhooks import keeping

MOST = 200
MOST_DELIVERIES = 30
LONGEST_ID = 18


@require_safe
def every(request: HttpRequest) -> HttpResponse:
    """The webhooks, by their names, and the messages to people that were given up."""
    user = seeing(request)
    rows = Hook.objects.select_related("owner").order_by("name")[:MOST]
    failed = Message.objects.filter(given_up_at__isnull=False).exclude(error="").select_related("user")
    before = _number(request.GET.get("before", ""))
    shown = list((failed.filter(pk__lt=before) if before else failed).order_by("-pk")[: MOST_DELIVERIES + 1])
    context = {
        "rows": rows,
        "failed": shown[:MOST_DELIVERIES],
        "older": shown[MOST_DELIVERIES - 1].pk if len(shown) > MOST_DELIVERIES else 0,
        "may_change": user.has_perm(CHANGE),
    }
    return render(request, "reviews/webhooks.html", context)


@require_safe
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One webhook, and what it was told lately."""
    return _shown(request, seeing(request), pk)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The form of a webhook that is not there yet; on POST it is written down, and its secret is shown once."""
    user = changing(request)
    if request.method != "POST":
        return _form(request, WebhookForm())
    sent = WebhookForm(request.POST)
    try:
        made, secret = file(sent, lambda: keeping.add(sent.cleaned_data["name"], sent.wanted, by=user))
    except NotFiled as error:
        return _form(request, sent, status=error.code)
    return _shown(request, user, made.pk, secret=secret)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of a webhook; on POST what was changed."""
    user = changing(request)
    row = get_object_or_404(Hook, pk=pk)
    if request.method != "POST":
        return _form(request, WebhookForm(row=row), row)
    sent = WebhookForm(request.POST, row=row)
    try:
        file(sent, lambda: keeping.change(pk, sent.wanted, by=user, seen=request.POST.get("seen", "")[:64]))
    except NotFiled as error:
        return _form(request, sent, get_object_or_404(Hook, pk=pk), error.code)
    messages.success(request, _("The webhook is changed."))
    return SeeOther(reverse("webhook", args=[pk]))


@require_POST
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose it; a second person signs."""
    user = changing(request)
    get_object_or_404(Hook, pk=pk)
    try:
        proposal = keeping.propose(pk, by=user)
    except (CannotChange, CannotPropose, IllegalMove, LostRace) as error:
        return _shown(request, user, pk, CONFLICT, refused=str(error))
    messages.success(request, _("It is proposed, and waits for somebody else's signature."))
    return SeeOther(reverse("proposal", args=[proposal.pk]))


@require_POST
def off(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell it nothing more."""
    done = _("The webhook is off. It is told nothing more.")
    return _press(request, pk, lambda by: keeping.switch(pk, ConnectionStatus.OFF, by=by), done)


@require_POST
def on(request: HttpRequest, pk: int) -> HttpResponse:
    """Let it be told again. What waited in the meantime is sent too."""
    done = _("The webhook is told again, and what waited for it is sent.")
    return _press(request, pk, lambda by: keeping.switch(pk, ConnectionStatus.APPROVED, by=by), done)


@require_POST
def retire(request: HttpRequest, pk: int) -> HttpResponse:
    """Put it away."""
    done = _("The webhook is retired.")
    return _press(request, pk, lambda by: keeping.switch(pk, ConnectionStatus.RETIRED, by=by), done)


@never_cache
@require_POST
def secret(request: HttpRequest, pk: int) -> HttpResponse:
    """Another secret, shown this once."""
    user = changing(request)
    get_object_or_404(Hook, pk=pk)
    made = keeping.renew(pk, by=user, at_once=request.POST.get("at_once") == "on")
    return _shown(request, user, pk, secret=made)


@require_POST
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """Send one thing once more."""
    changing(request)
    found = get_object_or_404(HookDelivery, pk=pk)
    done = _("It is sent once more, under the same key.")
    return _press(request, found.hook_id, lambda by: keeping.again(pk, by=by), done)


def _press(request: HttpRequest, pk: int, act: Callable[[User], object], done: str) -> HttpResponse:
    user = changing(request)
    row = get_object_or_404(Hook, pk=pk)
    try:
        act(user)
    except CannotChange as error:
        return _shown(request, user, pk, CONFLICT, refused=str(error))
    except (IllegalMove, LostRace):
        row.refresh_from_db(fields=["status"])
        told = {"name": row.name, "status": row.get_status_display()}
        late = _("%(name)s is %(status)s now, so this cannot be done. Nothing was changed by you.") % told
        return _shown(request, user, pk, CONFLICT, refused=late)
    messages.success(request, done)
    return SeeOther(reverse("webhook", args=[pk]))


def _shown(request: HttpRequest, user: User, pk: int, status: int = 200, **more: Any) -> HttpResponse:
    row = get_object_or_404(Hook.objects.select_related("owner", "approved_by", "edited_by"), pk=pk)
    before = _number(request.GET.get("before", ""))
    found = row.deliveries.filter(pk__lt=before) if before else row.deliveries.all()
    tries = Prefetch("attempts", HookAttempt.objects.order_by("pk"))
    newest = list(found.prefetch_related(tries).order_by("-pk")[: MOST_DELIVERIES + 1])
    context = {
        "row": row,
        "facts": keeping.facts_of(row)[1:],
        "proposal": signing.open_proposal(keeping.ACT, row),
        "deliveries": newest[:MOST_DELIVERIES],
        "older": newest[MOST_DELIVERIES - 1].pk if len(newest) > MOST_DELIVERIES else 0,
        "may_change": user.has_perm(CHANGE),
        **more,
    }
    return render(request, "reviews/webhook.html", context, status=status)


def _form(request: HttpRequest, form: WebhookForm, row: Hook | None = None, status: int = 200) -> HttpResponse:
    context = {"form": form, "row": row, "seen": keeping.state_of(row) if row else ""}
    return render(request, "reviews/webhook_form.html", context, status=status)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST_ID else 0
