"""The editor of drafts: one form, the text and the graph are three views of one document."""

from dataclasses import dataclass
from typing import cast

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit import differences
from audit.models import User
from orchestration import drafts
from orchestration.documents import BadDocument
from orchestration.documents.writing import CannotWrite
from orchestration.drafts import CannotEdit
from orchestration.editing import changing, deriving, page, steps
from orchestration.editing.changing import Changed, NoSuchStep
from orchestration.editing.page import Asked
from orchestration.editing.steps import CannotChange
from orchestration.models import Aside, Version, Workflow
from orchestration.states import VersionStatus
from orchestration.views.control import CONFLICT, UNPROCESSABLE, SeeOther
from orchestration.views.managed import draft_of, managed

TRIES = 4  # times that a text is made, while others save
BY_SCRIPT = "X-Editor"  # a save by the page's own script: it takes the pieces that changed out of the answer


@never_cache
@require_safe
def show(request: HttpRequest, slug: str) -> HttpResponse:
    """The draft of a workflow."""
    user, workflow = managed(request, slug)
    draft = draft_of(workflow)
    if draft is None:
        messages.info(request, _("There is no draft now. Edit begins one."))
        return SeeOther(reverse("workflow", args=[slug]))
    if "state" in request.GET:
        return _state(draft, user)
    return _page(request, draft, user, Asked.of(request.GET))


@require_POST
def begin(request: HttpRequest, slug: str) -> HttpResponse:
    """Begin a draft, or open the one that is there. With `from`, it begins as that older version."""
    user, workflow = managed(request, slug)
    wanted = request.POST.get("from", "")
    if not wanted:
        drafts.draft_of(workflow, by=user)
        return SeeOther(reverse("editor", args=[slug]))
    base = _numbered(workflow, wanted)
    with transaction.atomic():
        before = draft_of(workflow)
        if before is None:
            drafts.draft_of(workflow, by=user, base=base)
    if before is not None:
        messages.warning(
            request, _("There is a draft already. Publish it or put it away before you restore a version.")
        )
    else:
        messages.success(request, _("The draft begins as version %d was.") % (base.number or 0))
    return SeeOther(reverse("editor", args=[slug]))


@require_POST
def save(request: HttpRequest, slug: str) -> HttpResponse:
    """Save what was sent: the text, or the fields of one step; then carry out `do`, which adds or moves steps."""
    user, workflow = managed(request, slug)
    draft = draft_of(workflow)
    if draft is None:
        return _gone(request, workflow)
    asked = Asked.of(request.POST)
    try:
        if "source" in request.POST:
            return _save_text(request, draft, user, asked)
        return _save_fields(request, draft, user, asked)
    except CannotEdit as error:
        messages.error(request, str(error))
        return _page(request, draft, user, asked, UNPROCESSABLE)


def _save_text(request: HttpRequest, draft: Version, user: User, asked: Asked) -> HttpResponse:
    revision = request.POST.get("revision", "")
    number = int(revision) if revision.isdecimal() and len(revision) < 10 else -1
    saved = drafts.save(draft.pk, request.POST["source"], revision=number, by=user)
    if saved.aside is not None:
        messages.warning(request, _told_aside(saved.draft))
        return _answer(request, saved.draft, user, asked, CONFLICT)
    return _answer(request, saved.draft, user, asked)


def _save_fields(request: HttpRequest, draft: Version, user: User, asked: Asked) -> HttpResponse:
    """Make the new text outside of any transaction, and save it if the draft is still the one that it was made of."""
    for _again in range(TRIES):
        came = Made.of(draft.source, asked.key, request.POST)
        saved = drafts.edit(draft, came.source, by=user)
        if saved is not None:
            break
        draft = draft_of(draft.workflow) or draft
    else:
        raise CannotEdit(_("Others save all the time. Nothing of yours was saved; send it once more."))
    if came.changed is not None and came.changed.clashed:
        drafts.set_aside(saved, came.changed.ours, revision=draft.revision, by=user)
        messages.warning(request, _told_aside(saved))
    if came.told:
        messages.error(request, came.told)
    asked = Asked(asked.view, came.key, asked.run)
    if came.changed is not None and came.changed.problems:
        return _page(request, saved, user, asked, UNPROCESSABLE, sent=request.POST, made=came.changed)
    clashed = came.changed is not None and bool(came.changed.clashed)
    return _answer(request, saved, user, asked, CONFLICT if came.told or clashed else 200)


@dataclass(frozen=True, slots=True)
class Made:
    """What a form makes of a text: the new one, the step to look at, and a sentence on what could not be done."""

    source: str
    key: str
    changed: Changed | None = None
    told: str = ""

    @classmethod
    def of(cls, source: str, key: str, sent: QueryDict) -> "Made":
        """First the fields, then what `do` says; nothing is added or moved while a field is wrong."""
        try:
            changed = changing.change(source, key, sent)
        except (NoSuchStep, BadDocument):
            return cls(source, key, told=_("What you wrote in the form has no place any more: the step is gone."))
        if "do" not in sent or changed.problems:
            return cls(changed.source, changed.key, changed)
        try:
            source, key = _carry_out(changed.source, sent.get("do", ""), sent)
        except NoSuchStep:
            return cls(changed.source, changed.key, changed, _("That step is not there any more."))
        except (CannotChange, CannotWrite, BadDocument) as error:
            return cls(changed.source, changed.key, changed, str(error))
        return cls(source, key, changed)


