"""What goes live and what does not any more: publishing a draft, comparing versions, retiring a workflow."""

from typing import Any, cast

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit.actors import person
from audit.canonical import clean
from audit.models import Proposal, User
from audit.moves import IllegalMove, LostRace
from audit.proposals import CannotPropose, NotAllowed
from orchestration import control, documents, publishing, readiness, waived, waivers
from orchestration.control import CannotControl
from orchestration.documents import BadDocument
from orchestration.documents.outline import walk
from orchestration.dry import cases
from orchestration.editing import compared
from orchestration.models import Version, Workflow
from orchestration.publishing import CannotPublish
from orchestration.readiness import Finding, NotReady, Report
from orchestration.states import RUN_LIVE, VersionStatus
from orchestration.views.control import CONFLICT, LONGEST, UNPROCESSABLE, SeeOther
from orchestration.views.managed import draft_of, managed
from orchestration.waived import Waiver

DRAFT = "draft"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: HttpRequest, slug: str) -> HttpResponse:
    """What publishing comes to, with each warning; on POST it is published, or put to a second person."""
    user, workflow = managed(request, slug)
    draft = draft_of(workflow)
    if draft is None:
        messages.info(request, _("There is no draft now. Edit begins one."))
        return SeeOther(reverse("workflow", args=[slug]))
    if request.method != "POST":
        return _asked(request, draft)
    revision = request.POST.get("revision", "")
    number = int(revision) if revision.isdecimal() and len(revision) < 10 else -1
    known = request.POST.getlist("acknowledged")[:500]
    try:
        made = publishing.publish(draft.pk, revision=number, by=user, acknowledged=known)
    except (NotReady, BadDocument):
        return _asked(request, draft, UNPROCESSABLE, known=known)
    except CannotPublish as error:
        messages.error(request, str(error))
        return _asked(request, draft, CONFLICT, known=known)
    if isinstance(made, Proposal):
        messages.success(
            request, _("It waits for a second person. Who else manages this workflow finds it under Proposals.")
        )
        return SeeOther(reverse("proposal", args=[made.pk]))
    messages.success(request, _("Version %d is published. New runs follow it from now on.") % (made.number or 0))
    return SeeOther(reverse("workflow", args=[slug]))


def _asked(request: HttpRequest, draft: Version, status: int = 200, *, known: list[str] | None = None) -> HttpResponse:
    report = readiness.check(draft)
    context = {
        "workflow": draft.workflow,
        "draft": draft,
        "report": report,
        "missing": _missing(draft, report),
        "known": known or [],
        "refused": known is not None,
        "second": publishing.wants_second(draft),
        "changes": _changes(draft.base, draft, words=False) if draft.base else [],
    }
    return render(request, "orchestration/publish.html", context, status=status)


@require_POST
def ask_waiver(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask a second person to sign the waiver at a step of the draft, as it stands there."""
    user, workflow = managed(request, slug)
    draft = draft_of(workflow)
    step, back = request.POST.get("step", ""), SeeOther(reverse("publish", args=[slug]))
    waiver = _waiver(draft, step) if draft else None
    if waiver is None or waiver.until is None:
        messages.error(request, _("There is no waiver with a reason and a last day at that step."))
        return back
    try:
        made = waivers.ask(workflow, step, waiver.reason, waiver.until, by=user)
    except (CannotPropose, NotAllowed) as error:
        messages.error(request, str(error) or _("You may not ask for this."))
        return back
    messages.success(request, _("Asked. Who else manages this workflow finds it under Signatures."))
    return SeeOther(reverse("proposal", args=[made.pk]))


def _waiver(draft: Version, key: str) -> Waiver | None:
    try:
        placed = walk(documents.sketch(draft.source).document)
    except BadDocument:
        return None
    held = (waived.places(one.spec) for one in placed)
    return waived.read(next((places[key] for places in held if key in places), {}))


def _missing(draft: Version, report: Report) -> list[Finding]:
    """What keeps it from being published, without test cases that are only to be run: publishing runs them."""
    blocking = report.blocking
    if not any(one.rule == "tests" for one in blocking):
        return blocking
    document = documents.sketch(draft.source).document
    tests = document.get("tests", [])
    unrun = {("tests", number) for number, told in enumerate(cases.results(document, tests)) if told.result is None}
    return [one for one in blocking if one.path not in unrun]


@require_safe
def compare(request: HttpRequest, slug: str) -> HttpResponse:
    """What differs between two versions of a workflow, and how many runs are on each."""
    user = cast(User, request.user)
    workflow = get_object_or_404(Workflow.objects.allowed(user, "view"), slug=slug)
    manages = workflow.pk in Workflow.objects.ids_allowed(user, "manage")
    versions = list(_counted(workflow, drafts=manages))
    if not versions:
        raise Http404
    after = _chosen(versions, request.GET.get("to", ""), 0)
    before = _chosen(versions, request.GET.get("from", ""), min(1, len(versions) - 1))
    try:
        found = _changes(before, after, words=True)
        problem = ""
    except BadDocument as error:
        found, problem = [], str(error)
    context = {
        "workflow": workflow,
        "versions": versions,
        "before": before,
        "after": after,
        "changes": found,
        "problem": problem,
    }
    return render(request, "orchestration/compare.html", context)


def _counted(workflow: Workflow, *, drafts: bool) -> Any:
    shown = workflow.versions.all() if drafts else workflow.versions.exclude(status=VersionStatus.DRAFT)
    counted = shown.select_related("published_by").annotate(
        runs_in_all=Count("runs"), runs_live=Count("runs", filter=Q(runs__status__in=[*RUN_LIVE]))
    )
    return counted.order_by("status", "-number")[:200]


def _chosen(versions: list[Version], said: str, otherwise: int) -> Version:
    for one in versions:
        if (one.number is None and said == DRAFT) or (one.number is not None and said == str(one.number)):
            return one
    if said:
        raise Http404
    return versions[otherwise]


def _changes(before: Version | None, after: Version, *, words: bool) -> list[compared.StepChange]:
    return compared.changes(_document(before), _document(after), words=words) if before else []


def _document(version: Version) -> dict[str, Any]:
    return version.document or documents.sketch(version.source).document


@require_POST
def retire(request: HttpRequest, slug: str) -> HttpResponse:
    """Take no more runs, for a reason; what is under way goes on."""
    user, workflow = managed(request, slug)
    why = str(clean(request.POST.get("why", ""))[0]).strip()[:LONGEST]
    if not why:
        messages.error(request, _("Say why: the record keeps it."))
        return SeeOther(reverse("workflow", args=[slug]) + "#retire")
    try:
        control.retire_workflow(workflow, actor=person(user), why=why)
        messages.success(request, _("%s is retired: it takes no more runs.") % workflow.name)
    except (IllegalMove, LostRace, CannotControl) as error:
        messages.error(request, str(error))
    return SeeOther(reverse("workflow", args=[slug]))


@require_POST
def use(request: HttpRequest, slug: str) -> HttpResponse:
    """Put a retired workflow in use again."""
    user, workflow = managed(request, slug)
    try:
        control.use_workflow(workflow, actor=person(user))
        messages.success(request, _("%s takes runs again.") % workflow.name)
    except (IllegalMove, LostRace, CannotControl) as error:
        messages.error(request, str(error))
    return SeeOther(reverse("workflow", args=[slug]))
