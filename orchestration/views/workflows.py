"""Workflows: the list, and the page of one."""

from typing import Any, cast

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audit.models import User
from orchestration import beginnings, readiness
from orchestration.explain import graph, lacks, measured, path, source
from orchestration.models import Run, Step, StepGroup, StepRun, Version, Workflow
from orchestration.models.definitions import StepRole, WorkflowQuerySet
from orchestration.states import RUN_LIVE, VersionStatus

VERSIONS = 10
MAY = {"see": 0, "run": 1, "decide": 2}  # in the order shown


@require_safe
def every(request: HttpRequest) -> HttpResponse:
    """The list of workflows that this person may see."""
    user = cast(User, request.user)
    workflows = _counted(Workflow.objects.allowed(user, "view")).select_related("owner", "current")
    startable = set(Workflow.objects.allowed(user, "start").values_list("pk", flat=True))
    shown = workflows.defer("current__document", "current__source")
    context = {"workflows": shown, "startable": startable, "may_make": beginnings.may_make(user)}
    return render(request, "orchestration/workflows.html", context)


@require_safe
def one(request: HttpRequest, slug: str) -> HttpResponse:
    """The page of one workflow and its current version; 404 for one that this person may not see."""
    user = cast(User, request.user)
    seen = Workflow.objects.allowed(user, "view").select_related("owner", "current__published_by")
    workflow = get_object_or_404(seen, slug=slug)
    may_manage = workflow.pk in Workflow.objects.ids_allowed(user, "manage")
    draft = workflow.versions.filter(status=VersionStatus.DRAFT).exists() if may_manage else False
    if workflow.current is None:
        empty = {"workflow": workflow, "draft": draft, "may_manage": may_manage}
        return render(request, "orchestration/workflow_empty.html", empty)
    context = _page(workflow, workflow.current, request.GET.get("step", ""))
    context["whole"] = request.GET.get("view") == "yaml"
    context["lines"] = _lines(workflow.current, context["step"], whole=context["whole"])
    context["may_start"] = user.has_perm("start_workflow", workflow)
    context |= {"may_manage": may_manage, "draft": draft}
    return render(request, "orchestration/workflow.html", context)


def _counted(workflows: WorkflowQuerySet) -> WorkflowQuerySet:
    """With how many runs are live, how many wait, and how many steps the current version has."""
    runs = Run.objects.filter(workflow=OuterRef("pk"), status__in=[*RUN_LIVE]).order_by().values("workflow")
    waits = StepRun.objects.waiting_for_people().filter(run__workflow=OuterRef("pk")).order_by().values("run__workflow")
    steps = Step.objects.filter(version=OuterRef("current")).exclude(role=StepRole.CALL).order_by().values("version")
    return workflows.annotate(
        live=Coalesce(Subquery(runs.annotate(count=Count("pk")).values("count")), 0),
        waits=Coalesce(Subquery(waits.annotate(count=Count("pk")).values("count")), 0),
        step_count=Coalesce(Subquery(steps.annotate(count=Count("pk")).values("count")), 0),
    )


def _page(workflow: Workflow, version: Version, wanted: str) -> dict[str, Any]:
    steps = list(version.steps.exclude(role=StepRole.CALL).select_related("owner", "owner_group"))
    chosen = next((step for step in steps if step.key == wanted), steps[0])
    triggers = list(workflow.triggers.select_related("owner").order_by("name"))
    drawn = list(graph.nodes(steps, triggers[0].name if triggers else _("Form")))
    where = steps.index(chosen)
    version.workflow = workflow  # it is at hand: readiness asks for its slug
    ready = readiness.check(version)
    return {
        "workflow": workflow,
        "version": version,
        "steps": steps,
        "step": chosen,
        "before": steps[where - 1] if where else None,
        "after": steps[where + 1] if where + 1 < len(steps) else None,
        "drawings": [graph.across(drawn, room=640), graph.down(drawn)],
        "groups": _groups(chosen),
        "metrics": measured.lately(chosen),
        "readiness": ready,
        "lacks": lacks.lines(ready, steps),
        "bar": lacks.bar(ready),
        "path": path.explain(version, steps, triggers),
        "versions": _versions(workflow),
        "triggers": triggers,
    }


def _lines(version: Version, step: Step, *, whole: bool) -> list[source.Line]:
    return source.lines(version.source, step.key) if whole else source.of_step(version.source, step.key)


def _groups(step: Step) -> list[tuple[str, list[str]]]:
    """Who may see, run and decide at a step: the rows that were resolved when it was published."""
    rows = StepGroup.objects.filter(step=step).select_related("group").order_by("group__name")
    may: dict[str, list[str]] = {}
    for row in rows:
        may.setdefault(row.may, []).append(row.group.name)
    return sorted(may.items(), key=lambda entry: MAY.get(entry[0], len(MAY)))


def _versions(workflow: Workflow) -> list[Version]:
    """The newest versions, with how many runs followed each and how many still do."""
    published = workflow.versions.exclude(status=VersionStatus.DRAFT)
    versions = published.select_related("published_by").defer("document", "source")
    counted = versions.annotate(
        runs_in_all=Count("runs"), runs_live=Count("runs", filter=Q(runs__status__in=[*RUN_LIVE]))
    )
    return list(counted.order_by("-number")[:VERSIONS])
