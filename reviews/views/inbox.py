"""The reviewer's inbox: the list with one item beside it, and the three acts on an item."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from audit.clock_time import now
from orchestration.uploads import takes_files
from reviews import decisions, drafts
from reviews.desk import fields, queue_page, refused, submissions
from reviews.desk import further as further_rows
from reviews.desk.item_page import Words
from reviews.desk.submissions import NotUnderstood
from reviews.models import Review
from reviews.signing import asking
from reviews.views import page
from reviews.views.page import SeeOther


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """The list; on a wide screen with its first item, or the one named by `open`, beside it."""
    return page.show(request, None)


@require_safe
def further(request: HttpRequest) -> HttpResponse:
    """The rows behind those that a page of the list shows; 204 where that page has to be asked for anew."""
    found = further_rows.read(page.reader(request), request.GET, now())
    return render(request, "reviews/_inbox_further.html", {"further": found}) if found else HttpResponse(status=204)


@require_safe
def item(request: HttpRequest, pk: int) -> HttpResponse:
    """One item, with the list beside it on a wide screen."""
    review = get_object_or_404(page.seen(request), pk=pk)
    if request.headers.get("HX-Target") == "standing":
        return page.standing(request, review)
    if request.headers.get("HX-Target") == "who":
        return page.attending(request, review)
    return page.show(request, review)


@require_POST
@takes_files
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve, reject or send back exactly what was shown."""
    review, user = get_object_or_404(page.seen(request), pk=pk), page.reader(request)
    try:
        sent = submissions.read(request.POST, request.FILES, review, user)
    except NotUnderstood as error:
        return _not_understood(request, error)
    if "back" in request.POST:  # from the page that asks for a signature
        return page.show(request, review, Words(reason=sent.reason))
    goes_on = request.POST.get("next") == "on"
    if goes_on != page.opens_next(request):
        request.session[page.OPEN_NEXT] = goes_on
    try:
        submissions.answer(sent, review, by=user)
        signature = asking.sign(request, review, sent, by=user) if review.signs else None
        submissions.decide(sent, review, by=user, signature=signature)
    except asking.Unsigned as unsigned:
        return asking.show(request, unsigned, reader=user)
    except refused.REFUSALS as error:
        words = Words(reason=sent.reason, form=sent.asked.typed)
        return _refuse(request, error, review, words, shown=sent.shown)
    kept = [f"review-{pk}", f"draft-{pk}"]
    if page.is_ahead(request):
        return page.told(request, review, kept=kept)
    request.session[page.KEPT] = kept
    queue = queue_page.begun(user, request.GET, now())
    opened = queue_page.following(queue, review) if goes_on else pk
    return SeeOther(page.address(request, opened))


@require_POST
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep an edit, or throw it away. Nothing is decided."""
    review = get_object_or_404(page.seen(request), pk=pk)
    posted = fields.Posted(values=review.arguments) if "discard" in request.POST else None
    posted = posted or fields.read(request.POST, review)
    if posted is None:
        return _not_understood(request, NotUnderstood(_("The form lacks a field. Nothing was saved.")))
    if {"add", "remove"} & set(request.POST):
        values = fields.with_entries(review, posted, request.POST)
        return page.show(request, review, Words(values=values, editing=True))
    words = Words(texts=posted.texts or None, values=posted.values, problems=posted.problems, editing=True)
    try:
        kept = drafts.keep(review, posted, by=page.reader(request))
    except refused.REFUSALS as error:
        return _refuse(request, error, review, words, shown=posted.values)
    if not kept and "discard" not in request.POST:
        messages.info(request, _("Nothing differs from what was written, so no draft is kept."))
    request.session[page.KEPT] = [f"draft-{pk}"]
    return SeeOther(page.address(request, pk))


@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one's own decision back while its window is open."""
    review = get_object_or_404(page.seen(request), pk=pk)
    try:
        decisions.undo(pk, by=page.reader(request))
    except decisions.AlreadyDecided:
        told = _("Too late to undo: the time was over, and what was decided is being carried out.")
        return page.show(request, review, Words(refusal=told), status=refused.CONFLICT)
    except decisions.NotAllowed:
        told = _("There is nothing of yours to undo here. Only the one who decided can take it back.")
        return page.show(request, review, Words(refusal=told), status=refused.FORBIDDEN)
    messages.success(request, _("Taken back. It waits for a decision again, and your words are kept."))
    return SeeOther(page.address(request, pk))


def _refuse(
    request: HttpRequest, error: Exception, review: Review, words: Words, *, shown: dict[str, Any] | None
) -> HttpResponse:
    """The page again: what was wrong, and everything that was typed."""
    status = refused.explain(error, words, review, page.reader(request), shown)
    if page.is_ahead(request):
        return page.told(request, review, words=words, status=status)
    return page.show(request, get_object_or_404(page.seen(request), pk=review.pk), words, status=status)


def _not_understood(request: HttpRequest, error: NotUnderstood) -> HttpResponse:
    return render(request, "400.html", {"told": str(error)}, status=400)
