"""The reports: what people decided, how fast, at what cost. They read the ledger and nothing else."""

import json
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from audit import sight
from audit.access import need
from audit.clock_time import now
from audit.models import User
from audit.pages import page
from audit.reports import charts, decided, directions, figures, seconds, sections, trust, verdicts
from audit.reports.decided import Row
from audit.reports.wanted import Wanted

PERIODS = {"today": _("Today"), "7": _("7 days"), "30": _("30 days"), "custom": _("Other dates")}


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Five figures and what lies behind them, each of which opens its decisions."""
    user, moment = need(request, "view_report"), now()
    asked = Wanted.read(request.GET, moment)
    wanted = Wanted(asked.period, workflow=asked.workflow)
    reach = sight.reach(user)
    found, names = figures.read(wanted, reach, moment), decided.workflow_names(reach.workflows)
    said, warns = trust.verdict(trust.points(found.scores))
    context = {
        **_filters(user, wanted, names),
        "now": moment,
        "figures": found,
        "five": _five(found, wanted),
        "decided": sections.decided(found, wanted),
        "times": sections.times(found, wanted),
        "scores": sections.scores(found, wanted),
        "verdict": said,
        "warns": warns,
        "by_workflow": sections.shared(found.workflows, names, wanted, "workflow"),
        "by_reviewer": _reviewers(user, found, wanted),
        "overridden": sections.overridden(found.total),
        "agreement": seconds.read(wanted, reach),
        "looks": sections.looks(found.total, wanted),
        "all": sections.opens(wanted.query()),
        "kinds": [kind for kind in verdicts.kinds() if getattr(found.total, kind.name)],
    }
    return render(request, "audit/reports.html", context)


def _five(found: figures.Figures, wanted: Wanted) -> list[dict[str, Any]]:
    """The figures with their address and their course, drawn."""
    return [
        {
            "figure": figure,
            "url": sections.opens(wanted.query(**figure.narrow)),
            "spark": charts.spark(figure.course, figure.direction.tone),
        }
        for figure in directions.five(found, len(found.period.bars()))
    ]


def _reviewers(user: User, found: figures.Figures, wanted: Wanted) -> list[sections.Shared]:
    """Figures of single people are for those who may read the record, where they stand anyway."""
    if not user.has_perm("audit.view_record") or not found.people:
        return []
    return sections.shared(found.people, decided.names(list(found.people)), wanted, "reviewer")


def _filters(user: User, wanted: Wanted, names: dict[int, str]) -> dict[str, Any]:
    """What the filters of both pages need."""
    return {
        "wanted": wanted,
        "periods": [(name, said, wanted.elsewhen(name)) for name, said in PERIODS.items()],
        "kept": [(name, "1" if value is True else value) for name, value in wanted.narrowed.items()],
        "workflows": [(pk, name, wanted.query(workflow=pk)) for pk, name in sorted(names.items())],
        "every_workflow": wanted.query(workflow=None),
        "may_export": user.has_perm("audit.export_record"),
        "may_list": user.has_perm("audit.view_record"),
    }


@require_safe
def decisions(request: HttpRequest) -> HttpResponse:
    """The decisions behind a figure, newest first."""
    user, moment = need(request, "view_report"), now()
    wanted = Wanted.read(request.GET, moment)
    if wanted.reviewer:
        need(request, "view_record")
    reach = sight.reach(user)
    found = page(
        request.GET,
        lambda before, after, limit: decided.page(wanted, reach, before=before, after=after, limit=limit),
        lambda row: int(row["id"]),
    )
    context = {
        **_filters(user, wanted, decided.workflow_names(reach.workflows)),
        "now": moment,
        "page": replace(found, rows=[_with_names(row) for row in found.rows]),
        "count": decided.count(wanted, reach),
        "more": sections.narrowing(wanted, decided.names([wanted.reviewer]) if wanted.reviewer else {}),
        "back": reverse("reports") + "?" + Wanted(wanted.period, workflow=wanted.workflow).query(),
    }
    return render(request, "audit/decisions.html", context)


def _with_names(row: Row) -> Row:
    """A row with what stands in its erasable part."""
    about = json.loads(row["private"] or "{}")
    return {**row, **{name: about.get(name, "") for name in ("actor", "title", "reason")}}
