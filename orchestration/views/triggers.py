"""Triggers: the page of one, the forms that make and change it, and the verbs that hold it back."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit.actors import person
from audit.clock_time import now
from audit.models import User
from audit.moves import IllegalMove, LostRace
from audit.pages import page
from orchestration.explain import triggers as explain
from orchestration.models import Trigger, TriggerFire, Workflow
from orchestration.once import once, token
from orchestration.triggers import keeping, kinds, schedules, trying, webhooks
from orchestration.triggers.keeping import BadTrigger
from orchestration.triggers.kinds import SCHEDULE, WEBHOOK
from orchestration.views.control import CONFLICT, LONGEST, UNPROCESSABLE, SeeOther
from orchestration.views.trigger_form import TriggerForm


@require_safe
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of one trigger."""
    user = cast(User, request.user)
    trigger, manages = _seen(user, pk)
    return _page(request, user, trigger, manages=manages)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, slug: str) -> HttpResponse:
    """The kinds on GET, the form of one with `kind`, a trigger on POST."""
    user = cast(User, request.user)
    seen = Workflow.objects.allowed(user, "view").select_related("current")
    workflow = get_object_or_404(seen, slug=slug)
    _must_manage(user, workflow)
    kind = (request.POST if request.method == "POST" else request.GET).get("kind", "")
    if kind not in kinds.known():
        context = {"workflow": workflow, "kinds": kinds.known().values()}
        return render(request, "orchestration/trigger_kinds.html", context, status=_unless_get(request))
    if request.method != "POST":
        return _form(request, TriggerForm(workflow, kind, user))
    return _make(request, workflow, TriggerForm(workflow, kind, user, request.POST), user)


def _unless_get(request: HttpRequest) -> int:
    return UNPROCESSABLE if request.method == "POST" else 200


def _make(request: HttpRequest, workflow: Workflow, sent: TriggerForm, user: User) -> HttpResponse:
    """Make it and show its secret, if it has one, this once; or the form again with what is wrong."""
    if not sent.is_valid():
        return _form(request, sent, UNPROCESSABLE)
    secret = ""

    def make() -> int:
        nonlocal secret
        trigger, secret = keeping.make(workflow, sent.kind, sent.wanted, by=user)
        return trigger.pk

    try:
        made = once(request.session, request.POST.get("token", "")[:64], make)
    except BadTrigger as error:
        sent.tell(error.problems)
        return _form(request, sent, UNPROCESSABLE)
    if secret:
        return _shown_once(request, Trigger.objects.select_related("workflow").get(pk=made), secret)
    messages.success(request, _("The trigger is on. What comes from now on starts runs."))
    return SeeOther(reverse("trigger", args=[made]))


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of a trigger; on POST what was changed, or only tried."""
    user = cast(User, request.user)
    trigger = _managed(user, pk)
    if trigger.kind not in kinds.known():
        told = _("A trigger of this kind is not changed on a page. It can be paused.")
        return _page(request, user, trigger, manages=True, status=CONFLICT, refused=told)
    if request.method != "POST":
        return _form(request, TriggerForm(trigger.workflow, trigger.kind, user, trigger=trigger))
    sent = TriggerForm(trigger.workflow, trigger.kind, user, request.POST, trigger=trigger)
    if "try" in request.POST:
        sent.is_valid()
        return _form(request, sent, trial=_trial(trigger, sent.mapping, request.POST.get("on", ""), user))
    return _change(request, trigger, sent, user)


def _change(request: HttpRequest, trigger: Trigger, sent: TriggerForm, user: User) -> HttpResponse:
    if not sent.is_valid():
        return _form(request, sent, UNPROCESSABLE)
    try:
        keeping.change(trigger, sent.wanted, by=user, take_over=sent.cleaned_data.get("take_over", False))
    except BadTrigger as error:
        sent.tell(error.problems)
        return _form(request, sent, UNPROCESSABLE)
    messages.success(request, _("The trigger is changed. What comes from now on follows it."))
    return SeeOther(reverse("trigger", args=[trigger.pk]))


@require_POST
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a trigger start nothing."""
    user = cast(User, request.user)
    trigger = _managed(user, pk)
    try:
        keeping.pause(trigger, actor=person(user), why=request.POST.get("why", "").strip()[:LONGEST])
    except (IllegalMove, LostRace):
        return _again(request, user, pk, _("The trigger is paused already."))
    messages.success(request, _("The trigger is paused. It starts nothing until somebody lets it go on."))
    return SeeOther(reverse("trigger", args=[pk]))


