"""The page of the engine: the stop button, what runs now, limits, and who is at work."""

from typing import cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from audit import standing
from audit.clock_time import now
from audit.models import User
from orchestration import waived, waivers
from orchestration.explain.at_work import at_work
from orchestration.sights import may_see_engine
from orchestration.views.control import LIMIT, LONGEST, MOST, STOP


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """What runs now. For those who may stop everything, or who manage a workflow."""
    user = cast(User, request.user)
    if not may_see_engine(user):
        raise Http404
    moment = now()
    context = {
        "work": at_work(user),
        "standing": standing.look(),
        "now": moment,
        "ending": waivers.ending(user, moment),
        "today": waived.today(moment),
        "may_stop": user.has_perm(STOP),
        "may_limit": user.has_perm(LIMIT),
        "longest": LONGEST,
        "most": MOST,
    }
    return render(request, "orchestration/engine.html", context)
