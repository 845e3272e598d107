"""How models do: for each step and model its runs, metrics, time, tokens and cost, as routing goes by them."""

from decimal import Decimal
from typing import NamedTuple, cast

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from audit.models import User
from audit.pages import page
from orchestration.models import ModelFigure, Workflow
from orchestration.routing.asked import ENOUGH


@require_safe
def every(request: HttpRequest) -> HttpResponse:
    """The figures of the workflows that the person may see, narrowed to one of them."""
    user = cast(User, request.user)
    seen = Workflow.objects.allowed(user, "view")
    slug = request.GET.get("workflow", "")[:80]
    rows = ModelFigure.objects.filter(workflow__in=seen.filter(slug=slug) if slug else seen)
    rows = rows.select_related("workflow").defer("recent")
    found = page(request.GET, lambda *place: _part(rows, *place), lambda row: row.pk)
    ordered = sorted(found.rows, key=lambda row: (row.workflow.name, row.workflow_id, row.step, row.model))
    context = {
        "page": found,
        "lines": [_line(row) for row in ordered],
        "workflows": seen.filter(pk__in=ModelFigure.objects.values("workflow")).only("slug", "name"),
        "slug": slug,
        "enough": ENOUGH,
    }
    return render(request, "orchestration/model_figures.html", context)


class Line(NamedTuple):
    """The figures of a step on a model: the share that met its metrics, and what one that met them did cost."""

    row: ModelFigure
    share: float | None
    each: Decimal | None


def _line(row: ModelFigure) -> Line:
    share = row.met / row.measured if row.measured else None
    each = row.cost * row.measured / row.met if row.met and row.cost is not None else None
    return Line(row, share, each)


def _part(rows: QuerySet[ModelFigure], before: int | None, after: int | None, most: int) -> list[ModelFigure]:
    if after is not None:
        return list(rows.filter(pk__gt=after).order_by("pk")[:most])
    return list((rows.filter(pk__lt=before) if before is not None else rows).order_by("-pk")[:most])