@require_POST
def go_on(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a paused trigger start runs again."""
    user = cast(User, request.user)
    trigger = _managed(user, pk)
    try:
        keeping.go_on(trigger, actor=person(user))
    except (IllegalMove, LostRace):
        return _again(request, user, pk, _("The trigger is not paused."))
    messages.success(request, _("The trigger is on. What came while it was paused is not made up."))
    return SeeOther(reverse("trigger", args=[pk]))


@never_cache
@require_POST
def secret(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a webhook a new secret, and show it this once."""
    user = cast(User, request.user)
    trigger = _managed(user, pk)
    if trigger.kind != WEBHOOK:
        return _again(request, user, pk, _("Only a webhook has a secret."))
    at_once = request.POST.get("old") == "stop"
    made = keeping.new_secret(trigger, by=user, at_once=at_once)
    return _shown_once(request, Trigger.objects.select_related("workflow").get(pk=pk), made)


def _seen(user: User, pk: int) -> tuple[Trigger, bool]:
    """A trigger of a workflow that one may see, and whether one may change it."""
    seen = Trigger.objects.filter(workflow__in=Workflow.objects.ids_allowed(user, "view"))
    trigger = get_object_or_404(seen.select_related("workflow__current", "owner", "source"), pk=pk)
    return trigger, user.has_perm("manage_workflow", trigger.workflow)


def _managed(user: User, pk: int) -> Trigger:
    trigger, manages = _seen(user, pk)
    if not manages:
        raise PermissionDenied
    return trigger


def _must_manage(user: User, workflow: Workflow) -> None:
    if not user.has_perm("manage_workflow", workflow):
        raise PermissionDenied


def _again(request: HttpRequest, user: User, pk: int, told: str) -> HttpResponse:
    trigger, manages = _seen(user, pk)
    return _page(request, user, trigger, manages=manages, status=CONFLICT, refused=told)


def _page(
    request: HttpRequest, user: User, trigger: Trigger, *, manages: bool, status: int = 200, refused: str = ""
) -> HttpResponse:
    fires = TriggerFire.objects.filter(trigger=trigger).select_related("run")
    fires = fires.defer("run__input", "run__result") if manages else fires.defer("run__input", "run__result", "sample")
    shown = page(request.GET, lambda before, after, most: _part(fires, before, after, most), lambda fire: fire.pk)
    context = {
        "trigger": trigger,
        "workflow": trigger.workflow,
        "kind": kinds.known().get(trigger.kind),
        "drawn": kinds.drawn(trigger.kind),
        "sentences": explain.sentences(trigger),
        "manages": manages,
        "fires": shown,
        "coming": _coming(trigger),
        "mapping": trigger.config.get("mapping", {}),
        "refused": refused,
        "trial": _asked(request, user, trigger) if manages else None,
        "old_secret": trigger.old_secret and trigger.old_secret_until and trigger.old_secret_until > now(),
        "address": _address(request, trigger),
        "longest": LONGEST,
    }
    return render(request, "orchestration/trigger.html", context, status=status)


def _part(fires: Any, before: int | None, after: int | None, most: int) -> list[TriggerFire]:
    if after is not None:
        return list(fires.filter(pk__gt=after).order_by("pk")[:most])
    return list((fires.filter(pk__lt=before) if before is not None else fires).order_by("-pk")[:most])


def _coming(trigger: Trigger) -> list[Any]:
    if trigger.kind != SCHEDULE or not trigger.is_on:
        return []
    return schedules.upcoming(trigger.config["cron"], trigger.config["zone"], now())


def _address(request: HttpRequest, trigger: Trigger) -> str:
    return request.build_absolute_uri(reverse("hook", args=[trigger.public_id])) if trigger.public_id else ""


def _asked(request: HttpRequest, user: User, trigger: Trigger) -> trying.Trial | None:
    """What the mapping as it stands makes of the delivery that the address names."""
    return _trial(trigger, trigger.config.get("mapping", {}), request.GET.get("try", ""), user)


def _trial(trigger: Trigger, mapping: dict[str, str], on: str, user: User) -> trying.Trial | None:
    known = on.isascii() and on.isdecimal() and len(on) < 19
    fire = TriggerFire.objects.filter(trigger=trigger, pk=int(on)).first() if known else None
    if not (on == "next" or (fire is not None and fire.sample is not None)):
        return None
    scope = trying.scope(trigger, fire, user)
    return trying.attempt(trigger, mapping, scope) if scope is not None else None


def _form(
    request: HttpRequest, form: TriggerForm, status: int = 200, *, trial: trying.Trial | None = None
) -> HttpResponse:
    context = {
        "form": form,
        "workflow": form.workflow,
        "trigger": form.trigger,
        "kind": kinds.known()[form.kind],
        "token": request.POST.get("token", "")[:64] or token(),
        "samples": trying.samples(form.trigger) if form.trigger else [],
        "on": request.POST.get("on", ""),
        "tried": "try" in request.POST,
        "trial": trial,
        "coming": _previewed(form),
    }
    return render(request, "orchestration/trigger_form.html", context, status=status)


def _previewed(form: TriggerForm) -> list[Any]:
    """The next five of the schedule that stands in the form."""
    if form.kind != SCHEDULE:
        return []
    cron, zone = str(form["cron"].value() or ""), str(form["zone"].value() or "")
    try:
        schedules.check(cron, zone)
    except schedules.BadCron:
        return []
    return schedules.upcoming(cron, zone, now())


def _shown_once(request: HttpRequest, trigger: Trigger, secret: str) -> HttpResponse:
    context = {
        "trigger": trigger,
        "workflow": trigger.workflow,
        "secret": secret,
        "address": _address(request, trigger),
        "until": trigger.old_secret_until,
        "timestamp": webhooks.TIMESTAMP,
        "signature": webhooks.SIGNATURE,
    }
    return render(request, "orchestration/trigger_secret.html", context)
