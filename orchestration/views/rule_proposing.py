"""Putting the draft of the rules to a second person, with what it would have changed."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from audit import proposals
from orchestration.models import RuleSet
from orchestration.policies import activating, drafts, replay
from orchestration.policies.drafts import CannotEdit
from orchestration.views.control import CONFLICT, UNPROCESSABLE, SeeOther
from orchestration.views.rule_drafts import changing, gone
from orchestration.views.rules import proposed, said

SHOWN = 50  # changed checks that are shown


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: HttpRequest) -> HttpResponse:
    """What putting the draft in force would change, and putting it to a second person."""
    user = changing(request)
    draft = drafts.current()
    if draft is None:
        return gone(request, None)
    if request.method != "POST":
        return _proposing(request, draft)
    why = request.POST.get("why", "").replace("\r\n", "\n")[: drafts.LONGEST_WHY]
    try:
        made = activating.propose(shown_hash=request.POST.get("shown_hash", "")[:64], why=why, by=user)
    except proposals.NotAllowed as error:
        raise PermissionDenied from error
    except (proposals.CannotPropose, CannotEdit) as error:
        status = UNPROCESSABLE if not why.strip() else CONFLICT
        return _proposing(request, drafts.current() or draft, status, refused=str(error), why=why)
    messages.success(request, _("The rules are proposed. They hold once another admin has signed them."))
    return SeeOther(reverse("proposal", args=[made.pk]))


def _proposing(request: HttpRequest, draft: RuleSet, status: int = 200, **more: Any) -> HttpResponse:
    ready = activating.readiness(draft)
    replayed = replay.of_last(draft.rules)
    context = {
        "draft": draft,
        "shown_hash": draft.content_hash,
        "ready": ready,
        "doubts": ready.doubts[:SHOWN],
        "replayed": replayed,
        "changes": [(one, said(one.was), said(one.verdict.effect)) for one in replayed.changes[:SHOWN]],
        "proposed": proposed(),
        "why": draft.why,
        "longest": drafts.LONGEST_WHY,
        **more,
    }
    return render(request, "orchestration/rules_propose.html", context, status=status)
