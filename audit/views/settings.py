"""The workspace's settings."""

import functools
import tomllib

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from audit import choices, standing
from audit.access import need
from audit.actors import person


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """What can be chosen, and what the host has fixed."""
    need(request, "change_choices")
    found = standing.look()
    return render(request, "audit/settings.html", {"chosen": choices.chosen(), "facts": _facts(), "standing": found})


@require_POST
def change(request: HttpRequest, key: str) -> HttpResponse:
    """Choose one of the values of a declared choice."""
    user = need(request, "change_choices")
    choice, value = choices.declared().get(key), request.POST.get("value", "")
    if choice is None or value not in choice.values:
        raise Http404
    choices.write(key, choice.values[value], actor=person(user))
    if choice.kind == choices.ONE_OF:
        said = _("%(label)s: %(value)s.")
    else:
        said = _("%(label)s: on.") if choice.values[value] else _("%(label)s: off.")
    messages.success(request, said % {"label": choice.label, "value": choice.said(value)})
    return redirect("settings")


def _facts() -> list[tuple[str, str]]:
    mail = _("Through %(host)s") % {"host": settings.SMTP_HOST} if settings.SMTP_HOST else _("Into files in %(folder)s")
    return [
        (_("Workspace"), settings.HANDRAIL_WORKSPACE),
        (_("Mail goes"), mail % {"folder": settings.OUTBOX} if "%(folder)s" in mail else mail),
        (_("Workers"), str(settings.HANDRAIL_WORKERS)),
        (_("Time zone of the server"), settings.TIME_ZONE),
        (_("Version"), _version()),
    ]


@functools.cache
def _version() -> str:
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text("utf-8"))["project"]
    return str(project["version"])
