"""Why a model was asked: one decision with its filters, scores and calls, and what other weights would have made."""

from decimal import Decimal
from typing import Any, NamedTuple, cast

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from audit import sight
from audit.canonical import digest
from audit.clock_time import now
from audit.models import Event, User
from orchestration.explain.reading import may_see_routing
from orchestration.explain.routed import Routed, routed
from orchestration.explain.scored import Score, wanted, weighed
from orchestration.models import RoutingDecision, RuleSet, StepRun, Workflow
from orchestration.policies.activating import may_look
from orchestration.routing.policy import PARTS, Weights
from orchestration.states import DataClass

TRIES = 20  # other tries of the step that are named
LETTERS = ("q", "c", "s3")  # how quality, cost and speed are drawn


class Slider(NamedTuple):
    """One weight of the form: its name, how it is drawn, what the step says and what stands in the form, of 100."""

    name: str
    drawn: str
    was: int
    value: int


class Other(NamedTuple):
    """What other weights would have made: the scores, who would have been asked, and what that changes."""

    scores: list[Score]
    name: str
    same: bool
    cheaper: Decimal | None
    dearer: Decimal | None
    met: float | None
    met_here: float | None


@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One decision, for those who may read its step, and for managers."""
    user = cast(User, request.user)
    allowed = Workflow.objects.ids_allowed(user, "view")
    seen = RoutingDecision.objects.filter(sight.unveiled(user, "step_run__run"), step_run__workflow__in=allowed)
    related = ("step_run__run__version", "step_run__step", "step_run__workflow")
    large = [f"step_run__{name}" for name in ("question", "answer", "output", "run__input", "run__result")]
    large += ["step_run__run__version__document", "step_run__run__version__source"]
    decision = get_object_or_404(seen.select_related(*related).defer(*large), pk=pk)
    held = decision.step_run
    if not may_see_routing(user, held.step, held.workflow_id):
        raise Http404
    if request.GET.get("format") == "json":
        return _record(decision)
    told = routed(decision)
    weights = wanted(request.GET)
    context = {
        "now": now(),
        "told": told,
        "decision": decision,
        "held": held,
        "step": held.step,
        "run": held.run,
        "back": step_address(held),
        "event": _event(decision),
        "data": DataClass(decision.asked["data"]).label,
        "limits": held.step.spec.get("limits") or {},
        "intact": digest(decision.told()) == decision.hash,
        "sliders": sliders(told.weights, weights),
        "other": _other(told, weights) if weights else None,
        "rules": _rules(decision, user),
        "tries": held.routings.exclude(pk=pk).order_by("-fence").values_list("pk", "fence")[:TRIES],
    }
    return render(request, "orchestration/routing.html", context)


def _record(decision: RoutingDecision) -> HttpResponse:
    """The whole record as a file: what its hash is over, and the hash."""
    told = {"id": decision.pk, "at": decision.at.isoformat(), **decision.told(), "hash": decision.hash}
    answer = JsonResponse(told, json_dumps_params={"indent": 2, "ensure_ascii": False})
    answer["Content-Disposition"] = f'attachment; filename="routing-{decision.pk}.json"'
    return answer


def step_address(held: StepRun) -> str:
    """The step on the page of its run."""
    item = {"item": held.frame} if held.frame else {}
    return reverse("run", args=[held.run_id], query={"step": held.step.key, **item})


def sliders(was: Weights, other: Weights | None = None) -> list[Slider]:
    """The fields of a form of weights."""
    stand = other or was
    return [
        Slider(part, drawn, round(100 * getattr(was, part)), round(100 * getattr(stand, part)))
        for part, drawn in zip(PARTS, LETTERS, strict=True)
    ]


def _other(told: Routed, weights: Weights) -> Other | None:
    if told.replay is None or not told.scores:
        return None
    scores = weighed(told.decision, told.replay, weights)
    first, was = scores[0], next(one for one in told.scores if one.chosen)
    off = first.cost - was.cost if first.cost is not None and was.cost is not None else None
    figures = told.replay.seen.figures
    met = [figures[name].share if name in figures else None for name in (first.name, was.name)]
    cheaper, dearer = (-off, None) if off is not None and off < 0 else (None, off or None)
    return Other(scores, first.name, first.name == was.name, cheaper, dearer, *met)


def _event(decision: RoutingDecision) -> Event | None:
    """The entry of the ledger that names this decision."""
    of_step = Event.objects.filter(object_type="steprun", object_id=str(decision.step_run_id))
    return of_step.filter(body__contains=f'"routing":"{decision.hash}"').select_related("leaf").first()


def _rules(decision: RoutingDecision, user: User) -> dict[str, Any]:
    """The rule set by which it was decided; its page and people for those who may look at rules."""
    number = decision.rules.get("number")
    if not number:
        return {}
    people = ("proposed_by", "signed_by")
    found = RuleSet.objects.filter(number=number).select_related(*people).defer("rules", "checks").first()
    return {**decision.rules, "set": found if may_look(user) else None}
