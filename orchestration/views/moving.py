"""Moving runs to another version: what it would come to for each, and the move."""

from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit.canonical import clean
from audit.models import User
from audit.pages import SIZE
from audit.pages import page as paged
from orchestration.models import Run, Version, Workflow
from orchestration.models.runs import RunQuerySet
from orchestration.moving import doing
from orchestration.moving.doing import CannotMove
from orchestration.moving.judging import plan
from orchestration.moving.preview import Preview
from orchestration.views.control import LONGEST, UNPROCESSABLE

VERSIONS = 50  # of which one may choose


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """The live runs on one version, each with what going to another would come to; on POST those chosen are moved."""
    user = cast(User, request.user)
    seen = Workflow.objects.allowed(user, "view").select_related("current__workflow", "owner")
    workflow = get_object_or_404(seen, slug=slug)
    if not doing.may_move(user, workflow):
        raise PermissionDenied
    if request.method != "POST":
        return _shown(request, workflow)
    version = _between(request, workflow)[1]
    chosen = {int(pk): request.POST.get(f"seen-{pk}", "")[:64] for pk in _chosen(request)}
    reason = str(clean(request.POST.get("reason", "").strip())[0])[:LONGEST]
    if version is None or not chosen:
        return _shown(request, workflow, status=UNPROCESSABLE, refused=_("Choose the runs, and where they go."))
    own = set(_live(user, workflow).filter(pk__in=chosen).values_list("pk", flat=True))
    try:
        came = doing.move_runs({pk: chosen[pk] for pk in own}, version, by=user, reason=reason)
    except CannotMove as error:
        return _shown(request, workflow, status=UNPROCESSABLE, refused=str(error))
    return _shown(request, workflow, came=came)


def _live(user: User, workflow: Workflow) -> RunQuerySet:
    return Run.objects.seen_by(user).live().filter(workflow=workflow)


def _chosen(request: HttpRequest) -> list[str]:
    found = request.POST.getlist("run")[:SIZE]
    return [pk for pk in found if pk.isascii() and pk.isdigit() and len(pk) < 19]


def _between(request: HttpRequest, workflow: Workflow) -> tuple[Version | None, Version | None]:
    """The versions that are named: from which, and to which; to the current one where nothing is said."""
    given = request.POST if request.method == "POST" else request.GET
    found = [_version(workflow, given.get(name, "")) for name in ("from", "to")]
    to = found[1] if found[1] is not None or given.get("to") else workflow.current
    return found[0], to


def _version(workflow: Workflow, number: str) -> Version | None:
    if not number:
        return None
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise Http404
    return get_object_or_404(workflow.versions.select_related("workflow"), number=int(number))


def _shown(
    request: HttpRequest, workflow: Workflow, *, status: int = 200, refused: str = "", came: Any = ()
) -> HttpResponse:
    start, to = _between(request, workflow)
    live = _live(cast(User, request.user), workflow)
    left = dict(live.order_by().values_list("version__number", "version").distinct()[:VERSIONS])
    if start is None:
        others = sorted(number for number in left if number and (to is None or number != to.number))
        start = _version(workflow, str(others[-1])) if others else None
    runs = live.filter(version=start) if start else live.none()
    shown = paged(request.GET, lambda before, after, most: _part(runs, before, after, most), lambda run: run.pk)
    previews: list[Preview] = plan(shown.rows, to) if to and start and start != to else []
    versions = workflow.versions.filter(number__isnull=False).defer("source", "document")[:VERSIONS]
    context = {
        "workflow": workflow,
        "versions": versions,
        "left": left,
        "start": start,
        "to": to,
        "page": shown,
        "previews": previews,
        "movable": sum(one.may_move for one in previews),
        "all": "all" in request.GET,
        "kept": set(_chosen(request)) if refused else set(),
        "reason": request.POST.get("reason", "")[:LONGEST] if refused else "",
        "longest": LONGEST,
        "came": came,
        "refused": refused,
    }
    return render(request, "orchestration/move.html", context, status=status)


def _part(runs: Any, before: int | None, after: int | None, most: int) -> list[Run]:
    found = runs.select_related("version__workflow", "workflow").defer("result")
    if after is not None:
        return list(found.filter(pk__gt=after).order_by("pk")[:most])
    return list((found.filter(pk__lt=before) if before is not None else found).order_by("-pk")[:most])
