"""Trying: which model a step would ask with an input, and what other weights would have made of its last decisions."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from audit.models import User
from orchestration.explain.reading import routed_by
from orchestration.explain.routed import wanted
from orchestration.explain.trying import try_out
from orchestration.inputs import checked
from orchestration.models import RoutingDecision, Step
from orchestration.routing import replaying
from orchestration.routing.policy import Policy, Weights
from orchestration.starts import BadInput
from orchestration.states import DataClass
from orchestration.views.control import UNPROCESSABLE
from orchestration.views.routing import sliders

MOST_STEPS = 500  # that can be chosen from
LAST, MOST_LAST = 200, 500  # decisions that are weighed otherwise: usually, and at the most
LONGEST = 200_000  # characters of an input


class Count(NamedTuple):
    """How often a model came first, as it was and with other weights."""

    name: str
    was: int
    would: int


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def form(request: HttpRequest) -> HttpResponse:
    """The steps, an input to be tried, and the last decisions of the chosen step. POST changes nothing either."""
    sent = request.POST if request.method == "POST" else request.GET
    steps = list(routed_by(cast(User, request.user)).defer("version__document", "version__source")[:MOST_STEPS])
    step = _chosen(steps, sent.get("step", ""))
    if step is None:
        return _shown(request, steps, None)
    text = request.POST.get("input", "")[: LONGEST + 1]
    if request.method != "POST":
        return _shown(request, steps, step, text=_example(step), **_last(step, request.GET))
    try:
        tried = try_out(step, checked(step, _read(text)))
    except BadInput as error:
        return _shown(request, steps, step, UNPROCESSABLE, text=text, problems=error.problems, **_last(step, {}))
    data = DataClass(tried.decision.asked["data"]).label
    return _shown(request, steps, step, text=text, told=tried, data=data, **_last(step, {}))


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


def _last(step: Step, given: Mapping[str, str]) -> dict[str, Any]:
    """The last decisions of the step, whatever its version, with the weights that the address gives."""
    number = given.get("last", "")
    most = min(max(int(number), 1), MOST_LAST) if number.isascii() and number.isdecimal() and len(number) < 9 else LAST
    weights, own = wanted(given), Policy.of(step.spec).weights
    return {
        "last": most,
        "most_last": MOST_LAST,
        "sliders": sliders(own, weights),
        "others": _others(step, most, weights) if weights else None,
    }


def _others(step: Step, most: int, weights: Weights) -> dict[str, Any]:
    same = Step.objects.filter(version__workflow=step.version.workflow_id, key=step.key)
    found = RoutingDecision.objects.filter(step_run__step__in=same).order_by("-id").defer("calls", "fell", "why")
    whole = replaying.others(found[:most], weights)
    names = sorted(whole.was.keys() | whole.would.keys(), key=lambda name: (-whole.was[name], name))
    return {"all": whole, "counts": [Count(name, whole.was[name], whole.would[name]) for name in names]}


def _shown(request: HttpRequest, steps: list[Step], step: Step | None, status: int = 200, **more: Any) -> HttpResponse:
    context = {"steps": steps, "step": step, **more}
    return render(request, "orchestration/routing_try.html", context, status=status)
