"""Trying: which model a step would ask with an input, and what other weights would have made of its last decisions."""

import json
from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from audit.models import User
from orchestration.explain.reading import routed_by
from orchestration.explain.trying import try_out
from orchestration.inputs import checked
from orchestration.models import Step
from orchestration.starts import BadInput
from orchestration.states import DataClass
from orchestration.views.control import UNPROCESSABLE
from orchestration.views.routing_others import of_last

MOST_STEPS = 500  # that can be chosen from
LONGEST = 200_000  # characters of an input


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def form(request: HttpRequest) -> HttpResponse:
    """The steps, an input to be tried, and the last decisions of the chosen step. POST changes nothing either."""
    sent = request.POST if request.method == "POST" else request.GET
    user = cast(User, request.user)
    steps = list(routed_by(user).defer("version__document", "version__source")[:MOST_STEPS])
    step = _chosen(steps, sent.get("step", ""))
    if step is None:
        return _shown(request, steps, None)
    text = request.POST.get("input", "")[: LONGEST + 1]
    if request.method != "POST":
        return _shown(request, steps, step, text=_example(step), **of_last(step, request.GET, user))
    last = of_last(step, {}, user)
    try:
        tried = try_out(step, checked(step, _read(text)), by=user)
    except BadInput as error:
        return _shown(request, steps, step, UNPROCESSABLE, text=text, problems=error.problems, **last)
    data = DataClass(tried.decision.asked["data"]).label
    return _shown(request, steps, step, text=text, told=tried, data=data, **last)


def _chosen(steps: list[Step], wanted_step: str) -> Step | None:
    """The step that an address names, else the first; 404 for one that this person may not see."""
    if not wanted_step:
        return steps[0] if steps else None
    if (found := next((step for step in steps if str(step.pk) == wanted_step), None)) is None:
        raise Http404
    return found


def _read(text: str) -> Any:
    if len(text) > LONGEST:
        raise BadInput([("", _("It is too long to be tried here: %d characters at the most.") % LONGEST)])
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInput([("", _("This is not JSON: %s") % error)]) from error


def _example(step: Step) -> str:
    """The fields that the step reads, to be filled."""
    return json.dumps(dict.fromkeys(step.spec.get("input", {}), ""), indent=2, ensure_ascii=False)


def _shown(request: HttpRequest, steps: list[Step], step: Step | None, status: int = 200, **more: Any) -> HttpResponse:
    context = {"steps": steps, "step": step, **more}
    return render(request, "orchestration/routing_try.html", context, status=status)