def _carry_out(source: str, do: str, sent: QueryDict) -> steps.Edited:
    verb, _colon, key = do.partition(":")
    if verb == "add":
        return steps.add(source, sent.get("kind", ""), sent.get("where", ""))
    if verb in {steps.UP, steps.DOWN}:
        return steps.move(source, key, verb)
    if verb == "move":
        return steps.move(source, key, sent.get("to", ""))
    if verb == "copy":
        return steps.copy(source, key)
    if verb == "contract":
        return deriving.contract(source, key)
    if verb == "remove":
        return steps.remove(source, key)
    raise CannotChange(_("That is nothing that can be done to a step."))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def aside(request: HttpRequest, pk: int) -> HttpResponse:
    """A text that was kept because somebody else had saved: beside the draft as it is, to be taken or dropped."""
    user = cast(User, request.user)
    found = get_object_or_404(Aside.objects.select_related("version__workflow", "by"), pk=pk, closed_at=None)
    workflow = managed(request, found.version.workflow.slug)[1]
    draft = found.version
    back = reverse("editor", args=[workflow.slug])
    if request.method != "POST":
        lines = differences.lines(draft.source, found.source)
        context = {"aside": found, "draft": draft, "workflow": workflow, "lines": lines}
        return render(request, "orchestration/aside.html", context)
    if request.POST.get("do") == "drop":
        drafts.drop(found)
        messages.success(request, _("The text is put away."))
        return SeeOther(back)
    revision = request.POST.get("revision", "")
    try:
        taken = drafts.take(found, by=user, revision=int(revision) if revision.isdecimal() else -1)
    except CannotEdit as error:
        messages.error(request, str(error))
        return SeeOther(reverse("workflow", args=[workflow.slug]))
    if taken.aside is not None:
        drafts.drop(taken.aside)  # it is the same text, which is kept already
        messages.warning(request, _("The draft was changed once more. Look at both again."))
        return SeeOther(reverse("aside", args=[pk]))
    messages.success(request, _("The draft is now this text."))
    return SeeOther(back)


@require_POST
def discard(request: HttpRequest, slug: str) -> HttpResponse:
    """Put the draft away."""
    user, workflow = managed(request, slug)
    draft = draft_of(workflow)
    if draft is not None:
        try:
            drafts.discard(draft.pk, by=user)
            messages.success(request, _("The draft is put away. That it was stands in the record."))
        except CannotEdit as error:
            messages.error(request, str(error))
    return SeeOther(reverse("workflow", args=[slug]))


def _told_aside(draft: Version) -> str:
    who = draft.edited_by or draft.created_by
    return _("%s saved meanwhile. What you wrote there is kept beside the draft, and nothing is lost.") % who


def _answer(request: HttpRequest, draft: Version, user: User, asked: Asked, status: int = 200) -> HttpResponse:
    """The page for the script that saved; for a browser without it, the way there."""
    if BY_SCRIPT in request.headers:
        return _page(request, draft, user, asked, status)
    query = {"view": asked.view, "step": asked.key} | ({"run": str(asked.run)} if asked.run else {})
    return SeeOther(reverse("editor", args=[draft.workflow.slug], query=query))


def _page(
    request: HttpRequest,
    draft: Version,
    user: User,
    asked: Asked,
    status: int = 200,
    *,
    sent: QueryDict | None = None,
    made: Changed | None = None,
) -> HttpResponse:
    context = page.context(draft, user, asked, sent=sent, made=made)
    if BY_SCRIPT not in request.headers:
        return render(request, "orchestration/editor.html", context, status=status)
    answer = render(request, "orchestration/editor.html", context)
    answer[BY_SCRIPT] = str(status)  # to a browser an expected refusal would be an error to report
    return answer


def _state(draft: Version, user: User) -> HttpResponse:
    """How the draft stands, for the page that waits for others to save."""
    who = draft.edited_by
    said = {"revision": draft.revision, "by": str(who or ""), "mine": who is None or who.pk == user.pk}
    return JsonResponse(said)


def _gone(request: HttpRequest, workflow: Workflow) -> HttpResponse:
    messages.error(
        request, _("This draft was published or put away meanwhile. Begin a new one, and take your text over.")
    )
    return render(
        request, "orchestration/draft_gone.html", {"workflow": workflow, "sent": request.POST}, status=CONFLICT
    )


def _numbered(workflow: Workflow, number: str) -> Version:
    if not number.isdecimal() or len(number) > 9:
        raise Http404
    return get_object_or_404(workflow.versions.exclude(status=VersionStatus.DRAFT), number=int(number))
